//! Filing many appeals from a file: all formats, findings, and each row filed exactly once.

use std::collections::HashSet;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{World, keys, samples, sorted};
use serde_json::{Value, json};

over_both!(
    every_format_of_a_batch,
    numbers_alone_and_a_table_are_printed_too,
    a_key_identifies_a_row,
    findings_come_before_anything_is_filed,
    valid_rows_are_filed_on_request,
    corrected_rows_are_filed_and_the_others_stay,
    a_warning_is_no_error_unless_requested,
    a_file_that_is_no_batch_is_refused,
    an_interrupted_run_is_continued,
    other_content_under_the_key_of_a_filed_row_is_refused,
    two_runs_at_once_file_nothing_twice,
);

fn statuses(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["status"].as_str().expect("a status")).collect()
}

fn count(world: &World) -> usize {
    world.run(["list", "--all", "-q"]).ok().lines().len()
}

/// A text that needs quotes in every format.
const LINES: &str = "Первая строка, 1 ноября;\nвторая \"строка\"\r\n\tтретья";

/// A record with files relative to the batch.
fn object(subject: &str, attach: &str) -> Value {
    json!({
        "subject": subject, "text": LINES, "category": "roads", "attach": attach, "field.meter": "12", "priority": "high",
    })
}

/// Two rows: their subjects and files.
const TWO: [(&str, &str); 2] = [("Первая тема", "скан один.pdf|фото.jpg"), ("Вторая, тема; с\tтабом", "")];

/// Returns the two rows as a table.
fn table(delimiter: &str, end: &str) -> String {
    let header = ["subject", "text", "category", "attach", "field.meter", "priority"].join(delimiter);
    let quoted = LINES.replace('"', "\"\"");
    let row = |(subject, attach): (&str, &str)| {
        let (subject, text) = (format!("\"{subject}\""), format!("\"{quoted}\""));
        [subject.as_str(), &text, "roads", attach, "12", "high"].join(delimiter)
    };
    [header, row(TWO[0]), row(TWO[1]), String::new()].join(end)
}

/// Submits a batch from another folder; returns the rows.
fn submitted(world: &World, path: &str) -> Vec<Value> {
    world.by("applicant").cwd("/").run(["batch", "submit", path, "-o", "jsonl", "--ordered"]).ok().jsonl()
}

