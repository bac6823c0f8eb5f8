//! The printer against a captured stdout and stderr.

use std::io;

use proptest::prelude::*;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::captured::Captured;
use super::*;
use appeal_i18n::message;

mod forms;

struct Bench {
    output: Output,
    out: Captured,
    err: Captured,
}

fn place(terminal: bool, width: u16) -> Surroundings {
    Surroundings {
        out_terminal: terminal,
        err_terminal: false,
        in_terminal: false,
        width,
        ascii: false,
        color_out: false,
        color_err: false,
    }
}

fn bench(options: Options, place: Surroundings) -> Bench {
    let (out, err) = (Captured::default(), Captured::default());
    let mut output =
        Output::on(options, place, sink::Sink::new(Box::new(out.clone())), Box::new(err.clone())).unwrap();
    output.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(3)).into();
    Bench { output, out, err }
}

fn of(format: Format) -> Options {
    Options { format: Some(format), ..Options::default() }
}

fn rows() -> Vec<Value> {
    vec![
        json!({"number": "2026-1", "status": "submitted", "category": "housing.repairs",
               "subject": "Течёт крыша\nв подъезде", "overdue": true,
               "created_at": "2026-11-01T22:00:00Z", "due_at": "2026-11-09T15:00:00Z",
               "contacts": {"email": "a@example.org"}, "fields": {"meter.no": "12"}, "repeats": ["2026-7", "2026-8"]}),
        json!({"number": "2026-2", "status": "answered", "category": "housing.missing-services",
               "subject": "=1+1", "overdue": false,
               "created_at": "2026-11-02T08:00:00Z", "due_at": null, "repeats": []}),
    ]
}

fn printed(options: Options, place: Surroundings, rows: &[Value]) -> String {
    let mut bench = bench(options, place);
    let mut list = bench.output.list(&LIST_SHAPE);
    for row in rows {
        list.push(row).unwrap();
    }
    list.finish().unwrap();
    bench.output.finish().unwrap();
    bench.out.text()
}

#[test]
fn plain_is_tab_separated_codes_and_utc() {
    let text = printed(of(Format::Plain), place(false, 80), &rows());
    assert_eq!(
        text,
        "2026-1\tsubmitted\thousing.repairs\tТечёт крыша\\nв подъезде\t2026-11-01T22:00:00Z\t2026-11-09T15:00:00Z\n\
         2026-2\tanswered\thousing.missing-services\t=1+1\t2026-11-02T08:00:00Z\t\n"
    );
}

#[test]
fn csv_is_quoted_and_has_no_formulas() {
    let text = printed(of(Format::Csv), place(false, 80), &rows());
    assert_eq!(
        text,
        "number,status,category,subject,created_at,due_at\r\n\
         2026-1,submitted,housing.repairs,\"Течёт крыша\nв подъезде\",2026-11-01T22:00:00Z,2026-11-09T15:00:00Z\r\n\
         2026-2,answered,housing.missing-services,'=1+1,2026-11-02T08:00:00Z,\r\n"
    );
}

#[test]
fn every_formula_sign_is_disarmed() {
    for (cell, written) in [
        ("=1", "'=1"),
        ("+7", "'+7"),
        ("-x", "'-x"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("a=1", "a=1"),
        ("a\"b", "\"a\"\"b\""),
        ("", "\"\""),
    ] {
        assert_eq!(csv::row([cell].into_iter()).unwrap(), format!("{written}\r\n"), "{cell:?}");
    }
}

#[test]
fn an_empty_list_is_valid_in_every_format() {
    for (format, expected) in [
        (Format::Json, "[]\n"),
        (Format::Jsonl, ""),
        (Format::Csv, "number,status,category,subject,created_at,due_at\r\n"),
        (Format::Plain, ""),
        (Format::Table, ""),
    ] {
        assert_eq!(printed(of(format), place(false, 80), &[]), expected, "{format:?}");
    }
}

#[test]
fn a_json_list_that_ends_early_is_an_array() {
    let mut bench = bench(of(Format::Json), place(false, 80));
    let mut list = bench.output.list(&LIST_SHAPE);
    list.push(&rows()[0]).unwrap();
    drop(list);
    bench.output.finish().unwrap();
    let value: Vec<Value> = serde_json::from_str(&bench.out.text()).unwrap();
    assert_eq!(value, rows()[..1]);
}

#[test]
fn json_lists_and_lines_give_the_rows_back() {
    let value: Value = serde_json::from_str(&printed(of(Format::Json), place(false, 80), &rows())).unwrap();
    assert_eq!(value, Value::Array(rows()));
    let text = printed(of(Format::Jsonl), place(false, 80), &rows());
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines, rows());
}

