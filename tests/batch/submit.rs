//! Filing many appeals from a file: all formats, findings, and each row filed exactly once.

use std::collections::HashSet;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{World, keys, samples, sorted};
use serde_json::{Value, json};

over_both!(every_format_of_a_batch, findings_come_before_anything_is_filed, an_interrupted_run_is_continued);

fn statuses(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["status"].as_str().expect("a status")).collect()
}

fn count(world: &World) -> usize {
    world.run(["list", "--all", "-q"]).ok().lines().len()
}

fn every_format_of_a_batch(world: &World) {
    world.file("in/скан один.pdf", samples::pdf());
    world.file("in/фото.jpg", samples::jpeg());
    let text = "Первая строка, 1 ноября;\nвторая \"строка\"\r\n\tтретья";
    let quoted = text.replace('"', "\"\"");
    let csv = |delimiter: &str, end: &str| {
        let header = ["subject", "text", "category", "attach", "field.meter", "priority"].join(delimiter);
        let row = |subject: &str, attach: &str| {
            [
                format!("\"{subject}\""),
                format!("\"{quoted}\""),
                "roads".into(),
                attach.into(),
                "12".into(),
                "high".into(),
            ]
            .join(delimiter)
        };
        [
            header,
            row("Первая тема", "скан один.pdf|фото.jpg"),
            row("Вторая, тема; с\tтабом", ""),
            String::new(),
        ]
        .join(end)
    };
    let object = |subject: &str, attach: &str| {
        json!({
            "subject": subject, "text": text, "category": "roads", "attach": attach, "field.meter": "12", "priority": "high",
        })
    };
    let rows = [object("Первая тема", "скан один.pdf|фото.jpg"), object("Вторая, тема; с\tтабом", "")];
    let lines = rows.each_ref().map(Value::to_string);
    for (name, content) in [
        ("comma.csv", csv(",", "\n")),
        ("semicolon.csv", csv(";", "\r\n")),
        ("tab.csv", csv("\t", "\n")),
        ("marked.csv", format!("\u{feff}{}", csv(";", "\r\n"))),
        ("lines.jsonl", lines.join("\n") + "\n"),
        ("lines-without-end.jsonl", lines.join("\r\n\r\n")),
        ("array.json", json!(rows).to_string()),
        ("pretty.json", serde_json::to_string_pretty(&rows).expect("JSON")),
    ] {
        let path = world.file(&format!("in/{name}"), content);
        // Paths in the file are relative to it, regardless of the working directory.
        let run = world.by("applicant").cwd("/").run(["batch", "submit", &path, "-o", "json"]).ok();
        let rows = run.json();
        let rows = rows.as_array().expect("rows");
        assert_eq!(statuses(rows), ["filed", "filed"], "{name}");
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(keys(row), sorted("row key status number error"), "{name}");
            assert_eq!((row["row"].as_u64(), &row["error"]), (Some(n as u64 + 1), &Value::Null));
        }
        let first = world.card("applicant", rows[0]["number"].as_str().expect("a number"));
        let second = world.card("applicant", rows[1]["number"].as_str().expect("a number"));
        assert_eq!((first["text"].as_str(), second["text"].as_str()), (Some(text), Some(text)), "{name}");
        assert_eq!(second["subject"], "Вторая, тема; с\tтабом", "{name}");
        assert_eq!((&first["priority"], &first["fields"]["meter"]), (&json!("high"), &json!("12")));
        let mut names: Vec<&str> = first["attachments"]
            .as_array()
            .expect("files")
            .iter()
            .filter_map(|a| a["name"].as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["скан один.pdf", "фото.jpg"], "{name}");
        assert_eq!(second["attachments"], json!([]));
        // Repeated: nothing is filed twice.
        let again = world.by("applicant").cwd("/").run(["batch", "submit", &path, "-o", "json"]).ok().json();
        let again = again.as_array().expect("rows");
        assert_eq!(statuses(again), ["already", "already"], "{name}");
        assert_eq!(again[0]["number"], rows[0]["number"]);
    }
    assert_eq!(count(world), 16);
    // -q prints only the numbers; a table includes them too.
    let more = world.file("in/more.jsonl", object("Ещё одна тема", "").to_string());
    let number = world.run(["batch", "submit", &more, "-q"]).ok().line().to_owned();
    let table = world.run(["batch", "submit", &more, "-o", "table"]).ok();
    assert!(table.out().contains(&number), "{table:?}");
    // Rows with the same content are separate appeals; an explicit key identifies a row.
    let twins = world.file("in/twins.jsonl", format!("{0}\n{0}\n", object("Близнецы", "")));
    let rows = world.run(["batch", "submit", &twins, "-o", "jsonl"]).ok().jsonl();
    assert_eq!(statuses(&rows), ["filed", "filed"]);
    assert_ne!(rows[0]["number"], rows[1]["number"]);
    let keyed = |subject: &str| {
        json!({ "subject": subject, "text": text, "category": "roads", "key": "строка-7" }).to_string()
    };
    let path = world.file("in/keyed.jsonl", keyed("По ключу"));
    let rows = world.run(["batch", "submit", &path, "-o", "jsonl"]).ok().jsonl();
    assert_eq!(rows[0]["key"], "строка-7");
}

