//! Batches that are started again, in other ways or after changes, and additional output for scripts.

use std::time::{Duration, Instant};

use crate::common;
use crate::common::{World, samples};
use serde_json::{Value, json};

over_both!(
    a_file_that_changed_is_named,
    similar_appeals_are_reported_for_every_row,
    omitted_rows_do_not_prevent_others,
    findings_have_places,
);

fn statuses(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["status"].as_str().expect("a status")).collect()
}

fn count(world: &World) -> usize {
    world.run(["list", "--all", "-q"]).ok().lines().len()
}

fn record(n: usize) -> Value {
    json!({
        "key": format!("k{n}"), "subject": format!("Двор {n}"), "text": "С 1 ноября во дворе нет света.",
        "category": "housing",
    })
}

fn lines(rows: impl IntoIterator<Item = Value>) -> String {
    rows.into_iter().map(|row| row.to_string() + "\n").collect()
}

/// Returns the objects with this name on stderr, where every line is an object under JSON.
fn objects(stderr: &str, name: &str) -> Vec<Value> {
    let object = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|e| panic!("no JSON ({e}): {line}\n{stderr}"))
    };
    stderr.lines().map(object).filter_map(|object| object.get(name).cloned()).collect()
}

fn a_file_that_changed_is_named(world: &World) {
    let with_file = |n: usize| {
        let mut row = record(n);
        row["attach"] = json!(format!("акт{n}.pdf"));
        row
    };
    for n in 1..=3 {
        world.file(&format!("акт{n}.pdf"), samples::pdf());
    }
    let path = world.file("b.jsonl", lines((1..=3).map(with_file)));
    let args = ["batch", "submit", &path, "-o", "jsonl", "--ordered"];
    let filed = world.run(args).ok().jsonl();
    // The same content written again is the same file; a missing file belongs to a filed row; changed content is
    // reported.
    world.file("акт1.pdf", samples::pdf());
    std::fs::remove_file(world.join("акт2.pdf")).expect("removed");
    world.file("акт3.pdf", [samples::pdf(), b"% more\n%%EOF\n".to_vec()].concat());
    let path = world.file("b.jsonl", lines((1..=3).map(with_file).chain([record(4)])));
    let args = ["batch", "submit", &path, "-o", "jsonl", "--ordered"];
    let again = world.run(args).code(9).jsonl();
    assert_eq!(statuses(&again), ["already", "already", "failed", "filed"]);
    assert_eq!(again[2]["number"], filed[2]["number"]);
    assert_eq!(again[2]["error"]["code"], "row_changed");
    assert!(again[2]["error"]["message"].as_str().is_some_and(|m| m.contains("акт3.pdf")), "{again:?}");
    assert_eq!(count(world), 4);
}

fn similar_appeals_are_reported_for_every_row(world: &World) {
    const ROWS: usize = 24;
    let text = |n: usize| {
        format!("С {n} ноября 2026 года в доме {n} по улице Полевой нет горячей воды, прошу починить.")
    };
    let row = |n: usize| json!({ "subject": format!("Нет воды в доме {n}"), "text": text(n), "category": "housing" });
    // Filed earlier: each row of the batch resembles one of these or its neighbours.
    let subject = "Нет воды в доме 1";
    let args = ["create", "--subject", subject, "--text", &text(1), "--category", "housing", "-q"];
    let before = world.run(args).ok().line().to_owned();
    let path = world.file("b.jsonl", lines((1..=ROWS).map(row)));
    let run = world.run(["batch", "submit", &path, "-o", "jsonl"]).ok();
    let warnings = objects(&run.stderr, "warning");
    let mut rows: Vec<u64> = warnings.iter().filter_map(|w| w["row"].as_u64()).collect();
    rows.sort_unstable();
    assert_eq!(rows, (1..=ROWS as u64).collect::<Vec<_>>(), "each row once: {run:?}");
    let first = warnings.iter().find(|w| w["row"] == 1).expect("the first row");
    assert_eq!((&first["code"], &first["similar"][0]["number"]), (&json!("similar"), &json!(before)));
    assert_eq!(
        first["similar"][0]["row"],
        Value::Null,
        "it is of no row: what is not of the batch comes first"
    );
    assert!(first["message"].as_str().is_some_and(|m| m.contains(&before)), "{first}");
    assert!(
        warnings.iter().any(|w| w["similar"].as_array().expect("others").iter().any(|o| o["row"].is_u64()))
    );
    let summary = objects(&run.stderr, "summary");
    assert_eq!((summary.len(), summary[0]["filed"].as_u64()), (1, Some(ROWS as u64)));
    // For people, one line each.
    let other = world.file("c.jsonl", lines([row(1)]));
    let run = world.run(["batch", "submit", &other, "-o", "plain"]).ok();
    assert!(run.stderr.contains("row 1: "), "{run:?}");
    assert_eq!(world.run(["batch", "submit", &other, "-q"]).ok().stderr, "");
}