/// Checks the cards of the two rows.
fn are_the_two(world: &World, rows: &[Value], format: &str) {
    let card = |row: &Value| world.card("applicant", row["number"].as_str().expect("a number"));
    let (first, second) = (card(&rows[0]), card(&rows[1]));
    assert_eq!((&first["text"], &second["text"]), (&json!(LINES), &json!(LINES)), "{format}");
    assert_eq!(second["subject"], TWO[1].0, "{format}");
    assert_eq!((&first["priority"], &first["fields"]["meter"]), (&json!("high"), &json!("12")));
    let files = first["attachments"].as_array().expect("files");
    let mut names: Vec<&str> = files.iter().filter_map(|a| a["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["скан один.pdf", "фото.jpg"], "{format}");
    assert_eq!(second["attachments"], json!([]));
}

fn every_format_of_a_batch(world: &World) {
    world.file("in/скан один.pdf", samples::pdf());
    world.file("in/фото.jpg", samples::jpeg());
    let rows = TWO.map(|(subject, attach)| object(subject, attach));
    let lines = rows.each_ref().map(Value::to_string);
    for (name, content) in [
        ("comma.csv", table(",", "\n")),
        ("semicolon.csv", table(";", "\r\n")),
        ("tab.csv", table("\t", "\n")),
        ("marked.csv", format!("\u{feff}{}", table(";", "\r\n"))),
        ("lines.jsonl", lines.join("\n") + "\n"),
        ("lines-without-end.jsonl", lines.join("\r\n\r\n")),
        ("array.json", json!(rows).to_string()),
        ("pretty.json", serde_json::to_string_pretty(&rows).expect("JSON")),
    ] {
        let path = world.file(&format!("in/{name}"), content);
        let rows = submitted(world, &path);
        assert_eq!(statuses(&rows), ["filed", "filed"], "{name}");
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(keys(row), sorted("row key status number error"), "{name}");
            assert_eq!((row["row"].as_u64(), &row["error"]), (Some(n as u64 + 1), &Value::Null));
        }
        are_the_two(world, &rows, name);
        // Repeated: nothing is filed twice.
        let again = submitted(world, &path);
        assert_eq!(statuses(&again), ["already", "already"], "{name}");
        assert_eq!(again[0]["number"], rows[0]["number"]);
    }
    assert_eq!(count(world), 16);
}

fn numbers_alone_and_a_table_are_printed_too(world: &World) {
    let path = world.file("one.jsonl", object("Ещё одна тема", "").to_string());
    let number = world.run(["batch", "submit", &path, "-q"]).ok().line().to_owned();
    let table = world.run(["batch", "submit", &path, "-o", "table"]).ok();
    assert!(table.out().contains(&number), "{table:?}");
    let rows = world.run(["batch", "submit", &path, "-o", "json"]).ok().json();
    assert_eq!(rows[0]["number"], json!(number));
}

/// Rows with the same content are separate appeals.
fn a_key_identifies_a_row(world: &World) {
    let twins = world.file("twins.jsonl", format!("{0}\n{0}\n", object("Близнецы", "")));
    let rows = submitted(world, &twins);
    assert_eq!(statuses(&rows), ["filed", "filed"]);
    assert_ne!(rows[0]["number"], rows[1]["number"]);
    let mut keyed = object("По ключу", "");
    keyed["key"] = json!("строка-7");
    assert_eq!(submitted(world, &world.file("keyed.jsonl", keyed.to_string()))[0]["key"], "строка-7");
}

/// A valid record with one other value.
fn with(key: &str, value: Value) -> String {
    let mut record =
        json!({ "subject": "Свет в подъезде", "text": "С 1 ноября нет света.", "category": "housing" });
    record[key] = value;
    record.to_string()
}

/// Creates a batch whose first and last rows of ten are valid.
fn mixed(world: &World) -> String {
    world.file("in/page.jpg", samples::html());
    let lines = [
        with("kind", Value::Null),
        with("text", json!("")),
        with("category", json!("nothing")),
        with("attach", json!("missing.pdf|page.jpg")),
        with("kind", json!("wish")),
        with("colour", json!("red")),
        "{\"subject\": ".to_owned(),
        with("organization", json!("123")),
        with("text", json!("я".repeat(10_001))),
        with("subject", json!("Свет в лифте")),
    ];
    world.file("in/mixed.jsonl", lines.join("\n"))
}

fn findings_come_before_anything_is_filed(world: &World) {
    let path = mixed(world);
    for more in [&[][..], &["--dry-run"]] {
        let run = world.run([&["batch", "submit", &path, "-o", "json"], more].concat()).code(3);
        let output = run.stderr.clone() + run.out();
        for (row, word) in [
            (2, "text-empty"),
            (3, "category-unknown"),
            (4, "file-missing"),
            (4, "file-content-mismatch"),
            (9, "text-too-long"),
        ] {
            assert!(output.contains(word), "row {row} {word}: {output}");
        }
        assert_eq!(count(world), 0, "something was filed");
    }
}

fn valid_rows_are_filed_on_request(world: &World) {
    let submit = ["batch", "submit", &mixed(world), "--allow-invalid", "--ordered", "-o", "jsonl"];
    let rows = world.run(submit).code(9).jsonl();
    let mut expected = vec!["invalid"; 10];
    expected[0] = "filed";
    expected[9] = "filed";
    assert_eq!(statuses(&rows), expected);
    for row in rows {
        assert_eq!(row["number"].is_string(), row["status"] == "filed", "{row}");
        assert_eq!(row["error"].is_null(), row["status"] == "filed", "{row}");
    }
    assert_eq!(count(world), 2);
}

fn corrected_rows_are_filed_and_the_others_stay(world: &World) {
    let (first, last) = (with("kind", Value::Null), with("subject", json!("Свет в лифте")));
    let path = world.file("rows.jsonl", [first.clone(), with("text", json!("")), last.clone()].join("\n"));
    world.run(["batch", "submit", &path, "--allow-invalid"]).code(9);
    world.file("rows.jsonl", [first, with("text", json!("Со 2 ноября нет воды.")), last].join("\n"));
    let dry_run = world.run(["batch", "submit", &path, "--dry-run", "-o", "json"]).ok();
    assert!(dry_run.json().is_array() || dry_run.json().is_object(), "{dry_run:?}");
    assert_eq!(count(world), 2);
    assert_eq!(statuses(&submitted(world, &path)), ["already", "filed", "already"]);
    assert_eq!(count(world), 3);
}

fn a_warning_is_no_error_unless_requested(world: &World) {
    let vague = json!({ "subject": "не работает", "text": "Плохо.", "category": "housing" });
    let path = world.file("vague.jsonl", vague.to_string());
    world.run(["batch", "submit", &path, "--strict"]).code(3);
    assert_eq!(count(world), 0);
    world.run(["batch", "submit", &path]).ok();
    assert_eq!(count(world), 1);
}

fn a_file_that_is_no_batch_is_refused(world: &World) {
    for (name, content) in [
        ("empty.csv", Vec::new()),
        ("binary.csv", samples::png()),
        ("cp1251.csv", b"subject;text\n\xcf\xf0\xe8;\xe2\xe5\xf2\n".to_vec()),
        ("unknown.csv", b"subject;text;colour\na;b;c\n".to_vec()),
        ("broken.json", b"[{\"subject\": \"a\"".to_vec()),
    ] {
        let run = world.run(["batch", "submit", &world.file(name, content), "-o", "json"]);
        assert_eq!(run.status, 3, "{name}: {run:?}");
    }
    world.run(["batch", "submit", &world.join("nothing.csv")]).code(3);
    assert_eq!(count(world), 0);
}

/// Rows without files.
fn lights(from: usize, to: usize) -> String {
    let record = |n: usize| {
        json!({ "subject": format!("Фонарь номер {n}"), "text": "С 1 ноября не горит фонарь.", "category": "roads" })
            .to_string()
    };
    (from..to).map(record).collect::<Vec<_>>().join("\n")
}

/// Kills a run as soon as something was filed; the earlier, the more is left to do.
fn killed(world: &World, args: &[&str], journal: &str) {
    let mut going = world.by("applicant").start(args);
    let begun = Instant::now();
    let filed = || fs::read_to_string(journal).map_or(0, |text| text.matches("\"filed\"").count());
    while filed() < 5 && going.is_running() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
        sleep(Duration::from_millis(1));
    }
    assert!(going.is_running(), "it was done before it could be broken off: more rows are needed");
    going.signal(9);
    drop(going.finish());
}

