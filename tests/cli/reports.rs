//! Reports: formats, languages, charts, and permissions.

use crate::common::{self, Run, World};
use serde_json::{Value, json};

over_both!(
    a_report_about_nothing_has_zeros,
    a_report_counts_what_was_filed_and_answered,
    groups_of_a_report_are_keys_and_rows,
    a_report_is_readable_in_every_format,
    a_report_covers_a_period,
    a_report_is_for_the_staff_about_its_own_departments,
);

/// Runs `report summary` as the analyst.
fn summary(world: &World, more: &[&str]) -> Run {
    world.by("analyst").run(["report", "summary"].iter().chain(more))
}

/// Returns the number of filed appeals in a report.
fn filed(world: &World, period: &[&str]) -> String {
    summary(world, &[period, &["--jq", ".total.filed"]].concat()).ok().line().to_owned()
}

/// Files a complaint that is answered and rated, a request, and a draft.
fn some(world: &World) {
    let first = world.filed();
    world.filed_with(&["--kind", "request", "--region", "Тверь"]);
    world.filed_with(&["--draft"]);
    world.by("operator").run(["operator", "take", &first]).ok();
    let answer = ["operator", "answer", &first, "--decision", "granted", "--text", "Яма заделана 5 ноября."];
    world.by("operator").run(answer).ok();
    world.run(["confirm", &first]).ok();
    world.run(["rate", &first, "--score", "4"]).ok();
}

fn a_report_about_nothing_has_zeros(world: &World) {
    let nothing = summary(world, &["-o", "json"]).ok().json();
    assert_eq!((&nothing["groups"], &nothing["total"]["filed"]), (&json!([]), &json!(0)));
    assert_eq!(nothing["total"]["time_to_decision"], json!({ "count": 0, "median": null, "p95": null }));
}

fn a_report_counts_what_was_filed_and_answered(world: &World) {
    some(world);
    let report = summary(world, &["--by", "kind", "-o", "json"]).ok().json();
    let total = &report["total"];
    for (name, count) in
        [("filed", 2), ("answered", 1), ("in_time", 1), ("overdue", 0), ("solved", 1), ("outcomes", 1)]
    {
        assert_eq!(total[name], count, "{name}: {total}");
    }
    assert_eq!(total["satisfaction"], json!({ "count": 1, "mean": 4.0 }));
    assert_eq!(total["share_solved"], 1.0);
    assert_eq!(report["groups"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["groups"][0]["title"]["ru"], "Жалоба");
}

/// Rows for a spreadsheet: one for each group, and the total at the end.
fn groups_of_a_report_are_keys_and_rows(world: &World) {
    some(world);
    assert_eq!(summary(world, &["--by", "kind", "-q"]).ok().out(), "complaint\nrequest\n");
    let csv = summary(world, &["--by", "region", "-o", "csv", "--lang", "ru"]).ok();
    let lines = csv.lines();
    assert!(lines[0].starts_with("key,title,filed,answered,in_time,overdue,"), "{lines:?}");
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().any(|l| l.starts_with("Тверь,Тверь,1,0,")), "{lines:?}");
    assert!(lines.iter().any(|l| l.starts_with(",Регион не указан,1,1,")), "{lines:?}");
    assert!(lines[3].starts_with("total,Всего,2,1,"), "{lines:?}");
}

fn a_report_is_readable_in_every_format(world: &World) {
    some(world);
    let lines = summary(world, &["-o", "jsonl"]).ok().jsonl();
    assert_eq!(lines.last().map(|line| &line["key"]), Some(&json!("total")));
    let wide = world.by("analyst").env("COLUMNS", "200");
    let table = wide.run(["report", "summary", "-o", "table", "--by", "department", "--lang", "ru"]).ok();
    assert!(table.out().contains("Департамент") && table.out().contains("Всего"), "{table:?}");
    summary(world, &["--by", "weather"]).code(2);
    summary(world, &["--columns", "nothing"]).code(2);
}

/// Days, and durations back from now. The day of `--to` is included.
fn a_report_covers_a_period(world: &World) {
    world.filed();
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
    let today = jiff::Timestamp::now().to_zoned(zone);
    let day = |ago: i64| today.checked_sub(jiff::Span::new().days(ago)).unwrap().date().to_string();
    assert_eq!(filed(world, &["--from", &day(1), "--to", &day(0)]), "1");
    assert_eq!(filed(world, &["--to", "2026-01-01"]), "0");
    assert_eq!(filed(world, &["--from", "1h"]), "1");
    summary(world, &["--from", "2026-02-01", "--to", "2026-01-01"]).code(3);
}

fn a_report_is_for_the_staff_about_its_own_departments(world: &World) {
    world.filed();
    world.run(["report", "summary"]).code(4);
    let own = world.by("operator-taxes").run(["report", "summary", "--jq", ".total.filed"]).ok();
    assert_eq!(own.line(), "0");
}

#[test]
fn charts_are_whole_and_replace_nothing() {
    let world = World::local();
    // In this category, the region does not decide who answers.
    let filed = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "technical"];
    world.run(filed.iter().chain(&["--region", "<script>alert('x')</script> & \"регион\""])).ok();
    let analyst = world.by("analyst");
    for name in ["по регионам.svg", "report.html"] {
        let path = world.join(name);
        let draw = ["report", "summary", "--by", "region", "--lang", "ru", "--chart", &path];
        let run = analyst.run(draw).ok();
        assert!(run.stderr.contains(&path), "{run:?}");
        let drawn = std::fs::read_to_string(&path).expect("a chart");
        assert!(drawn.contains("lang=\"ru\"") && drawn.contains("Обращения по регионам"), "{drawn}");
        assert!(drawn.contains("&lt;script&gt;") && !drawn.contains("<script"), "{drawn}");
        assert!(drawn.contains("prefers-color-scheme:dark") && drawn.trim_end().ends_with('>'));
        // An existing file is not replaced by accident.
        std::fs::write(&path, "mine").expect("written");
        assert_eq!(analyst.run([&draw[..], &["-o", "json"]].concat()).code(3).error()["code"], "exists");
        assert_eq!(std::fs::read_to_string(&path).expect("it"), "mine");
        let quiet = analyst.run([&draw[..], &["--force", "-q"]].concat()).ok();
        assert_eq!(quiet.line(), path);
        assert_ne!(std::fs::read_to_string(&path).expect("it"), "mine");
    }
    analyst.run(["report", "summary", "--chart", &world.join("report.png")]).code(2);
    analyst.run(["report", "summary", "--chart", &world.join("nowhere/report.svg")]).code(3);
    // JSON goes to stdout as always, and nothing else to stderr.
    let run = analyst.run(["report", "summary", "--json", "--chart", &world.join("a.svg")]).ok();
    assert_eq!(run.json()["total"]["filed"], Value::from(1));
    assert!(run.stderr.is_empty(), "{run:?}");
    // An empty chart is not a failure.
    let empty = world.join("empty.svg");
    analyst.run(["report", "summary", "--to", "2020-01-01", "--chart", &empty]).ok();
    assert!(std::fs::read_to_string(&empty).expect("a chart").contains("No appeals were filed"));
}