fn omitted_rows_do_not_prevent_others(world: &World) {
    // Valid as a number, but none of the test people files for it; only the platform can know.
    let mut foreign = record(2);
    foreign["organization"] = json!("7707083893");
    let content = format!("{}no record\n{}\n{}", lines([record(1)]), foreign, lines([record(3)]));
    let path = world.file("b.jsonl", &content);
    let rows =
        world.run(["batch", "submit", &path, "-o", "jsonl", "--ordered", "--allow-invalid"]).code(9).jsonl();
    assert_eq!(statuses(&rows), ["filed", "invalid", "failed", "filed"]);
    // A row that was never sent is not retried, so it need not be valid.
    world.file("b.jsonl", content.replace("7707083893", ""));
    let journal = world.join("b.jsonl.journal.jsonl");
    let rows = world.run(["batch", "retry", &journal, "-o", "jsonl", "--ordered"]).ok().jsonl();
    assert_eq!((statuses(&rows), rows[0]["row"].as_u64()), (vec!["filed"], Some(3)));
    // A filed row is not checked again: the rules may have changed since, and its files may be gone.
    let vague = json!({ "key": "v", "subject": "не работает", "text": "Плохо.", "category": "housing" });
    let path = world.file("v.jsonl", lines([vague]));
    world.run(["batch", "submit", &path]).ok();
    let rows = world.run(["batch", "submit", &path, "--strict", "-o", "jsonl"]).ok().jsonl();
    assert_eq!(statuses(&rows), ["already"]);
    assert_eq!(count(world), 4);
}

fn findings_have_places(world: &World) {
    let sound = record(1);
    for (name, content, code, at) in [
        ("comma.json", format!("[{sound},\n {sound},]"), "batch-array-comma", "2:"),
        (
            "column.json",
            format!("[{sound}, {{\"я\": 1 2}}]"),
            "batch-json",
            &*format!("1:{}", sound.to_string().chars().count() + 12),
        ),
        ("header.csv", "subjct,text,category\n".to_owned(), "record-key-unknown", "header.csv:1"),
    ] {
        let run = world.run(["batch", "submit", &world.file(name, content), "-o", "json"]).code(3);
        let error = run.error();
        let finding = error["details"].as_array().and_then(|d| d.iter().find(|d| d["code"] == code)).cloned();
        let place = finding.as_ref().and_then(|f| f["at"].as_str()).unwrap_or_default().to_owned();
        assert!(place.contains(at), "{name}: {place} has no {at}: {run:?}");
    }
    // A journal must be a regular file: a device would never end.
    let path = world.file("b.jsonl", lines([record(1)]));
    for journal in ["/dev/zero", "/dev/full"] {
        let run = world.run(["batch", "submit", &path, "--journal", journal, "-o", "json"]);
        assert_eq!((run.status, run.error()["code"].as_str()), (3, Some("journal")), "{run:?}");
    }
    assert_eq!(count(world), 0);
}