fn an_interrupted_run_is_continued(world: &World) {
    const ROWS: usize = 160;
    let path = world.file("lamps.jsonl", lights(0, ROWS));
    let journal = world.join("lamps.journal");
    let args = ["batch", "submit", &path, "--journal", &journal, "-o", "jsonl"];
    killed(world, &args, &journal);
    let rows = world.run(args).ok().jsonl();
    assert!(rows.iter().any(|r| r["status"] == "already"));
    let filed: Vec<Value> = rows
        .into_iter()
        .map(|mut row| {
            if row["status"] == "already" {
                row["status"] = json!("filed");
            }
            row
        })
        .collect();
    exactly_once(world, &filed, ROWS);
    let rows = world.run(args).ok().jsonl();
    assert_eq!(rows.len(), ROWS);
    assert!(rows.iter().all(|r| r["status"] == "already"), "{rows:?}");
}

fn other_content_under_the_key_of_a_filed_row_is_refused(world: &World) {
    let keyed = |text: &str| {
        let row = json!({ "key": "k1", "subject": "Лифт стоит", "text": text, "category": "roads" });
        world.file("one.jsonl", row.to_string())
    };
    let path = keyed("С 1 ноября не работает лифт.");
    let n = world.run(["batch", "submit", &path, "-q"]).ok().line().to_owned();
    keyed("С 2 ноября не работает лифт.");
    for (flag, code) in [("--ordered", 9), ("--dry-run", 3)] {
        let run = world.run(["batch", "submit", &path, "-o", "jsonl", flag]).code(code);
        let row = run.jsonl().remove(0);
        assert_eq!((&row["status"], &row["number"]), (&json!("failed"), &json!(n)));
        assert_eq!(row["error"]["code"], "row_changed");
    }
    assert_eq!(count(world), 1);
}