#[test]
fn quiet_prints_the_essential_value_alone() {
    let options = Options { quiet: true, ..of(Format::Table) };
    assert_eq!(printed(options, place(true, 80), &rows()), "2026-1\n2026-2\n");
}

#[test]
fn columns_are_chosen_by_path() {
    let columns = |names: &[&str]| Options {
        columns: Some(names.iter().map(|n| (*n).to_owned()).collect()),
        ..of(Format::Plain)
    };
    let options = columns(&["contacts.email", "fields.meter.no", "repeats", "number"]);
    assert_eq!(
        printed(options, place(false, 80), &rows()),
        "a@example.org\t12\t2026-7,2026-8\t2026-1\n\t\t\t2026-2\n"
    );
    let mut bench = bench(columns(&["numbre"]), place(false, 80));
    let expected = |error: Error| match error {
        Error::Usage { flag, message } => {
            assert_eq!(flag, "--columns");
            let message = message.text(Lang::En);
            assert!(message.contains("'numbre'") && message.contains("contacts.email"), "{message}");
        }
        other => panic!("{other:?}"),
    };
    expected(bench.output.expects(&LIST_SHAPE).unwrap_err());
    expected(bench.output.list(&LIST_SHAPE).finish().unwrap_err());
    expected(bench.output.one(&rows()[0], &LIST_SHAPE).unwrap_err());
}

#[test]
fn jq_filters_the_whole_list_and_prints_strings_raw() {
    let jq = |expression: &str, format| Options { jq: Some(expression.to_owned()), ..of(format) };
    let out = printed(jq(".[].number", Format::Json), place(false, 80), &rows());
    assert_eq!(out, "2026-1\n2026-2\n");
    assert_eq!(printed(jq("length", Format::Plain), place(false, 80), &rows()), "2\n");
    assert_eq!(printed(jq("length", Format::Plain), place(false, 80), &[]), "0\n");
    let out = printed(jq("{number}", Format::Jsonl), place(false, 80), &rows());
    assert_eq!(out, "{\"number\":\"2026-1\"}\n{\"number\":\"2026-2\"}\n");
    for bad in [".[", "nonsense(1)"] {
        let result = Output::on(
            jq(bad, Format::Json),
            place(false, 80),
            sink::Sink::new(Box::new(io::sink())),
            Box::new(io::sink()),
        );
        assert!(matches!(result, Err(Error::Usage { flag: "--jq", .. })), "{bad}");
    }
    let mut bench = bench(jq(".number.x", Format::Json), place(false, 80));
    assert!(matches!(bench.output.one(&rows()[0], &LIST_SHAPE), Err(Error::Jq(_))));
}

#[test]
fn a_table_fits_the_width_and_marks_what_is_overdue_without_colour() {
    for width in [60, 72, 80, 100, 200] {
        let options = Options { lang: Lang::Ru, ..of(Format::Table) };
        let text = printed(options, place(true, width), &rows());
        assert!(text.contains("Номер"), "{text}");
        assert!(text.contains("!\u{a0}просрочено") && text.contains("2026-11-09"), "{text}");
        for line in text.lines() {
            assert!(line.width() <= usize::from(width), "{width}: {} {line}", line.width());
        }
        // Local times: 22:00 UTC is the next day in Moscow. A narrow table leaves the day of filing out.
        assert!(text.contains("2026-11-02") || width < 100, "{text}");
    }
}

#[test]
fn a_table_breaks_codes_between_their_words() {
    let text = printed(of(Format::Table), place(true, 80), &rows());
    assert!(text.contains("│ Number") && text.contains("┆ missing-"), "{text}");
    assert!(text.contains("┆ services"), "{text}");
    let text = printed(of(Format::Table), place(true, 200), &rows());
    assert!(text.contains("┆ housing.missing-services"), "{text}");
}

