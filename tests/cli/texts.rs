//! User texts are preserved byte for byte, whichever way they are entered.

use crate::common;
use crate::common::{World, quoted};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

over_both!(every_input_of_one_appeal_preserves_texts, every_format_of_a_batch_preserves_texts);

const SUBJECT: &str = "Протечка кровли в подъезде";

/// Texts that some layer might be tempted to normalize.
fn texts() -> Vec<String> {
    let long: String = "Крыша течёт с 3 ноября, просим ремонта. ".chars().cycle().take(10_000).collect();
    vec![
        "а".to_owned(),
        long,
        "<p>Добрый&nbsp;день!</p><script>alert(\"x\")</script> &amp; <b>5 &lt; 6</b><!-- конец -->"
            .to_owned(),
        "Подъезжающий съёмщик, объём — ещё «ёлки» № 5, Ўзбек, Қазақ, Їжак".to_owned(),
        "первая\r\nвторая\nтретья\rчетвёртая\n\n\nпятая".to_owned(),
        "\"двойные\" 'одинарные' «ёлочки» `обратные` \\ обратная \\n не перенос; запятая, точка с запятой"
            .to_owned(),
        "значки 🏚️👩‍👩‍👧 и флаг 🇷🇺, \u{1d6d1} за пределами плоскости".to_owned(),
        "направление: \u{202e}олрог\u{202c} \u{2066}a\u{2069} \u{200f}\u{200e}".to_owned(),
        "  \t пробелы по краям и переносы  \n\n".to_owned(),
        "\n\r\n начало с переноса".to_owned(),
        "составные: е\u{0308}, и\u{0306}, a\u{030a}, \u{fb01}, e\u{0301}\u{0327}; готовые: ё, й, å"
            .to_owned(),
        "=1+1; +7 900; -2; @имя".to_owned(),
        "-- дефисы --text в начале".to_owned(),
        "\u{1b}[31mкрасный\u{1b}[0m \u{7} \u{8} \u{b} \u{1} \u{7f} \u{85} \u{9b}31m".to_owned(),
        "невидимые: \u{200b}\u{200d}\u{2060}\u{feff}\u{00ad}\u{a0}\u{2028}\u{2029}\u{fffd}\u{ffff}"
            .to_owned(),
        "\u{feff}с меткой порядка байтов".to_owned(),
        "{{шаблон}} ${HOME} $(id) %s %n {0} # не заголовок: да".to_owned(),
        "null".to_owned(),
        "2026-11-01".to_owned(),
        "@файл.txt | \"a\",\"b\"\n\"c\"".to_owned(),
    ]
}

/// Reads appeals back, in the order of these numbers.
fn read_back(world: &World, numbers: &[String]) -> Vec<String> {
    let args = ["show".to_owned()].into_iter().chain(numbers.iter().cloned());
    let cards = world.run(args.chain(["-o".to_owned(), "jsonl".to_owned()])).ok().jsonl();
    let number = |card: &Value| card["number"].as_str().expect("a number").to_owned();
    assert_eq!(cards.iter().map(number).collect::<Vec<_>>(), numbers);
    cards.iter().map(|card| card["text"].as_str().expect("a text").to_owned()).collect()
}

#[track_caller]
fn same(given: &[String], read: &[String], way: &str) {
    assert_eq!(given.len(), read.len(), "{way}");
    for (given, read) in given.iter().zip(read) {
        assert!(given == read, "{way}: given {given:?}, read {read:?}");
    }
}

fn numbers_of(run: &common::Run) -> Vec<String> {
    run.jsonl()
        .iter()
        .map(|row| {
            assert_eq!(row["status"], "filed", "{row}");
            row["number"].as_str().expect("a number").to_owned()
        })
        .collect()
}

/// Files a text by one of six ways; returns the number.
fn filed_by(world: &World, way: usize, text: &str) -> String {
    let file = |person: &common::Person, more: &[&str]| {
        let base = ["create", "--subject", SUBJECT, "--category", "housing", "-q"];
        person.run(base.iter().chain(more)).ok().line().to_owned()
    };
    let person = world.by("applicant");
    let from = |name: &str, content: String| file(&person, &["--from", &world.file(name, content)]);
    match way {
        0 => file(&person, &[&format!("--text={text}")]),
        1 => file(&person, &["--text-file", &world.file("text.txt", text)]),
        2 => file(&person.clone().stdin(text), &["--text-file", "-"]),
        3 => from("r.json", format!("{{\"text\": {}}}", quoted(text))),
        4 => from("r.yaml", format!("text: {}\n", quoted(text))),
        _ => from("r.toml", format!("text = {}\n", quoted(text))),
    }
}

/// Each text by one way, the ways in turn.
fn every_input_of_one_appeal_preserves_texts(world: &World) {
    let texts = texts();
    let numbers: Vec<String> =
        texts.iter().enumerate().map(|(n, text)| filed_by(world, n % 6, text)).collect();
    same(&texts, &read_back(world, &numbers), "one by one");
}

