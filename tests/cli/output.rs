//! Output for scripts: keys, formats, columns; and output to a terminal.

use std::process::{Command, Stdio};

use crate::common;
use crate::common::{APPEAL, World, keys, sorted};
use serde_json::{Value, json};

/// The keys of an appeal's card, which are part of the public interface.
const CARD: &str = "number status kind category subject text priority channel region service application occurred_at \
    expected place fields contacts applicant organization department responsible created_at updated_at status_since due_at \
    overdue deadlines attachments comments clarification answers repeat_of repeats merged_into escalations review \
    participants version";
/// Keys that are omitted in lists.
const LEFT_OUT: [&str; 4] = ["text", "comments", "answers", "journal"];

fn without(words: &str, out: &[&str]) -> Vec<String> {
    let mut words = sorted(words);
    words.retain(|w| !out.contains(&w.as_str()));
    words
}

over_both!(json_has_the_promised_keys, every_format_is_valid);

fn json_has_the_promised_keys(world: &World) {
    // Everything that can be given.
    let file = world.file("скан.pdf", common::samples::pdf());
    let full = [
        "create",
        "--subject",
        common::SUBJECT,
        "--text",
        common::TEXT,
        "--category",
        "roads",
        "--kind",
        "request",
        "--priority",
        "high",
        "--region",
        "Тульская область",
        "--service",
        "Ремонт дорог",
        "--application",
        "123-45",
        "--occurred",
        "2026-11-01",
        "--expected",
        "Ровная дорога",
        "--steps",
        "Проехал по улице",
        "--actual",
        "Пробил колесо",
        "--contact-email",
        "a@example.org",
        "--contact-phone",
        "+7 900 000-01-09",
        "--field",
        "place=у дома 5",
        "--attach",
        &file,
        "-o",
        "json",
    ];
    let created = world.run(full).ok().json();
    let number = created["number"].as_str().expect("a number").to_owned();
    let card = world.run(["show", &number, "-o", "json"]).ok().json();
    assert_eq!(keys(&created), keys(&card));
    assert_eq!(keys(&card), sorted(&format!("{CARD} steps actual")));
    for (key, value) in [
        ("status", json!("submitted")),
        ("kind", json!("request")),
        ("category", json!("roads")),
        ("priority", json!("high")),
        ("channel", json!("account")),
        ("region", json!("Тульская область")),
        ("service", json!("Ремонт дорог")),
        ("application", json!("123-45")),
        ("expected", json!("Ровная дорога")),
        ("fields", json!({ "place": "у дома 5" })),
        ("organization", Value::Null),
        ("overdue", json!(false)),
        ("version", json!(1)),
        ("repeats", json!([])),
        ("comments", json!([])),
        ("answers", json!([])),
    ] {
        assert_eq!(card[key], value, "{key}");
    }
    assert_eq!(card["contacts"]["email"], "a@example.org");
    assert_eq!(card["contacts"]["phone"], "+79000000109");
    assert_eq!(keys(&card["contacts"]), sorted("email phone preferred"));
    assert_eq!(keys(&card["applicant"]), sorted("login name"));
    assert_eq!(
        keys(&card["attachments"][0]),
        sorted("id name media_type size sha256 version added_at added_by")
    );
    let deadlines = card["deadlines"].as_array().expect("deadlines");
    assert!(!deadlines.is_empty());
    for deadline in deadlines {
        assert_eq!(keys(deadline), sorted("kind due_at state"));
    }
    assert!(card["due_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{}", card["due_at"]);
    assert!(card["created_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(card["occurred_at"].as_str().is_some_and(|at| at.starts_with("2026-11-01")));

    // Values that appear later.
    world.by("operator").run(["operator", "take", &number]).ok();
    world.by("operator").run(["operator", "ask", &number, "--text", "Где?", "--need", "адрес"]).ok();
    let card = world.run(["show", &number, "--journal", "-o", "json"]).ok().json();
    assert_eq!(keys(&card), sorted(&format!("{CARD} steps actual journal")));
    assert_eq!(keys(&card["clarification"]), sorted("id question needs asked_at asked_by due_at"));
    assert_eq!(keys(&card["journal"][0]), sorted("seq at actor action changes hash"));
    world.run(["reply", &number, "--text", "Здесь."]).ok();
    let answer = world.file("ответ.pdf", common::samples::pdf_sized(500));
    let args = ["operator", "answer", &number, "--decision", "partly", "--text", "Да.", "--attach", &answer];
    world.by("operator").run(args).ok();
    world.run(["rate", &number, "--score", "4"]).ok();
    world
        .run(["escalate", &number, "--level", "regional", "--grounds", "critical", "--reason", "Опасно."])
        .ok();
    world.by("supervisor").run(["supervisor", "uphold", &number, "--text", "Верно."]).ok();
    let card = world.run(["show", &number, "-o", "json"]).ok().json();
    // A reply refers to the request.
    assert_eq!(keys(&card["comments"][0]), sorted("id author text at internal reply_to"));
    assert_eq!(keys(&card["answers"][0]), sorted("id decision text signed_by at attachments"));
    assert_eq!(card["answers"][0]["attachments"].as_array().map(Vec::len), Some(1));
    assert_eq!(keys(&card["review"]), sorted("score category remarks state at changes"));
    assert_eq!(keys(&card["escalations"][0]), sorted("level grounds reason department state due_at outcome"));
    assert_eq!(keys(&card["escalations"][0]["outcome"]), sorted("result text at by"));

    // On behalf of an organization, about an institution.
    let organization = [
        "create",
        "--subject",
        common::SUBJECT,
        "--text",
        common::TEXT,
        "--category",
        "housing",
        "--organization",
        "7701123451",
        "--institution-name",
        "Школа № 1",
        "--institution-address",
        "ул. Садовая, 1",
        "-o",
        "json",
    ];
    let card = world.by("representative").run(organization).ok().json();
    assert_eq!(keys(&card), sorted(&format!("{CARD} institution")));
    assert_eq!(card["organization"], json!({ "inn": "7701123451", "name": "ООО «Светлый двор»" }));
    assert_eq!(card["institution"]["name"], "Школа № 1");
    assert_eq!(keys(&card["institution"]), sorted("name inn address"));

    // Rows, changes, findings.
    let rows = world.run(["list", "-o", "json"]).ok().json();
    assert_eq!(keys(&rows[0]), without(&format!("{CARD} steps actual"), &LEFT_OUT));
    let changes = world.run(["changes", "-o", "json"]).ok().json();
    assert_eq!(keys(&changes[0]), sorted("cursor at number event status actor summary"));
    let plan = world.run(full.iter().chain(&["--dry-run"])).ok().json();
    assert_eq!(keys(&plan), sorted("dry_run method path headers request uploads then changes findings"),);
    assert_eq!(plan["dry_run"], true);
    assert_eq!(plan["request"]["subject"], common::SUBJECT);
    let short = [
        "create",
        "--subject",
        "не работает",
        "--text",
        "ВСЁ ПЛОХО!!! 😡",
        "--category",
        "roads",
        "--dry-run",
    ];
    let plan = world.run(short.iter().chain(&["-o", "json"])).ok().json();
    let findings = plan["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(keys(finding), sorted("severity code field at message remedy"));
        assert_eq!(finding["severity"], "warning");
    }
    // This filed nothing.
    assert_eq!(world.run(["list", "--all", "-q"]).ok().lines().len(), 1);
    let findings = world.anonymous().run(["check", "--text", "не работает", "-o", "json"]).ok().json();
    assert!(
        findings
            .as_array()
            .is_some_and(|f| f.iter().all(|f| keys(f) == sorted("severity code field at message remedy")))
    );
    let sound = world.file("ok.txt", common::TEXT);
    let findings = world.anonymous().run(["check", &file, "--text-file", &sound, "-o", "json"]).ok();
    assert!(findings.json().is_array(), "{findings:?}");
    assert_eq!(world.anonymous().run(["check", &file, "-o", "json"]).ok().json(), json!([]));
    // Categories and templates.
    let category = world.run(["category", "show", "taxes.deduction", "-o", "json"]).ok().json();
    assert!(category["documents"].as_array().is_some_and(|d| !d.is_empty()), "{category}");
    assert!(
        world.run(["category", "list", "-o", "json"]).ok().json().as_array().is_some_and(|c| c.len() > 20)
    );
    assert!(
        world.run(["template", "list", "-o", "json"]).ok().json().as_array().is_some_and(|t| !t.is_empty())
    );
}

fn every_format_is_valid(world: &World) {
    // Empty lists first.
    for (format, empty) in [("json", "[]"), ("jsonl", ""), ("csv", ""), ("plain", "")] {
        let out = world.run(["list", "-o", format]).ok();
        if format == "csv" {
            assert!(out.lines().len() <= 1, "{out:?}");
        } else {
            assert_eq!(out.out().trim_end(), empty, "{format}");
        }
        assert!(out.stderr.is_empty() || format != "json", "{out:?}");
    }
    let numbers: Vec<String> = (0..3)
        .map(|n| {
            let subject = format!("Тема «{n}», с \"кавычками\"; и запятой");
            let args = ["create", "--subject", &subject, "--text", common::TEXT, "--category", "roads", "-q"];
            world.run(args).ok().line().to_owned()
        })
        .collect();
    let newest: Vec<String> = numbers.iter().rev().cloned().collect();
    let rows = world.run(["list", "-o", "json", "--sort", "created_at:desc"]).ok().json();
    let read = |rows: &[Value]| {
        rows.iter().map(|r| r["number"].as_str().expect("a number").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(read(rows.as_array().expect("rows")), newest);
    assert_eq!(read(&world.run(["list", "--sort", "created_at", "-o", "jsonl"]).ok().jsonl()), numbers);
    // csv with a header, plain without, both by columns.
    let csv = world
        .run(["list", "--sort", "created_at", "-o", "csv", "--columns", "number,subject,contacts.email"])
        .ok();
    let mut reader = csv::Reader::from_reader(csv.stdout.as_slice());
    assert_eq!(
        reader.headers().expect("a header"),
        &csv::StringRecord::from(vec!["number", "subject", "contacts.email"])
    );
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a record")).collect();
    assert_eq!(records.len(), 3);
    assert_eq!(
        (&records[1][0], &records[1][1]),
        (numbers[1].as_str(), "Тема «1», с \"кавычками\"; и запятой")
    );
    let plain = world.run(["list", "--sort", "created_at", "-o", "plain", "--columns", "number,status"]).ok();
    let expected: Vec<String> = numbers.iter().map(|n| format!("{n}\tsubmitted")).collect();
    let lines = plain.lines();
    assert_eq!(lines.len(), 3);
    for (line, number) in lines.iter().zip(&numbers) {
        assert!(line.starts_with(&format!("{number}\t")), "{line} {expected:?}");
        assert!(!line.contains('\u{1b}'));
    }
    // Without a terminal, plain is the default.
    assert_eq!(world.run(["list", "--columns", "number,status"]).ok().lines().len(), 3);
    assert_eq!(world.run(["list", "-q", "--sort", "created_at"]).ok().lines(), numbers);
    let jq = world.run(["list", "--sort", "created_at", "--jq", ".[] | .number"]).ok();
    assert_eq!(jq.lines(), numbers);
    assert_eq!(world.run(["show", &numbers[0], "--jq", ".status"]).ok().line(), "submitted");
    let columns = world.run(["list", "-o", "table", "--columns", "number", "--lang", "en"]).ok();
    assert!(numbers.iter().all(|n| columns.out().contains(n)), "{columns:?}");
    // Flags before and after the command, and environment variables.
    let before = world.run(["--json", "--lang", "ru", "list", "--all"]).ok();
    let after = world.run(["list", "--all", "--lang", "ru", "--json"]).ok();
    let around = world
        .by("applicant")
        .env("APPEAL_OUTPUT", "json")
        .env("APPEAL_LANG", "ru")
        .run(["list", "--all"])
        .ok();
    assert_eq!(before.stdout, after.stdout);
    assert_eq!(before.stdout, around.stdout);
    // Labels depend on the language, codes do not.
    let ru = world.run(["list", "--lang", "ru", "-o", "table"]).ok();
    assert!(ru.out().contains("Принято"), "{ru:?}");
    let en = world.run(["list", "--lang", "en", "-o", "table"]).ok();
    assert!(!en.out().contains("Принято") && en.out().contains("Submitted"), "{en:?}");
    let by_locale = world.by("applicant").env("LANG", "ru_RU.UTF-8").run(["list", "-o", "table"]).ok();
    assert_eq!(by_locale.stdout, ru.stdout);
    assert_eq!(world.run(["list", "--lang", "ru", "--jq", ".[0].status"]).ok().line(), "submitted");
    let refusal = world.run(["confirm", &numbers[0], "--lang", "ru"]).code(6);
    assert!(refusal.stderr.chars().any(|c| ('а'..='я').contains(&c)), "{refusal:?}");
    // A truncated list is reported, but not on stdout.
    let cut = world.run(["list", "--limit", "2", "-q"]).ok();
    assert_eq!(cut.lines().len(), 2);
    assert!(cut.stderr.contains("--all"), "{cut:?}");
    let whole = world.run(["list", "--limit", "3", "-q"]).ok();
    assert!(whole.stderr.is_empty(), "{whole:?}");
    // Cyrillic is preserved in the C locale.
    let c = world.by("applicant").env("LANG", "C").env("LC_ALL", "C").run(["show", &numbers[0]]).ok();
    assert!(c.out().contains("Тема «0»"), "{c:?}");
    // Several cards form a list.
    let cards = world.run(["show", &numbers[0], &numbers[1], "-o", "json"]).ok().json();
    assert_eq!(read(cards.as_array().expect("cards")), numbers[..2]);
}

#[test]
fn filters_narrow_a_list() {
    let world = World::local();
    let base = ["create", "--text", common::TEXT, "-q"];
    let file = |more: &[&str]| world.run(base.iter().chain(more)).ok().line().to_owned();
    let a = file(&[
        "--subject",
        "Отопление в подъезде",
        "--category",
        "housing.missing-services",
        "--kind",
        "complaint",
    ]);
    let b = file(&["--subject", "Благодарность врачу", "--category", "health", "--kind", "gratitude"]);
    let c = file(&[
        "--subject",
        "Дорога в школу",
        "--category",
        "roads",
        "--priority",
        "high",
        "--region",
        "Пермский край",
    ]);
    world.by("operator").run(["operator", "take", &c]).ok();
    let list = |more: &[&str]| {
        let mut numbers: Vec<String> = world
            .run(["list", "-q", "--all"].iter().chain(more))
            .ok()
            .lines()
            .into_iter()
            .map(str::to_owned)
            .collect();
        numbers.sort();
        numbers
    };
    let of = |wanted: &[&String]| {
        let mut wanted: Vec<String> = wanted.iter().map(|n| (*n).clone()).collect();
        wanted.sort();
        wanted
    };
    assert_eq!(list(&[]), of(&[&a, &b, &c]));
    assert_eq!(list(&["--status", "submitted"]), of(&[&a, &b]));
    assert_eq!(list(&["--status", "в работе"]), of(&[&c]));
    assert_eq!(list(&["--status", "Принято", "--status", "processing"]), of(&[&a, &b, &c]));
    assert_eq!(list(&["--status", "submitted,in_progress"]), of(&[&a, &b, &c]));
    assert_eq!(list(&["--kind", "gratitude"]), of(&[&b]));
    assert_eq!(list(&["--category", "housing"]), of(&[&a]));
    assert_eq!(list(&["--priority", "high"]), of(&[&c]));
    assert_eq!(list(&["--region", "Пермский край"]), of(&[&c]));
    assert_eq!(list(&["--overdue"]), of(&[]));
    // Other forms and other case of a Russian word.
    assert_eq!(list(&["--search", "ОТОПЛЕНИЯ"]), of(&[&a]));
    assert_eq!(list(&["--search", "школе"]), of(&[&c]));
    assert_eq!(list(&["--search", &b]), of(&[&b]));
    assert_eq!(list(&["--search", "жираф"]), of(&[]));
    assert_eq!(list(&["--since", "1d"]), of(&[&a, &b, &c]));
    assert_eq!(list(&["--until", "2020-01-01"]), of(&[]));
    assert_eq!(list(&["--since", "2999-01-01"]), of(&[]));
    assert_eq!(list(&["--status", "submitted", "--kind", "complaint"]), of(&[&a]));
}

/// A reader that closes the pipe is not a failure, in any format.
#[test]
fn a_closed_pipe_is_a_success() {
    let world = World::local();
    let record = json!({ "subject": common::SUBJECT, "text": common::TEXT, "category": "roads" }).to_string();
    let rows = vec![record; 400].join("\n");
    world.run(["batch", "submit", &world.file("many.jsonl", rows), "-q"]).ok();
    let commands: [&[&str]; 3] = [&["list", "--all"], &["changes", "--since", "1d"], &["category", "list"]];
    for args in commands {
        for format in ["table", "json", "jsonl", "csv", "plain"] {
            // Closed before the first byte.
            let mut child = world
                .by("applicant")
                .command(args.iter().chain(&["-o", format]))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts");
            drop(child.stdout.take());
            let output = child.wait_with_output().expect("it ends");
            assert_eq!(
                output.status.code(),
                Some(0),
                "{args:?} {format}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(
                output.stderr.is_empty(),
                "{args:?} {format}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    for format in ["table", "json", "jsonl", "csv", "plain"] {
        let shell = format!("set -o pipefail; \"$APPEAL\" --as applicant list --all -o {format} | head -1");
        let mut command = world.by("applicant").command([] as [&str; 0]);
        let env: Vec<_> = command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
        command = Command::new("bash");
        command.env_clear().args(["-c", &shell]).env("APPEAL", APPEAL);
        for (name, value) in env {
            command.env(name, value.unwrap_or_default());
        }
        let output = command.output().expect("a shell");
        assert_eq!(output.status.code(), Some(0), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    }
}

/// Without a terminal nothing prompts or waits, with any stdin.
#[test]
fn nothing_waits_for_input() {
    let world = World::local();
    let n = world.filed();
    let commands: Vec<Vec<&str>> = vec![
        vec!["create"],
        vec!["create", "--subject", "Тема"],
        vec!["create", "--from", "-"],
        vec!["comment", &n],
        vec!["reply", &n],
        vec!["cancel", &n],
        vec!["discard", "D-1"],
        vec!["escalate", &n, "--level", "senior", "--grounds", "critical"],
        vec!["rate", &n],
        vec!["repeat", &n, "--grounds", "incomplete"],
        vec!["check"],
        vec!["list"],
        vec!["operator", "answer", &n],
        vec!["batch", "submit"],
        vec!["config", "show"],
        vec!["api", "GET", "/v1/me"],
        vec!["--help"],
        vec!["create", "--help"],
        vec!["--version"],
        vec!["completions", "bash"],
        vec![],
    ];
    for args in &commands {
        if !args.contains(&"-") {
            // A pipe without a writer is not read.
            world.by("applicant").stdin_open().run(args);
        }
        let closed = world.by("applicant").stdin_closed().run(args);
        let null = world.by("applicant").run(args);
        assert!([0, 2, 3, 4, 5, 6].contains(&null.status), "{null:?}");
        if args.first() != Some(&"cancel") {
            assert_eq!(closed.status, null.status, "{closed:?} {null:?}");
        }
    }
    // With `-` it is read.
    let run = world.by("applicant").stdin("Прошу ответить.").run(["comment", &n, "--text-file", "-"]);
    assert!([0, 6].contains(&run.status), "{run:?}");
}

/// Control and bidirectional characters in user content do not reach a terminal.
#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    let world = World::local();
    let nasty = "Тема \u{1b}]0;взлом\u{7} \u{1b}[2J\u{1b}[31m \u{202e}tfel\u{202c} \u{9b}31m \r\u{8}конец";
    let number = world
        .run([
            "create",
            "--subject",
            nasty,
            "--text",
            &format!("{nasty}\nвторая строка"),
            "--category",
            "roads",
            "-q",
        ])
        .ok()
        .line()
        .to_owned();
    let file = world.file("имя\u{1b}[31m\u{202e}.pdf", common::samples::pdf());
    let attached = world.run(["attach", &number, &file, "-o", "json"]);
    let dangerous = |text: &str| {
        text.chars().any(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
        })
    };
    assert!(!dangerous(&attached.stderr), "{attached:?}");
    let commands: [&[&str]; 6] = [
        &["list", "--all"],
        &["show", &number],
        &["show", &number, "--journal"],
        &["changes", "--since", "1d"],
        &["journal", &number],
        &["files", "list", &number],
    ];
    for args in commands {
        for format in ["table", "plain", "json", "jsonl"] {
            for lang in ["en", "ru"] {
                let run =
                    world.run(args.iter().chain(&["-o", format, "--lang", lang, "--color", "never"])).ok();
                assert!(!dangerous(run.out()), "{args:?} {format}: {run:?}");
                assert!(!dangerous(&run.stderr), "{args:?} {format}: {run:?}");
            }
        }
    }
    // JSON preserves it.
    assert_eq!(world.card("applicant", &number)["subject"], nasty);
    // A spreadsheet does not interpret a cell as a formula; otherwise csv is unchanged.
    let formula = "=HYPERLINK(\"http://example.org\")";
    let number = world
        .run(["create", "--subject", formula, "--text", common::TEXT, "--category", "roads", "-q"])
        .ok()
        .line()
        .to_owned();
    let csv = world.run(["list", "-o", "csv", "--columns", "number,subject"]).ok();
    let mut reader = csv::Reader::from_reader(csv.stdout.as_slice());
    let row = reader.records().flatten().find(|r| r[0] == number).expect("the row");
    assert!(!row[1].starts_with('=') && row[1].contains(formula), "{row:?}");
    // Colours are for terminals, unless requested.
    let coloured = |person: common::Person, args: &[&str]| person.run(args).ok().out().contains('\u{1b}');
    let table = ["list", "-o", "table"];
    assert!(!coloured(world.by("applicant"), &table));
    assert!(!coloured(world.by("applicant").env("NO_COLOR", "1"), &table));
    assert!(coloured(world.by("applicant"), &["list", "-o", "table", "--color", "always"]));
    assert!(coloured(world.by("applicant").env("CLICOLOR_FORCE", "1"), &table));
    // Values in errors of the tool itself, too.
    let run = world.run(["show", "\u{1b}[31m\u{202e}"]).code(3);
    assert!(!dangerous(&run.stderr), "{run:?}");
    let run = world.run(["attach", &number, "нет\u{1b}[31m\u{202e}.pdf"]).code(3);
    assert!(!dangerous(&run.stderr), "{run:?}");
}