#[test]
fn no_answer_is_due_of_what_is_answered() {
    let row = |status: &str| json!({"number": "2026-1", "status": status, "due_at": "2026-11-09T15:00:00Z"});
    for (status, due) in
        [("under_review", true), ("answered", false), ("awaiting_confirmation", false), ("closed", false)]
    {
        let text = printed(of(Format::Table), place(true, 120), &[row(status)]);
        assert_eq!(text.contains("2026-11-09"), due, "{text}");
        let text = printed(of(Format::Csv), place(false, 120), &[row(status)]);
        assert!(text.contains("2026-11-09T15:00:00Z"), "machines get the value: {text}");
    }
}

#[test]
fn the_journal_is_told_in_words() {
    let changes = json!({
        "status": {"before": "submitted", "after": "in_progress"},
        "text": {"before": null, "after": "я\n".repeat(100)},
        "contacts": {"before": {"phone": "1", "email": "e"}, "after": {"phone": "2", "email": "e"}},
        "comment": {"before": null, "after": {"id": "x", "text": "hi"}},
        "due_at": {"before": null, "after": "2026-11-27T15:00:00Z"},
        "answers": {"before": null, "after": "01a1fff6-1877-751c-b9f3-cc079d9a7ed5"},
    });
    let bench = bench(Options { lang: Lang::Ru, ..of(Format::Table) }, place(true, 80));
    let text = bench.output.in_words(&changes, Some("Europe/Moscow"));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.contains(&"Статус: Принято → В работе"), "{text}");
    assert!(lines.contains(&"Телефон: 1 → 2") && lines.contains(&"Комментарий: hi"), "{text}");
    assert!(lines.contains(&"Срок ответа: 2026-11-27 18:00") && lines.len() == 5, "{text}");
    assert!(lines.iter().any(|line| line.contains("я я") && line.ends_with('…')), "{text}");
}

#[test]
fn a_narrow_screen_gets_rows_below_each_other() {
    let text = printed(of(Format::Table), place(true, 40), &rows());
    assert!(text.lines().all(|line| line.width() <= 40), "{text}");
    assert!(text.contains("Number") && text.contains("2026-1"), "{text}");
    assert!(!text.contains('│'), "{text}");
}

#[test]
fn borders_are_ascii_where_the_locale_is_not_utf8() {
    let surroundings = Surroundings { ascii: true, ..place(true, 80) };
    let rows = [json!({"number": "1", "status": "submitted", "subject": "x", "overdue": false})];
    assert!(printed(of(Format::Table), surroundings, &rows).is_ascii());
}

#[test]
fn what_a_terminal_would_obey_is_made_visible() {
    let row = json!({"number": "1\u{1b}[2J", "subject": "a\u{202e}b\u{9b}31m\tc\r\nd", "overdue": false});
    let table = printed(of(Format::Table), place(true, 120), std::slice::from_ref(&row));
    assert!(table.contains("<U+001B>[2J") && table.contains("a<U+202E>b<U+009B>31m"), "{table}");
    let plain = printed(of(Format::Plain), place(false, 120), std::slice::from_ref(&row));
    assert_eq!(plain, "1<U+001B>[2J\t\t\ta<U+202E>b<U+009B>31m\\tc\\r\\nd\t\t\n");
    let json = printed(of(Format::Json), place(false, 120), std::slice::from_ref(&row));
    assert!(json.contains(r"a\u202eb\u009b31m\tc\r\nd"), "{json}");
    let csv = printed(of(Format::Csv), place(false, 120), std::slice::from_ref(&row));
    assert!(csv.contains("a\u{202e}b\u{9b}31m\tc\r\nd"), "a pipe gets it verbatim: {csv:?}");
    let csv = printed(of(Format::Csv), place(true, 120), &[row]);
    assert!(csv.contains("a<U+202E>b<U+009B>31m"), "a terminal does not: {csv:?}");
}

