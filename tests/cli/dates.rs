//! Dates as people type them, and due dates as people see them.

use crate::common::{Person, World};

/// Files an appeal whose decision is due on 1 March 2027; returns its number.
fn due_on_the_first_of_march(world: &World) -> String {
    let n = world.filed();
    let operator = world.by("operator").env("TZ", "Europe/Moscow");
    operator
        .run([
            "operator",
            "extend",
            &n,
            "--to",
            "2027-03-01",
            "--reason",
            "Обследование назначено на 1 марта",
        ])
        .ok();
    n
}

fn moscow(world: &World) -> Person {
    world.by("applicant").env("TZ", "Europe/Moscow")
}

fn novosibirsk(world: &World) -> Person {
    world.by("applicant").env("TZ", "Asia/Novosibirsk")
}

over_both!(
    json_has_the_moment_and_the_day,
    a_list_shows_the_day_that_ends,
    a_card_shows_the_end_of_the_day,
    a_reader_in_another_zone_sees_the_day_and_the_zone_of_the_department,
    a_notice_names_the_day_that_ends,
    changes_name_the_day_that_ends,
    a_refusal_names_the_day_that_ends,
    a_pdf_names_the_day_that_ends,
);

fn json_has_the_moment_and_the_day(world: &World) {
    let card = world.card("applicant", &due_on_the_first_of_march(world));
    assert_eq!((&card["due_at"], &card["due_on"]), (&"2027-03-01T21:00:00Z".into(), &"2027-03-01".into()));
    assert_eq!(card["time_zone"], "Europe/Moscow");
    let decision = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "decision").unwrap();
    assert_eq!(decision["due_on"], "2027-03-01");
}

fn a_list_shows_the_day_that_ends(world: &World) {
    due_on_the_first_of_march(world);
    for person in [moscow(world), novosibirsk(world)] {
        let list = person.run(["list", "-o", "table", "--columns", "due_at"]).ok();
        assert!(list.out().contains("2027-03-01") && !list.out().contains("2027-03-02"), "{}", list.out());
    }
}

fn a_card_shows_the_end_of_the_day(world: &World) {
    let n = due_on_the_first_of_march(world);
    let card = moscow(world).run(["show", &n, "-o", "table"]).ok();
    assert_eq!(card.out().matches("2027-03-01 24:00\n").count(), 1, "{}", card.out());
    assert!(card.out().contains("2027-03-01 24:00  ") && !card.out().contains("UTC"), "{}", card.out());
}

fn a_reader_in_another_zone_sees_the_day_and_the_zone_of_the_department(world: &World) {
    let n = due_on_the_first_of_march(world);
    let card = novosibirsk(world).run(["show", &n, "-o", "table"]).ok();
    assert!(card.out().contains("2027-03-01 24:00 (UTC+3)"), "{}", card.out());
    assert!(!card.out().contains("2027-03-02"), "{}", card.out());
    let deadlines = novosibirsk(world).run(["deadline", &n, "-o", "table"]).ok();
    assert!(
        deadlines.out().contains("2027-03-01 24:00") && deadlines.out().contains("(UTC+3)"),
        "{deadlines:?}"
    );
}

fn a_notice_names_the_day_that_ends(world: &World) {
    let n = due_on_the_first_of_march(world);
    let list = ["notifications", "list", "--number", &n, "-o", "json"];
    let notices = world.run(list).ok().json();
    let extended = notices.as_array().unwrap().iter().find(|notice| notice["event"] == "extended").unwrap();
    assert!(extended["text"].as_str().unwrap().contains("2027-03-01 24:00 (UTC+3)"), "{extended}");
    assert_eq!(
        (&extended["due_on"], &extended["time_zone"]),
        (&"2027-03-01".into(), &"Europe/Moscow".into())
    );
}

fn changes_name_the_day_that_ends(world: &World) {
    due_on_the_first_of_march(world);
    let changes = novosibirsk(world).run(["changes", "--since", "1h", "-o", "jsonl"]).ok();
    assert!(changes.out().contains("2027-03-01 24:00 (UTC+3)"), "{}", changes.out());
}