/// A platform, or a proxy before it, that does not support filing in bulk.
#[test]
fn without_a_bulk_endpoint_rows_are_sent_alone() {
    let world = World::served();
    for (n, (status, body)) in
        [("404 Not Found", ""), ("405 Method Not Allowed", ""), ("501 Not Implemented", "{}")]
            .into_iter()
            .enumerate()
    {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let port = common::http::answering(world.serve().port, "POST /v1/appeals/batch", answer.leak());
        let proxy = common::http::Proxy::to(port);
        let person = world.by("applicant").env("APPEAL_SERVER", proxy.url());
        let path = world.file(&format!("b{n}.jsonl"), lines((n * 20..n * 20 + 20).map(record)));
        let rows = person.run(["batch", "submit", &path, "-o", "jsonl"]).ok().jsonl();
        assert!(rows.len() == 20 && rows.iter().all(|row| row["status"] == "filed"), "{rows:?}");
        let requests = proxy.requests();
        let many = requests.iter().filter(|request| request.ends_with("/appeals/batch")).count();
        assert_eq!(many, 1, "the endpoint is not tried again: {requests:?}");
    }
    assert_eq!(count(&world), 60);
}

/// Termination from outside (a signal, a closed terminal) is handled like Ctrl-C: the output is complete and includes
/// what was done.
#[test]
fn a_terminated_run_says_what_it_did() {
    let world = World::local();
    let path = world.file("b.jsonl", lines((0..2000).map(record)));
    let journal = world.join("b.journal");
    let mut done = 0;
    // Under `nohup`, the batch inherits that hangups are ignored.
    let hangup = if common::is_ignored(1) { 15 } else { 1 };
    for signal in [15, hangup] {
        let mut going =
            world.by("applicant").start(["batch", "submit", &path, "--journal", &journal, "-o", "json"]);
        let filed = || std::fs::read_to_string(&journal).map_or(0, |text| text.matches("\"filed\"").count());
        let begun = Instant::now();
        while filed() == done && going.is_running() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
            std::thread::sleep(Duration::from_millis(5));
        }
        going.signal(signal);
        let run = going.finish().code(130);
        assert!(!run.json().as_array().expect("rows").is_empty());
        let errors = objects(&run.stderr, "error");
        assert_eq!(errors.len(), 1, "{run:?}");
        assert!(errors[0]["hint"].as_str().is_some_and(|hint| hint.contains("filed")), "{run:?}");
        done = filed();
    }
}

/// The same platform under different names; appeals filed under one name are recognised under another.
#[test]
fn another_name_of_the_platform_files_nothing_twice() {
    let world = World::local();
    let path = world.file("rows.jsonl", lines([record(1), record(2)]));
    let statuses = |run: common::Run| -> Vec<String> {
        let rows = run.ok().jsonl();
        rows.iter().map(|row| format!("{} {}", row["status"], row["number"])).collect()
    };
    let batch = ["batch", "submit", path.as_str(), "-o", "jsonl", "--ordered"];
    let filed = statuses(world.run(batch));
    let already: Vec<String> = filed.iter().map(|row| row.replace("filed", "already")).collect();
    // The folder with a slash, through a link, and by its database.
    let slash = format!("{}/", world.data().display());
    let link = world.join("link");
    std::os::unix::fs::symlink(world.data(), &link).unwrap();
    for folder in [slash.as_str(), link.as_str()] {
        let by = ["--server", "local", "--data-dir", folder];
        assert_eq!(statuses(world.anonymous().run(by.iter().chain(&batch))), already, "{folder}");
    }
    let database = world.database();
    let by = ["--server", "local", "--database", database.as_str(), "--as", "applicant"];
    assert_eq!(statuses(world.anonymous().run(by.iter().chain(&batch))), already);
    // Through a server, under two names of its machine.
    let token = world.token("applicant");
    let server = common::Server::start(&world, &[]);
    for host in ["127.0.0.1", "localhost"] {
        let there = world.anonymous().env("APPEAL_TOKEN", &token);
        let there = there.env("APPEAL_SERVER", format!("http://{host}:{}", server.port));
        assert_eq!(statuses(there.run(batch)), already, "{host}");
    }
    assert_eq!(world.run(["list", "--all", "-q"]).ok().lines().len(), 2);
}