#[test]
fn a_closed_pipe_is_told_apart_from_a_full_disk() {
    for format in [Format::Table, Format::Json, Format::Jsonl, Format::Csv, Format::Plain] {
        for (kind, closed) in [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)] {
            let out = Captured::failing(kind);
            let sink = sink::Sink::new(Box::new(out));
            let mut output = Output::on(of(format), place(false, 80), sink, Box::new(io::sink())).unwrap();
            output.one(&rows()[0], &LIST_SHAPE).unwrap();
            let error = output.finish().unwrap_err();
            assert_eq!(matches!(error, Error::Closed), closed, "{format:?}: {error:?}");
        }
    }
}

#[test]
fn a_stream_goes_out_line_by_line() {
    for (format, before) in
        [(Format::Json, 1), (Format::Jsonl, 0), (Format::Csv, 1), (Format::Plain, 0), (Format::Table, 0)]
    {
        let mut bench = bench(of(format), place(false, 80));
        let lines = |out: &Captured| out.text().lines().count();
        let mut stream = bench.output.stream(&LIST_SHAPE);
        stream.start().unwrap();
        assert_eq!(lines(&bench.out), before, "{format:?}: {}", bench.out.text());
        for pushed in 1..=2 {
            stream.push(&json!({"number": pushed.to_string()})).unwrap();
            assert_eq!(lines(&bench.out), before + pushed, "{format:?}: {}", bench.out.text());
        }
    }
}

#[test]
fn a_stream_is_one_json_document_however_it_ends() {
    for pushed in 0..3 {
        let mut bench = bench(of(Format::Json), place(false, 80));
        let mut stream = bench.output.stream(&LIST_SHAPE);
        stream.start().unwrap();
        for n in 0..pushed {
            stream.push(&json!({"number": n.to_string()})).unwrap();
        }
        // Interrupted: never finished.
        drop(stream);
        let read: Value = serde_json::from_str(&bench.out.text()).unwrap();
        assert_eq!(read.as_array().map(Vec::len), Some(pushed));
    }
    // The only one that is waited for is an object; an expression gets each by itself.
    let mut bench = bench(of(Format::Json), place(false, 80));
    let mut single = bench.output.single(&LIST_SHAPE);
    single.push(&json!({"number": "1"})).unwrap();
    single.finish().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&bench.out.text()).unwrap(), json!({"number": "1"}));
}

#[test]
fn a_failure_is_one_json_object_or_a_few_lines() {
    let finding = json!({"severity": "error", "code": "text-empty", "field": "text", "at": "1:1",
                         "message": "No text", "remedy": "Write one"});
    let open = json!({"who": "applicant", "action": "cancel", "to": "cancelled"});
    let details = [finding.clone(), open.clone()];
    let view = ErrorView { code: "invalid", message: "Bad\u{1b}input", hint: Some("try"), details: &details };
    for format in [Format::Json, Format::Jsonl] {
        let mut bench = bench(of(format), place(false, 80));
        bench.output.failure(&view);
        let text = bench.err.text();
        assert_eq!(text.lines().count(), 1);
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({"error": {"code": "invalid", "message": "Bad\u{1b}input", "hint": "try",
                              "details": [finding.clone(), open.clone()]}});
        assert_eq!(value, expected);
        assert_eq!(bench.out.text(), "");
    }
    let mut bench = bench(of(Format::Table), place(false, 80));
    bench.output.failure(&view);
    assert_eq!(
        bench.err.text(),
        "error: Bad<U+001B>input\n  error text 1:1: No text\n      Write one\nWhat can be done now:\n  applicant: cancel → Cancelled\nhint: try\n"
    );
}

#[test]
fn quiet_silences_notes_and_not_warnings() {
    let mut bench = bench(Options { quiet: true, ..of(Format::Plain) }, place(false, 80));
    bench.output.note(message!("open-moves"));
    bench.output.detail(1, "hidden");
    assert_eq!(bench.err.text(), "");
    bench.output.warn(message!("warning-plain-http", place = "http://x"));
    assert!(bench.err.text().contains("http://x"));
}

#[test]
fn colour_comes_only_where_it_is_wanted() {
    assert!(!printed(of(Format::Table), place(true, 80), &rows()).contains('\u{1b}'));
    let surroundings = Surroundings { color_out: true, ..place(true, 80) };
    assert!(printed(of(Format::Table), surroundings, &rows()).contains("\u{1b}["));
}