fn a_refusal_names_the_day_that_ends(world: &World) {
    let n = due_on_the_first_of_march(world);
    let early = ["escalate", &n, "--level", "senior", "--grounds", "overdue", "--reason", "Ответа нет"];
    let refused = novosibirsk(world).run(early).code(6);
    assert!(refused.stderr.contains("2027-03-01 24:00 (UTC+3)"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("21:00:00Z"), "{}", refused.stderr);
}

fn a_pdf_names_the_day_that_ends(world: &World) {
    let n = due_on_the_first_of_march(world);
    let path = world.join("card.pdf");
    world.run(["export", &n, "--to", &world.join("out")]).ok();
    let found = std::process::Command::new("sh")
        .args(["-c", "find out -name '*.pdf' | head -1 | xargs -I{} cp {} card.pdf"])
        .current_dir(world.path())
        .status();
    assert!(found.unwrap().success());
    let text = std::process::Command::new("pdftotext").args(["-layout", &path, "-"]).output();
    // Without the tool, the tests of the PDF itself remain.
    let Ok(text) = text else { return };
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("2027-03-01 24:00 (UTC+3)"), "{text}");
}

#[test]
fn hours_are_those_of_the_department_without_zone_files() {
    let world = World::local();
    let forecast = ["deadline", "--at", "2026-11-06T17:30:00+03:00", "--jq", ".[] | .due_at"];
    let bare = world.by("applicant").env("TZDIR", world.join("nowhere")).env("TZ", "Europe/Moscow");
    assert_eq!(bare.run(forecast).ok().out(), world.run(forecast).ok().out());
    let local = bare.run(["deadline", "--at", "2026-11-06 17:30", "--jq", ".[] | .due_at"]).ok();
    assert_eq!(local.out(), world.run(forecast).ok().out());
}

#[test]
fn an_unknown_zone_is_an_error() {
    let world = World::local();
    let lost = world.by("applicant").env("TZ", "Mars/Olympus").run(["list"]).code(10);
    assert!(lost.stderr.contains("Mars/Olympus") && lost.stderr.contains("Europe/Moscow"), "{}", lost.stderr);
}

#[test]
fn zones_are_given_in_every_usual_form() {
    let world = World::local();
    for zone in ["Europe/Moscow", ":Europe/Moscow", "MSK-3", "/usr/share/zoneinfo/Europe/Moscow", "", "UTC0"]
    {
        world.by("applicant").env("TZ", zone).run(["list"]).ok();
    }
}

const WHENS: [&str; 22] = [
    "2026-11-01",
    "01.11.2026",
    "1 ноября 2026",
    "1 Nov 2026",
    "2026-11",
    "ноябрь 2026",
    "2026-11-01 14:30",
    "01.11.2026 9:05",
    "2026-11-01T14:30:00+03:00",
    "01.11.2026 14:30 МСК",
    "1 ноября 2026 14:30 Asia/Novosibirsk",
    "now",
    "today",
    "yesterday",
    "monday",
    "сегодня",
    "вчера",
    "понедельник",
    "7d",
    "2w",
    "36h",
    "1h30m",
];

#[test]
fn every_filter_by_time_reads_one_grammar() {
    let world = World::local();
    for when in WHENS {
        world.run(["list", "--since", when, "-q"]).ok();
        world.run(["list", "--until", when, "-q"]).ok();
        world.run(["changes", "--since", when, "-q"]).ok();
        world.run(["notifications", "list", "--since", when, "-q"]).ok();
        world.run(["deadline", "--at", when, "-q"]).ok();
        world.by("analyst").run(["report", "summary", "--from", when, "-q"]).ok();
    }
}

#[test]
fn every_time_of_a_problem_reads_the_same_grammar() {
    let world = World::local();
    for when in WHENS {
        let run = world.run([
            "create",
            "--draft",
            "--subject",
            "Яма",
            "--text",
            "Яма.",
            "--occurred",
            when,
            "-o",
            "json",
        ]);
        let stored = run.ok().json()["occurred_at"].as_str().unwrap().to_owned();
        assert!(stored.starts_with("202"), "{when}: {stored}");
    }
}