fn findings_come_before_anything_is_filed(world: &World) {
    let sound =
        json!({ "subject": "Свет в подъезде", "text": "С 1 ноября нет света.", "category": "housing" });
    let with = |key: &str, value: Value| {
        let mut record = sound.clone();
        record[key] = value;
        record.to_string()
    };
    let page = world.file("in/page.jpg", samples::html());
    let lines = [
        sound.to_string(),
        with("text", json!("")),
        with("category", json!("nothing")),
        with("attach", json!("missing.pdf|page.jpg")),
        with("kind", json!("wish")),
        with("colour", json!("red")),
        "{\"subject\": ".to_owned(),
        with("organization", json!("123")),
        with("text", json!("я".repeat(10_001))),
        sound.to_string().replace("подъезде", "лифте"),
    ];
    let path = world.file("in/mixed.jsonl", lines.join("\n"));
    let run = world.run(["batch", "submit", &path, "-o", "json"]).code(3);
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
    // A dry run reports the same and files nothing.
    world.run(["batch", "submit", &path, "--dry-run", "-o", "json"]).code(3);
    assert_eq!(count(world), 0);
    // Only the valid rows, on request.
    let run = world.run(["batch", "submit", &path, "--allow-invalid", "--ordered", "-o", "json"]).code(9);
    let rows = run.json();
    let rows = rows.as_array().expect("rows");
    let mut expected = vec!["invalid"; 10];
    expected[0] = "filed";
    expected[9] = "filed";
    assert_eq!(statuses(rows), expected);
    for row in rows {
        assert_eq!(row["number"].is_string(), row["status"] == "filed", "{row}");
        assert_eq!(row["error"].is_null(), row["status"] == "filed", "{row}");
    }
    assert_eq!(count(world), 2);
    // After correction the rest is filed, and what was filed stays.
    fs::remove_file(page).expect("removed");
    let mended = [lines[0].clone(), with("text", json!("Со 2 ноября нет воды.")), lines[9].clone()];
    fs::write(&path, mended.join("\n")).expect("written");
    let dry_run = world.run(["batch", "submit", &path, "--dry-run", "-o", "json"]).ok();
    assert!(dry_run.json().is_array() || dry_run.json().is_object(), "{dry_run:?}");
    assert_eq!(count(world), 2);
    let rows = world.run(["batch", "submit", &path, "-o", "jsonl", "--ordered"]).ok().jsonl();
    assert_eq!(statuses(&rows), ["already", "filed", "already"]);
    assert_eq!(count(world), 3);
    // Warnings do not prevent it, unless requested.
    let vague = world.file(
        "in/vague.jsonl",
        json!({ "subject": "не работает", "text": "Плохо.", "category": "housing" }).to_string(),
    );
    world.run(["batch", "submit", &vague, "--strict"]).code(3);
    assert_eq!(count(world), 3);
    world.run(["batch", "submit", &vague]).ok();
    // Files that are not a batch.
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
    assert_eq!(count(world), 4);
}