#[test]
fn sizes_are_for_people() {
    for (bytes, text) in
        [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (10_485_760, "10 MiB"), (5_368_709_120, "5 GiB")]
    {
        assert_eq!(cells::size(bytes, Lang::En), text);
    }
}

#[test]
fn every_word_of_every_vocabulary_has_a_label() {
    use appeal_domain::*;
    use appeal_i18n::has;
    macro_rules! labelled {
        ($($vocabulary:ident),+ $(,)?) => {
            [$(($vocabulary::VOCABULARY, $vocabulary::words())),+]
        };
    }
    let all = labelled!(
        Kind,
        Priority,
        Channel,
        ContactWay,
        Role,
        AccountState,
        Scope,
        ParticipantRole,
        Decision,
        Level,
        EscalationGrounds,
        EscalationState,
        RepeatGrounds,
        ReviewCategory,
        ReviewState,
        Severity,
        Access,
        DeadlineKind,
        DeadlineState,
    );
    for lang in [Lang::En, Lang::Ru] {
        for (vocabulary, words) in &all {
            for word in words {
                let id = format!("{vocabulary}-{word}").replace([' ', '_'], "-");
                assert!(has(lang, &id, None), "{lang:?} {id}");
            }
        }
    }
}

#[test]
fn every_column_has_a_heading_in_both_languages() {
    for shape in [APPEAL_SHAPE, LIST_SHAPE, CHANGED_SHAPE, CHANGE_SHAPE] {
        for column in shape.columns.iter().chain(shape.more).filter(|c| !c.path.ends_with('*')) {
            let id = format!("column-{}", column.path.replace(['.', '_'], "-"));
            for lang in [Lang::En, Lang::Ru] {
                assert!(appeal_i18n::has(lang, &id, None), "{lang:?} {id}");
            }
        }
    }
}

fn an_appeal() -> appeal_api::Appeal {
    serde_json::from_str(
        r#"{
        "number": "2026-0000000001-6", "status": "under_review", "kind": "complaint", "category": "housing.repairs",
        "subject": "Течёт крыша", "text": "Первая строка.\nВторая \u001b[31mстрока.", "priority": "high",
        "channel": "account", "region": "77", "service": null, "application": null, "occurred_at": "2026-11-01",
        "expected": "Починить", "fields": {"meter.no": "12"},
        "contacts": {"email": "a@example.org", "phone": null, "preferred": "email"},
        "applicant": {"login": "applicant", "name": "Анна"}, "organization": null, "department": "housing",
        "responsible": "operator", "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-02T10:00:00Z",
        "status_since": "2026-11-02T10:00:00Z", "due_at": "2026-11-09T15:00:00Z", "overdue": true,
        "deadlines": [{"kind": "decision", "due_at": "2026-11-09T15:00:00Z", "state": "overdue"}],
        "attachments": [{"id": "a1", "name": "фото.jpg", "media_type": "image/jpeg", "size": 123456, "sha256": "00",
            "version": 2, "added_at": "2026-11-01T10:00:00Z", "added_by": "applicant"}],
        "comments": [{"id": "c", "author": "operator", "text": "Смотрим", "at": "2026-11-02T10:00:00Z",
            "internal": true}],
        "clarification": {"id": "q", "question": "Какой дом?", "needs": ["адрес"], "asked_at": "2026-11-03T10:00:00Z",
            "asked_by": "operator", "due_at": "2026-11-06T15:00:00Z"},
        "answers": [{"id": "x", "decision": "explained", "text": "Разъясняем.", "signed_by": "Пётр",
            "at": "2026-11-05T10:00:00Z", "attachments": ["a1"]}],
        "repeat_of": "2025-0000000002-2", "repeats": ["2026-0000000003-1"], "merged_into": null,
        "escalations": [{"level": "senior", "grounds": "overdue", "reason": "Нет ответа", "state": "upheld",
            "due_at": null, "outcome": {"result": "upheld", "text": "Верно", "at": "2026-11-08T10:00:00Z",
            "by": "supervisor"}}],
        "review": {"score": 2, "category": "legal", "remarks": "Плохо", "state": "pending",
            "at": "2026-11-08T11:00:00Z", "changes": null},
        "participants": [{"login": "friend", "role": "view"}], "version": 3
    }"#,
    )
    .unwrap()
}