fn two_runs_at_once_file_nothing_twice(world: &World) {
    let path = world.file("more.jsonl", lights(0, 40));
    let going: Vec<_> =
        (0..2).map(|_| world.by("applicant").start(["batch", "submit", &path, "-q"])).collect();
    let codes: Vec<i32> = going.into_iter().map(|g| g.finish().status).collect();
    assert!(codes.contains(&0) && codes.iter().all(|c| [0, 6].contains(c)), "{codes:?}");
    assert_eq!(count(world), 40);
}

/// Checks that every row, identified by its subject, is there exactly once.
fn exactly_once(world: &World, rows: &[Value], subjects: usize) {
    assert!(rows.iter().all(|r| r["status"] == "filed"), "{rows:?}");
    let listed = world.run(["list", "--all", "-o", "json"]).ok().json();
    let listed = listed.as_array().expect("rows");
    let seen: HashSet<&str> = listed.iter().filter_map(|r| r["subject"].as_str()).collect();
    assert_eq!((listed.len(), seen.len()), (subjects, subjects));
    let numbers: HashSet<&str> = rows.iter().filter_map(|r| r["number"].as_str()).collect();
    assert_eq!(numbers, listed.iter().filter_map(|r| r["number"].as_str()).collect());
}

fn lamps(world: &World, count: usize) -> String {
    let file = world.file("фото.png", samples::png());
    let record = |n: usize| {
        json!({
            "subject": format!("Фонарь номер {n}"), "text": "С 1 ноября не горит фонарь.", "category": "roads",
            "attach": if n.is_multiple_of(5) { file.as_str() } else { "" },
        })
        .to_string()
    };
    world.file("lamps.jsonl", (0..count).map(record).collect::<Vec<_>>().join("\n"))
}

/// The server is killed while rows are filed, and restarted: the batch continues without noticing.
#[test]
fn a_server_killed_in_the_middle() {
    const ROWS: usize = 150;
    let world = World::served();
    let server = common::Server::start(&world, &[]);
    let port = server.port;
    let path = lamps(&world, ROWS);
    let person = world.by("applicant").env("APPEAL_SERVER", &server.url);
    let mut going = person.start(["batch", "submit", &path, "-o", "jsonl"]);
    let begun = Instant::now();
    while count(&world) < 5 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
        assert!(going.is_running(), "{:?}", going.finish());
    }
    server.kill();
    let was_running = going.is_running();
    let again = common::Server::start_on(&world, port, &[]);
    let rows = going.finish().ok().jsonl();
    assert!(was_running, "it was done before the server died: more rows are needed");
    exactly_once(&world, &rows, ROWS);
    drop(again);
}

/// Responses are lost after the work is done: repeated requests have no further effect.
#[test]
fn lost_answers_file_nothing_twice() {
    const ROWS: usize = 24;
    let world = World::served();
    let proxy = common::http::Proxy::losing(world.serve().port, 3);
    let path = lamps(&world, ROWS);
    let person = world.by("applicant").env("APPEAL_SERVER", proxy.url());
    let rows = person.run(["batch", "submit", &path, "-o", "jsonl"]).ok().jsonl();
    let filings = proxy.requests().iter().filter(|request| *request == "POST /v1/appeals/batch").count();
    // Eight rows take sixteen requests if nothing is lost.
    assert!(filings > 2, "no answer was lost: {:?}", proxy.requests());
    exactly_once(&world, &rows, ROWS);
}

#[test]
fn lost_answers_make_no_move_twice() {
    let world = World::served();
    let number = &world.filed();
    let proxy = common::http::Proxy::losing(world.serve().port, 3);
    let through = |login: &str| world.by(login).env("APPEAL_SERVER", proxy.url());
    let (person, operator) = (through("applicant"), through("operator"));
    operator.run(["operator", "take", number]).ok();
    operator.run(["operator", "ask", number, "--text", "Где?"]).ok();
    person.run(["reply", number, "--text", "Здесь."]).ok();
    for n in 0..6 {
        person.run(["comment", number, "--text", &format!("Замечание {n}")]).ok();
    }
    operator.run(["operator", "answer", number, "--decision", "granted", "--text", "Сделано."]).ok();
    person.run(["confirm", number]).ok();
    let card = world.card("applicant", number);
    assert_eq!(card["status"], "completed");
    assert_eq!(card["comments"].as_array().map(Vec::len), Some(7), "{}", card["comments"]);
    assert_eq!(card["answers"].as_array().map(Vec::len), Some(1));
}

over_both!(what_was_refused_is_filed_again, templates_are_filled_in_from_rows);