fn every_format_of_a_batch_preserves_texts(world: &World) {
    let texts = texts();
    let record =
        |text: &String| json!({ "subject": SUBJECT, "text": text, "category": "housing" }).to_string();
    let records: Vec<String> = texts.iter().map(record).collect();
    for (name, content) in [
        ("t.jsonl", records.join("\n")),
        ("t.json", format!("[{}]", records.join(",\n"))),
        ("t.csv", csv(&texts)),
    ] {
        let path = world.file(name, content);
        let run = world.run(["batch", "submit", "--ordered", &path, "-o", "jsonl"]).ok();
        same(&texts, &read_back(world, &numbers_of(&run)), name);
    }
}

fn csv(texts: &[String]) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = "subject;category;text\r\n".to_owned();
    for text in texts {
        out.push_str(&format!("{SUBJECT};housing;{}\r\n", quote(text)));
    }
    out
}

/// A character of a text; unusual ones are frequent.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range('а', 'я'),
        2 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select(vec![
            '\n', '\r', '\t', '"', '\'', ';', ',', '|', '\\', '\u{feff}', '\u{202e}', '\u{1b}', '\u{301}', '😀', '\u{85}',
        ]),
        1 => any::<char>().prop_filter("NUL is refused", |c| *c != '\0'),
    ]
}

#[test]
fn any_text_survives_a_batch() {
    let world = World::local();
    // The same texts in every run, so that failures can be reproduced.
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = proptest::collection::vec(character(), 1..60)
        .prop_map(String::from_iter)
        .prop_filter("an empty text is refused", |text: &String| !text.trim().is_empty() && !is_blank(text));
    let texts: Vec<String> =
        (0..100).map(|_| strategy.new_tree(&mut runner).expect("a text").current()).collect();
    let path = world.file("any.csv", csv(&texts));
    let run = world.run(["batch", "submit", "--ordered", &path, "-o", "jsonl"]).ok();
    same(&texts, &read_back(&world, &numbers_of(&run)), "csv");
}

/// Returns whether there is nothing visible.
fn is_blank(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

#[test]
fn subjects_and_other_fields_too() {
    let world = World::local();
    let odd = " «Тема» \t с 🏚️, <b>, \u{202e}, \"кавычками\" и \u{1b}[1m ";
    let path = world.file(
        "r.json",
        json!({
            "subject": odd, "text": "В доме 3 с 1 ноября нет света.", "category": "housing", "expected": odd, "steps": odd,
            "actual": odd, "fields": { "note": odd },
        })
        .to_string(),
    );
    let number = world.run(["create", "--from", &path, "-q"]).ok().line().to_owned();
    let card = world.card("applicant", &number);
    for value in
        [&card["subject"], &card["expected"], &card["steps"], &card["actual"], &card["fields"]["note"]]
    {
        assert_eq!(value, odd, "{card}");
    }
    // Comments, reasons and answers as well.
    let comment = world.file("c.txt", odd);
    world.run(["comment", &number, "--text-file", &comment]).ok();
    world.by("operator").run(["operator", "take", &number]).ok();
    world
        .by("operator")
        .run(["operator", "answer", &number, "--decision", "partly", "--text-file", &comment])
        .ok();
    let card = world.card("applicant", &number);
    assert_eq!(card["comments"][0]["text"], odd);
    assert_eq!(card["answers"][0]["text"], odd);
}

/// Files with these flags; the text must be refused. Returns the codes of the findings.
#[track_caller]
fn refused(world: &World, stdin: &str, flags: &[&str]) -> String {
    let base = ["create", "--subject", SUBJECT, "--category", "housing", "-o", "json"];
    let run = world.by("applicant").stdin(stdin).run(base.iter().chain(flags)).code(3);
    assert!(run.stdout.is_empty(), "{run:?}");
    run.error()["details"].to_string()
}

#[test]
fn a_text_is_neither_empty_nor_too_long() {
    let world = World::local();
    let long = "я".repeat(10_001);
    assert!(refused(&world, "", &["--text", &long]).contains("text-too-long"));
    refused(&world, "", &["--text-file", &world.file("long.txt", &long)]);
    refused(&world, "", &["--text", ""]);
    refused(&world, "", &["--text", " \n\t "]);
    let most = "я".repeat(10_000);
    world.run(["create", "--subject", SUBJECT, "--category", "housing", "--text", &most]).ok();
}

#[test]
fn a_text_has_no_nul_and_is_utf_8() {
    let world = World::local();
    let nul = "до\0после";
    refused(&world, "", &["--text-file", &world.file("nul.txt", nul)]);
    refused(&world, nul, &["--text-file", "-"]);
    refused(&world, "", &["--from", &world.file("nul.json", r#"{"text": "до\u0000после"}"#)]);
    refused(&world, "", &["--text-file", &world.file("cp1251.txt", b"\xcf\xf0\xe8\xe2\xe5\xf2")]);
    assert_eq!(world.run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
}

#[test]
fn a_batch_refuses_the_same_texts() {
    let world = World::local();
    let row = |text: &str| json!({ "subject": SUBJECT, "category": "housing", "text": text }).to_string();
    for (name, content) in [
        ("nul.jsonl", row("до\0после")),
        ("long.jsonl", row(&"я".repeat(10_001))),
        ("nul.csv", format!("subject,category,text\n{SUBJECT},housing,до\0после\n")),
    ] {
        world.run(["batch", "submit", "--ordered", &world.file(name, content)]).code(3);
    }
    assert_eq!(world.run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
}