#[test]
fn the_card_shows_everything_people_ask_for() {
    for (width, lang) in [(60, Lang::Ru), (100, Lang::Ru), (80, Lang::En)] {
        let mut bench = bench(Options { lang, ..of(Format::Table) }, place(true, width));
        bench.output.appeal(&an_appeal().into()).unwrap();
        bench.output.finish().unwrap();
        let text = bench.out.text();
        for part in [
            "2026-0000000001-6",
            "2026-11-01 13:00",
            "2026-11-02 13:00",
            "Течёт крыша",
            "Первая строка.",
            "<U+001B>[31m",
            "Починить",
            "meter.no",
            "Смотрим",
            "Какой дом?",
            "адрес",
            "Разъясняем.",
            "Пётр",
            "фото.jpg",
            "v2",
            "2026-11-09 18:00",
            "2025-0000000002-2",
            "2026-0000000003-1",
            "Нет ответа",
            "Верно",
            "2/5",
            "Плохо",
            "friend",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(text.contains(if lang == Lang::Ru { "просрочено" } else { "overdue" }), "{text}");
        assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{text}");
    }
}

#[test]
fn what_was_changed_is_told_shortly() {
    let run = |options: Options, terminal: bool| {
        let mut bench = bench(options, place(terminal, 80));
        bench.output.changed(&an_appeal().into(), appeal_i18n::message_id!("open-moves")).unwrap();
        bench.output.finish().unwrap();
        (bench.out.text(), bench.err.text())
    };
    let (out, err) = run(of(Format::Table), true);
    assert_eq!(out, "2026-0000000001-6  Under review  answer due 2026-11-09 18:00  !\u{a0}overdue\n");
    assert_eq!(err.lines().count(), 1);
    let (out, err) = run(Options { quiet: true, ..of(Format::Table) }, true);
    assert_eq!((out.as_str(), err.as_str()), ("2026-0000000001-6\n", ""));
    let (out, err) = run(of(Format::Json), false);
    assert_eq!(serde_json::from_str::<appeal_api::Appeal>(&out).unwrap(), an_appeal());
    assert_eq!(err, "", "a machine that reads stderr gets errors alone");
    let (out, _) = run(of(Format::Plain), false);
    assert_eq!(out, "2026-0000000001-6\tunder_review\t2026-11-09T15:00:00Z\n");
}

proptest! {
    #[test]
    fn nothing_shown_can_command_a_terminal(text in any::<String>()) {
        let row = json!({"number": text, "status": text, "subject": text, "overdue": false});
        for format in [Format::Table, Format::Plain] {
            for c in printed(of(format), place(true, 80), std::slice::from_ref(&row)).chars() {
                prop_assert!(c == '\n' || c == '\t' || !visible::is_control(c), "{:?}", c);
            }
        }
        let plain = printed(of(Format::Plain), place(false, 80), std::slice::from_ref(&row));
        prop_assert_eq!(plain.matches('\n').count(), 1);
        prop_assert_eq!(plain.matches('\t').count(), 5);
    }

    #[test]
    fn json_is_harmless_and_gives_the_text_back(text in any::<String>()) {
        let line = json::line(&json!({"text": text})).unwrap();
        prop_assert!(line.chars().all(|c| !visible::is_control(c)));
        prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), json!({"text": text}));
    }

    #[test]
    fn csv_gives_the_text_back(cells in proptest::collection::vec(any::<String>(), 1..6)) {
        let row = csv::row(cells.iter().map(String::as_str)).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
        let read = reader.records().next().unwrap().unwrap();
        prop_assert_eq!(read.len(), cells.len());
        for (read, cell) in read.iter().zip(&cells) {
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                prop_assert_eq!(read.strip_prefix('\''), Some(cell.as_str()));
            } else {
                prop_assert_eq!(read, cell);
            }
        }
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing(text in "[а-яА-Я漢字a-z \n]{0,200}", width in 2usize..60) {
        let lines = table::wrapped(&text, width);
        for line in &lines {
            prop_assert!(line.width() <= width, "{:?}", line);
        }
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(bare(&lines.concat()), bare(&text));
    }
}
