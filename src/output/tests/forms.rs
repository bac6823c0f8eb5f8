//! What a program reads, whatever the result is: remarks beside an error, values without columns, paths through lists.

use serde_json::{Value, json};

use super::super::{APPEAL_SHAPE, Cell, Column, Error, ErrorView, Format, LIST_SHAPE, Options, Shape};
use super::{bench, of, place};
use crate::output::shape::at;
use appeal_i18n::{Lang, message};

const DONE: Shape = Shape { columns: &[Column::new("key", Cell::Text)], more: &[], key: "key" };
const FAILED: ErrorView<'static> = ErrorView { code: "io", message: "No", hint: None, details: &[] };

#[test]
fn what_was_remarked_before_a_failure_is_in_its_object() {
    for format in [Format::Json, Format::Jsonl] {
        let mut failing = bench(of(format), place(false, 80));
        failing.output.note(message!("word-hint"));
        failing.output.warn(message!("warning-plain-http", place = "http://x"));
        failing.output.line("cut");
        assert_eq!(failing.err.text(), "");
        failing.output.failure(&FAILED);
        let printed: Value = serde_json::from_str(&failing.err.text()).unwrap();
        let details = printed["error"]["details"].as_array().unwrap();
        assert!(details[0]["note"].is_string() && details[2] == json!({ "note": "cut" }), "{printed}");
        assert!(details[1]["warning"].as_str().unwrap().contains("http://x"), "{printed}");
        // After a success they are messages.
        let mut done = bench(of(format), place(false, 80));
        done.output.line("cut");
        done.output.finish().unwrap();
        assert_eq!(done.err.text(), "cut\n");
        // What runs for long cannot wait with them.
        let mut long = bench(of(format), place(false, 80));
        long.output.stream(&LIST_SHAPE).output().line("cut");
        assert_eq!(long.err.text(), "{\"note\":\"cut\"}\n");
        // On a terminal nobody parses it; -v asks for words.
        let mut screen = bench(of(format), super::Surroundings { err_terminal: true, ..place(true, 80) });
        screen.output.line("cut");
        assert_eq!(screen.err.text(), "cut\n");
        let mut wordy = bench(Options { verbose: 1, ..of(format) }, place(false, 80));
        wordy.output.line("cut");
        assert_eq!(wordy.err.text(), "cut\n");
    }
    let mut words = bench(of(Format::Csv), place(false, 80));
    words.output.line("cut");
    assert_eq!(words.err.text(), "cut\n");
}

#[test]
fn a_value_without_columns_gives_rows_of_its_keys() {
    let page = json!({ "items": [{ "n": 1, "who": { "name": "А" } }, { "n": 2, "more": ["x", "y"] }], "next": null });
    let printed = |options: Options, value: &Value| {
        let mut bench = bench(options, place(false, 80));
        let result = bench.output.json(value);
        bench.output.finish().unwrap();
        (bench.out.text(), result)
    };
    let asked = |format, columns: &str| Options {
        columns: Some(columns.split(',').map(str::to_owned).collect()),
        ..of(format)
    };
    assert_eq!(
        printed(of(Format::Csv), &page).0,
        "n,who,more\r\n1,\"{\"\"name\"\":\"\"А\"\"}\",\r\n2,,\"x,y\"\r\n"
    );
    assert_eq!(printed(asked(Format::Plain, "n,who.name,more.1"), &page).0, "1\tА\t\n2\t\ty\n");
    assert_eq!(printed(of(Format::Csv), &json!({ "a": true })).0, "a\r\ntrue\r\n");
    assert_eq!(printed(of(Format::Csv), &json!(["x", 2])).0, "value\r\nx\r\n2\r\n");
    assert_eq!(printed(of(Format::Plain), &json!({ "a": true })).0, "{\"a\":true}\n");
    let (text, result) = printed(asked(Format::Csv, "n,whose"), &page);
    assert_eq!(text, "");
    let Err(Error::Usage { flag: "--columns", message }) = result else { panic!("{result:?}") };
    let message = message.text(Lang::En);
    assert!(message.contains("'whose'") && message.contains("n, who, more"), "{message}");
}

#[test]
fn a_path_goes_through_a_list_or_to_one_of_its_elements() {
    let card = json!({ "number": "1", "attachments": [{ "name": "а" }, { "name": "б" }], "deadlines": [
        { "kind": "decision", "due_at": "2026-11-09T15:00:00Z" }, { "kind": "x", "due_at": null },
    ] });
    assert_eq!(at(&card, "attachments.name"), json!(["а", "б"]));
    assert_eq!(at(&card, "attachments.1.name"), "б");
    assert_eq!(at(&card, "attachments.1"), json!({ "name": "б" }));
    assert_eq!(at(&card, "attachments.2.name"), Value::Null);
    let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let known = names("attachments.0.name,deadlines.due_at,deadlines.1.state,applicant.name,fields.0");
    APPEAL_SHAPE.selected(Some(&known)).unwrap();
    for unknown in ["attachments.0.nam", "0.number", "number.x", "attachments."] {
        assert!(APPEAL_SHAPE.selected(Some(&names(unknown))).is_err(), "{unknown}");
    }
    // A row of a list has no texts: an empty column would be a lie.
    assert!(LIST_SHAPE.selected(Some(&names("text"))).is_err());
    let columns = Some(names("attachments.name,attachments.0.name,deadlines.due_at"));
    let mut table = bench(Options { columns, ..of(Format::Table) }, place(false, 80));
    table.output.one(&card, &APPEAL_SHAPE).unwrap();
    table.output.finish().unwrap();
    let text = table.out.text();
    assert!(text.contains("а, б") && text.contains("2026-11-09 18:00"), "{text}");
}

#[test]
fn people_get_words_and_programs_the_thing() {
    let value = json!({ "key": "a" });
    let printed = |options: Options| {
        let mut bench = bench(options, place(false, 80));
        bench.output.settled(&value, &DONE, message!("config-set", key = "a")).unwrap();
        bench.output.document("words\n", &value, &DONE).unwrap();
        bench.output.finish().unwrap();
        (bench.out.text(), !bench.err.text().is_empty())
    };
    assert_eq!(printed(of(Format::Plain)), ("words\n".to_owned(), true));
    assert_eq!(printed(of(Format::Json)), ("{\"key\":\"a\"}\n{\"key\":\"a\"}\n".to_owned(), false));
    assert_eq!(printed(of(Format::Csv)).0, "key\r\na\r\nkey\r\na\r\n");
    assert_eq!(printed(Options { quiet: true, ..of(Format::Plain) }), ("a\nwords\n".to_owned(), false));
    assert_eq!(printed(Options { jq: Some(".key".to_owned()), ..of(Format::Plain) }).0, "a\na\n");
}

#[test]
fn a_stream_that_ends_well_without_a_line_is_an_empty_list() {
    let ended = |format, well: bool| {
        let mut bench = bench(of(format), place(false, 80));
        let stream = bench.output.stream(&LIST_SHAPE);
        if well {
            stream.finish().unwrap();
        } else {
            drop(stream);
        }
        bench.output.finish().unwrap();
        bench.out.text()
    };
    assert_eq!(ended(Format::Json, true), "[]\n");
    assert_eq!(ended(Format::Json, false), "");
    assert_eq!(ended(Format::Jsonl, true), "");
}