#[test]
fn a_month_lasts_to_its_last_day() {
    let world = World::local();
    world.filed();
    let this_month = jiff::Timestamp::now().strftime("%Y-%m").to_string();
    let counted = |flag: &str| world.run(["list", flag, &this_month, "-q"]).ok().lines().len();
    assert_eq!((counted("--since"), counted("--until")), (1, 1));
}

#[test]
fn a_due_date_in_days_ends_with_its_day() {
    let world = World::local();
    let n = world.filed();
    let operator = world.by("operator").env("TZ", "Europe/Moscow");
    let asked =
        operator.run(["operator", "ask", &n, "--text", "Где?", "--due", "3d", "-o", "json"]).ok().json();
    let due = asked["clarification"]["due_at"].as_str().unwrap();
    assert!(due.ends_with("T21:00:00Z"), "{due}");
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
    let last = jiff::Timestamp::now().to_zoned(zone).date() + jiff::Span::new().days(3);
    assert_eq!(asked["clarification"]["due_on"], last.to_string());
}

/// One row with this time.
fn row(world: &World, occurred: &str) -> String {
    world.file(
        "rows.csv",
        format!(
            "subject;text;category;occurred\nНет света у дома 3;С 17 ноября 2026 года нет света. Прошу \
             починить.;roads.lighting;{occurred}\n"
        ),
    )
}

#[test]
fn times_of_a_table_are_those_of_flags() {
    let world = World::local();
    let times = [
        ("17.11.2026", "2026-11-17"),
        ("17.11.2026 9:05", "2026-11-17T09:05:00"),
        ("17.11.2026 09:05:00", "2026-11-17T09:05:00"),
        ("17 ноября 2026", "2026-11-17"),
        ("2026-11-17T09:05:00+03:00", "2026-11-17T09:05:00+03:00"),
        ("2026-11", "2026-11"),
    ];
    for (n, (occurred, stored)) in times.into_iter().enumerate() {
        let file = row(&world, occurred);
        let journal = world.join(&format!("{n}.jsonl"));
        let filed = world.run(["batch", "submit", &file, "--journal", &journal, "-q"]).ok();
        assert_eq!(world.card("applicant", filed.line())["occurred_at"], stored, "{occurred}");
    }
}

#[test]
fn a_table_has_no_relative_times() {
    let world = World::local();
    for occurred in ["вчера", "yesterday", "monday", "7d", "now"] {
        let refused = world.run(["batch", "submit", &row(&world, occurred)]).code(3);
        assert!(refused.stderr.contains("depends on the day"), "{occurred}: {}", refused.stderr);
    }
}

#[test]
fn a_record_file_has_no_relative_times() {
    let world = World::local();
    let record =
        world.file("letter.yaml", "subject: Яма\ntext: Яма.\ncategory: roads\noccurred: yesterday\n");
    let refused = world.run(["create", "--from", &record]).code(3);
    assert!(refused.stderr.contains("depends on the day"), "{}", refused.stderr);
}

#[test]
fn a_problem_does_not_occur_in_the_future() {
    let world = World::local();
    // Tomorrow may have begun at UTC+14, the day after it has not.
    for occurred in
        ["2199-01-01", "01.01.2199", "1 января 2199", "2199-01", "2199-01-01 10:00 MSK", "послезавтра"]
    {
        let args =
            ["create", "--subject", "Яма у дома 5", "--text", "Яма. Прошу починить.", "--category", "roads"];
        let refused = world.run(args.iter().chain(&["--occurred", occurred])).code(3);
        assert!(refused.stderr.contains("in the future"), "{occurred}: {}", refused.stderr);
    }
}

#[test]
fn a_request_cannot_bring_a_time_in_the_future() {
    let world = World::local();
    let body = r#"{"subject": "Яма у дома 5", "text": "Яма. Прошу починить.", "category": "roads", "occurred_at": "01.01.2199"}"#;
    let refused =
        world.by("applicant").stdin(body).run(["api", "POST", "/v1/appeals", "--input", "-"]).code(3);
    assert!(refused.stderr.contains("in the future"), "{}", refused.stderr);
}

#[test]
fn durations_have_weeks_and_several_units() {
    let world = World::local();
    for timeout in ["2w", "1h30m", "90s"] {
        world.run(["list", "--timeout", timeout]).ok();
    }
}