fn an_interrupted_run_is_continued(world: &World) {
    const ROWS: usize = 240;
    let record = |n: usize| {
        json!({ "subject": format!("Фонарь номер {n}"), "text": "С 1 ноября не горит фонарь.", "category": "roads" }).to_string()
    };
    let path = world.file("lamps.jsonl", (0..ROWS).map(record).collect::<Vec<_>>().join("\n"));
    let journal = world.join("lamps.journal");
    let args = ["batch", "submit", &path, "--journal", &journal, "-o", "jsonl"];
    let mut going = world.by("applicant").start(args);
    // Killed as soon as something was filed; the earlier, the more is left to do.
    let begun = Instant::now();
    let filed = || fs::read_to_string(&journal).map_or(0, |text| text.matches("\"filed\"").count());
    while filed() < 5 && going.is_running() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
        sleep(Duration::from_millis(1));
    }
    let broken_off = going.is_running();
    if broken_off {
        going.signal(9);
    }
    drop(going.finish());
    assert!(broken_off, "it was done before it could be broken off: more rows are needed");
    let rows = world.run(args).ok().jsonl();
    assert_eq!(rows.len(), ROWS);
    assert!(rows.iter().all(|r| r["status"] == "filed" || r["status"] == "already"), "{rows:?}");
    assert!(rows.iter().any(|r| r["status"] == "already"));
    let numbers: HashSet<&str> = rows.iter().filter_map(|r| r["number"].as_str()).collect();
    assert_eq!(numbers.len(), ROWS);
    // Each row exactly once: as many appeals as rows, every subject once.
    let listed = world.run(["list", "--all", "-o", "json"]).ok().json();
    let listed = listed.as_array().expect("rows");
    assert_eq!(listed.len(), ROWS);
    let subjects: HashSet<&str> = listed.iter().filter_map(|r| r["subject"].as_str()).collect();
    assert_eq!(subjects.len(), ROWS);
    assert_eq!(listed.iter().filter_map(|r| r["number"].as_str()).collect::<HashSet<_>>(), numbers);
    let rows = world.run(args).ok().jsonl();
    assert!(rows.iter().all(|r| r["status"] == "already"), "{rows:?}");
    // Different content under the key of a filed row is refused and reported; the other rows are unchanged.
    let keyed = |text: &str| {
        json!({ "key": "k1", "subject": "Лифт стоит", "text": text, "category": "roads" }).to_string()
    };
    let one = world.file("one.jsonl", keyed("С 1 ноября не работает лифт."));
    let n = world.run(["batch", "submit", &one, "-q"]).ok().line().to_owned();
    world.file("one.jsonl", keyed("С 2 ноября не работает лифт."));
    for (flag, code) in [("--ordered", 9), ("--dry-run", 3)] {
        let run = world.run(["batch", "submit", &one, "-o", "jsonl", flag]).code(code);
        let row = run.jsonl().remove(0);
        assert_eq!((&row["status"], &row["number"]), (&json!("failed"), &json!(n)));
        assert_eq!(row["error"]["code"], "row_changed");
    }
    // Two concurrent runs do not file anything twice either.
    let path = world.file("more.jsonl", (ROWS..ROWS + 40).map(record).collect::<Vec<_>>().join("\n"));
    let going: Vec<_> =
        (0..2).map(|_| world.by("applicant").start(["batch", "submit", &path, "-q"])).collect();
    let codes: Vec<i32> = going.into_iter().map(|g| g.finish().status).collect();
    assert!(codes.contains(&0) && codes.iter().all(|c| [0, 6].contains(c)), "{codes:?}");
    assert_eq!(count(world), ROWS + 41);
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
    // A whole life cycle as well.
    let number = rows[0]["number"].as_str().expect("a number");
    let operator = world.by("operator").env("APPEAL_SERVER", proxy.url());
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