fn what_was_refused_is_filed_again(world: &World) {
    let record = |n: usize, organization: &str| {
        json!({
            "subject": format!("Двор {n}"), "text": "С 1 ноября во дворе нет света.", "category": "housing",
            "organization": organization, "key": format!("двор-{n}"),
        })
        .to_string()
    };
    // Valid as a number, but none of the test people files for it; only the platform can know.
    let foreign = "7707083893";
    let path = world.file("yards.jsonl", [record(1, ""), record(2, foreign), record(3, "")].join("\n"));
    let run = world.run(["batch", "submit", &path, "-o", "jsonl", "--ordered"]).code(9);
    assert_eq!(statuses(&run.jsonl()), ["filed", "failed", "filed"]);
    let journal = world.join("yards.jsonl.journal.jsonl");
    let rows = world.run(["batch", "status", &journal, "-o", "json"]).ok().json();
    assert_eq!(statuses(rows.as_array().expect("rows")), ["filed", "failed", "filed"]);
    assert_eq!(rows[1]["error"]["code"], run.jsonl()[1]["error"]["code"]);
    assert_eq!(keys(&rows[1]), sorted("row key status number error"));
    // Still refused; only that row is retried.
    let again =
        world.by("applicant").cwd("/").run(["batch", "retry", &journal, "-o", "jsonl"]).code(9).jsonl();
    assert_eq!((again.len(), &again[0]["key"]), (1, &json!("двор-2")));
    world.file("yards.jsonl", [record(1, ""), record(2, ""), record(3, ""), record(4, "")].join("\n"));
    let again = world.run(["batch", "retry", &journal, "-o", "jsonl"]).ok().jsonl();
    assert_eq!(statuses(&again), ["filed"]);
    assert_eq!(count(world), 3, "a row that was never sent is not retried");
    assert_eq!(world.run(["batch", "retry", &journal, "-o", "json"]).ok().json(), json!([]));
    world.run(["batch", "retry", &world.join("nothing")]).code(5);
    world.run(["batch", "status", &path]).code(3);
}

fn templates_are_filled_in_from_rows(world: &World) {
    let letter = world.file(
        "letters/letter.txt",
        "Здравствуйте.\nВ квартире {{ квартира }} с {{ row[\"since date\"] }} холодно: {{ degrees }} °C.\n",
    );
    let path = world.file(
        "letters/flats.csv",
        "category;квартира;since date;degrees\nhousing;12;3 ноября 2026;14\nhousing;15;4 ноября 2026;13\n",
    );
    let subject = "Холодно в квартире {{ квартира }}";
    let args = ["batch", "submit", &path, "--text-template", &letter, "--subject-template", subject];
    let rows = world.run([&args[..], &["-o", "jsonl"]].concat()).ok().jsonl();
    assert_eq!(statuses(&rows), ["filed", "filed"]);
    let card = world.card("applicant", rows[1]["number"].as_str().expect("a number"));
    assert_eq!(card["subject"], "Холодно в квартире 15");
    assert_eq!(card["text"], "Здравствуйте.\nВ квартире 15 с 4 ноября 2026 холодно: 13 °C.");
    let rows = world.run([&args[..], &["-o", "jsonl"]].concat()).ok().jsonl();
    assert_eq!(statuses(&rows), ["already", "already"]);
    // Without templates the columns mean nothing, and a missing value of a placeholder is found before anything is
    // sent.
    world.run(["batch", "submit", &path, "--dry-run"]).code(3);
    let gap = world.file("letters/gap.txt", "Нет: {{ nobody }}");
    let run =
        world.run(["batch", "submit", &path, "--text-template", &gap, "--subject-template", subject]).code(3);
    assert!(run.stderr.contains("nobody"), "{run:?}");
    let broken = world.file("letters/broken.txt", "{% if %}");
    world.run(["batch", "submit", &path, "--text-template", &broken]).code(3);
    // A changed template for the same rows: filed rows are not filed again, and a message says so.
    world.file("letters/letter.txt", "Другое письмо из квартиры {{ квартира }}.");
    let rows = world.run([&args[..], &["-o", "jsonl"]].concat()).code(9).jsonl();
    assert!(rows.iter().all(|r| r["error"]["code"] == "row_changed"), "{rows:?}");
    assert_eq!(count(world), 2);
}
