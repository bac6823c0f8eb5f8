//! Rows of a table in a batch, and messages about rows that are not filed.

use std::process::Stdio;

use crate::common::{World, samples};
use serde_json::{Value, json};

fn record(n: usize) -> Value {
    json!({
        "subject": format!("Двор {n}"), "text": "С 1 ноября во дворе нет света.", "category": "housing",
    })
}

fn lines(rows: impl IntoIterator<Item = Value>) -> String {
    rows.into_iter().map(|row| row.to_string() + "\n").collect()
}

/// Returns the only object with this name on stderr, every line of which is JSON.
fn object(stderr: &str, name: &str) -> Value {
    let object = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|e| panic!("no JSON ({e}): {line}\n{stderr}"))
    };
    let found: Vec<Value> =
        stderr.lines().map(object).filter_map(|object| object.get(name).cloned()).collect();
    assert_eq!(found.len(), 1, "{name}: {stderr}");
    found[0].clone()
}

/// A reader that closes the pipe ends the printing, not the filing.
#[test]
fn everything_is_filed_even_if_the_results_are_not_read() {
    const ROWS: usize = 60;
    let world = World::local();
    let path = world.file("b.jsonl", lines((0..ROWS).map(record)));
    for format in ["jsonl", "json", "table"] {
        let journal = world.join(&format!("{format}.journal"));
        let args = ["batch", "submit", &path, "--journal", &journal, "-o", format];
        let mut command = world.by("applicant").command(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("started");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("ended").code(), Some(0), "{format}");
        let filed = std::fs::read_to_string(&journal).expect("the journal").matches("\"filed\"").count();
        assert_eq!(filed, ROWS, "{format}");
    }
}

/// An empty cell is absent: as a key, in a template, and in the identity of a row.
#[test]
fn what_is_empty_is_absent() {
    let world = World::local();
    let keys = |name: &str, content: &str| {
        let path = world.file(name, content);
        let rows = world.run(["batch", "submit", &path, "--dry-run", "-o", "jsonl"]).ok().jsonl();
        rows.iter().map(|row| row["key"].clone()).collect::<Vec<_>>()
    };
    let text = "С 1 ноября во дворе нет света.";
    let two = format!("key;idempotency-key;subject;text;category\nA1;;Двор 1;{text};housing\n");
    assert_eq!(keys("k.csv", &two), ["A1"]);
    let plain = keys("a.csv", &format!("subject;text;category\nДвор 1;{text};housing\n"));
    let wider = keys("b.csv", &format!("category,region,text,subject\nhousing,,{text},Двор 1\n"));
    let mut object = record(1);
    object["region"] = Value::Null;
    assert_eq!(plain, wider);
    assert_eq!(plain, keys("c.jsonl", &lines([object])));

    let letter = "С 1 ноября нет света: {{ address }}{% if flat %}, {{ flat }}{% endif %}.";
    let letter = world.file("letter.txt", letter);
    let table = "address;flat;subject;category\nПолевая, 1;;Нет света;housing\n;2;Нет света;housing\n";
    let path = world.file("m.csv", table);
    let run = world.run(["batch", "submit", &path, "--text-template", &letter, "-o", "json"]).code(3);
    let details = run.error()["details"].clone();
    assert_eq!(
        (details.as_array().map(Vec::len), &details[0]["code"], &details[0]["row"]),
        (Some(1), &json!("batch-template-value"), &json!(2)),
        "{details}"
    );
}

/// The cell of a row shows why it was refused, also when the batch is repeated.
#[test]
fn the_reason_is_shown_in_every_format() {
    let world = World::local();
    let mut bad = record(1);
    bad["contact-email"] = json!("nobody");
    // Valid as a number, but none of the test people files for it; only the platform can know.
    let mut foreign = record(2);
    foreign["organization"] = json!("7707083893");
    let path = world.file("b.jsonl", lines([bad, foreign]));
    let person = world.by("applicant").env("COLUMNS", "400");
    for format in ["plain", "csv", "table"] {
        let journal = world.join(&format!("{format}.journal"));
        let args = ["batch", "submit", &path, "--allow-invalid", "--journal", &journal, "-o", format];
        let run = person.run(args).code(9);
        assert!(run.out().contains("email: "), "{run:?}");
        let status = person.run(["batch", "status", &journal, "-o", format]);
        let status = status.ok();
        let refused = status.out().lines().last().unwrap_or_default();
        if format == "plain" {
            assert!(!refused.is_empty() && run.out().contains(refused.trim()), "{refused}: {run:?}");
        }
    }
}

/// A token without the scope for filing stops the batch at once: rows that were not sent are not reported as failed.
#[test]
fn a_permanent_error_is_reported_once() {
    let world = World::served();
    let issued = world.run(["auth", "token", "create", "--scope", "read", "--name", "чтение", "-q"]).ok();
    let person = world.by("applicant").env("APPEAL_TOKEN", issued.line());
    let path = world.file("b.jsonl", lines((0..5).map(record)));
    let rows = person.run(["batch", "submit", &path, "-o", "jsonl"]).code(4).jsonl();
    assert!(rows.iter().all(|row| row["error"].is_null() || row["error"]["code"] == "scope"), "{rows:?}");
    // Files are uploaded first; if that fails, nothing is filed.
    world.file("f.pdf", samples::pdf());
    let with_file = |n| {
        let mut row = record(n);
        row["attach"] = json!("f.pdf");
        row
    };
    let path = world.file("f.jsonl", lines((0..5).map(with_file)));
    let run = person.run(["batch", "submit", &path, "-o", "jsonl", "--ordered"]).code(4);
    let rows = run.jsonl();
    let statuses: Vec<_> = rows.iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "pending", "pending", "pending", "pending"], "{rows:?}");
    assert!(rows[1..].iter().all(|row| row["error"].is_null()), "{rows:?}");
    let error = object(&run.stderr, "error");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(". Stopped: "), "{message}");
    assert!(!run.out().contains("--idempotency-key") && !run.stderr.contains("--idempotency-key"), "{run:?}");
}

/// Under JSON every line of stderr is an object.
#[test]
fn the_closing_line_is_an_object_under_json() {
    let world = World::local();
    let path = world.file("b.jsonl", lines([record(1)]));
    let journal = world.join("b.jsonl.journal.jsonl");
    for format in ["json", "jsonl"] {
        let dry_run = world.run(["batch", "submit", &path, "--dry-run", "-o", format]).ok();
        assert!(object(&dry_run.stderr, "summary")["message"].is_string());
        world.run(["batch", "submit", &path, "-o", format]).ok();
        for command in ["status", "retry"] {
            let run = world.run(["batch", command, &journal, "-o", format]).ok();
            let summary = object(&run.stderr, "summary");
            assert_eq!(summary["journal"].as_str(), Some(journal.as_str()), "{run:?}");
        }
        let run = world.run(["batch", "retry", &journal, "--dry-run", "-o", format]).ok();
        object(&run.stderr, "summary");
    }
}
