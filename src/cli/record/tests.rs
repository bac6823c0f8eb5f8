use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(value: Value) -> Result<Record, Vec<Finding>> {
    Record::from_map(serde_json::from_value(value).unwrap())
}

#[test]
fn flag_names_and_json_keys_are_the_same() {
    let by_flags = read(json!({
        "subject": "Нет горячей воды", "text": "С 1 ноября", "kind": "complaint", "occurred": "2026-11-01",
        "contact-email": "a@example.org", "contact-preferred": "email", "institution-name": "УК", "field.meter": "12",
        "attach": "a.pdf | b.png", "document.bill": "c.pdf", "key": "k-1",
    }))
    .unwrap();
    let by_keys = read(json!({
        "subject": "Нет горячей воды", "text": "С 1 ноября", "kind": "complaint", "occurred_at": "01.11.2026",
        "contacts": {"email": "a@example.org", "preferred": "email"}, "institution": {"name": "УК"},
        "fields": {"meter": 12}, "attachments": ["a.pdf", "b.png"], "documents": {"bill": "c.pdf"},
        "idempotency_key": "k-1",
    }))
    .unwrap();
    assert_eq!(by_flags, by_keys);
    assert_eq!(by_flags.attach, [PathBuf::from("a.pdf"), PathBuf::from("b.png")]);
    let request = by_flags.into_request();
    assert_eq!(request.contacts.unwrap().email.as_deref(), Some("a@example.org"));
    assert_eq!(request.fields["meter"], "12");
    assert_eq!(request.occurred_at.as_deref(), Some("2026-11-01"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let findings = read(json!({
        "subjet": "x", "kind": "grievance", "text": ["a"], "occurred": "soon", "fields": 5, "contacts": {"fax": "1"},
    }))
    .unwrap_err();
    let mut codes: Vec<(&str, &str)> = findings.iter().map(|f| (f.field.as_str(), f.code)).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("contacts.fax", "record-key-unknown"),
            ("fields", "record-value-type"),
            ("kind", "record-word-unknown"),
            ("occurred", "record-time"),
            ("subjet", "record-key-unknown"),
            ("text", "record-value-type"),
        ]
    );
    let near = findings.iter().find(|f| f.field == "subjet").unwrap();
    assert_eq!(near.args["known"], "subject");
}

#[test]
fn empty_cells_are_absent_but_for_subject_and_text() {
    let record =
        read(json!({"subject": "", "text": "", "region": "", "kind": " ", "attach": "", "fields": ""}))
            .unwrap();
    assert_eq!(
        record,
        Record {
            content: Content {
                subject: Some(String::new()),
                text: Some(String::new()),
                ..Content::default()
            },
            ..Record::default()
        }
    );
}

#[test]
fn texts_are_not_trimmed() {
    let text = "  строка\r\n\tещё <b>HTML</b> «кавычки» \"и\" 'такие' \n";
    assert_eq!(read(json!({ "text": text })).unwrap().into_request().text, text);
}

#[test]
fn what_is_laid_over_wins() {
    let base = read(
        json!({"subject": "a", "text_file": "t.txt", "fields": {"x": "1", "y": "2"}, "attach": ["a.pdf"]}),
    )
    .unwrap();
    let over = read(json!({"text": "b", "fields": {"x": "3"}, "attach": ["b.pdf"]})).unwrap();
    let both = base.overlaid(over);
    assert_eq!(
        (both.content.subject.as_deref(), both.content.text.as_deref(), both.text_file.as_deref()),
        (Some("a"), Some("b"), None)
    );
    assert_eq!(both.content.fields, BTreeMap::from([("x".into(), "3".into()), ("y".into(), "2".into())]));
    assert_eq!(both.attach.len(), 2);
}

#[test]
fn paths_are_relative_to_the_file() {
    let mut record =
        read(json!({"attach": ["a.pdf", "/b.pdf"], "document.bill": "c.pdf", "text_file": "-"})).unwrap();
    record.resolve(Path::new("/home/x"));
    assert_eq!(record.attach, [PathBuf::from("/home/x/a.pdf"), PathBuf::from("/b.pdf")]);
    assert_eq!(record.documents[0].1, PathBuf::from("/home/x/c.pdf"));
    assert_eq!(record.text_file.as_deref(), Some(Path::new("-")));
}

#[test]
fn two_texts_are_one_too_many() {
    assert_eq!(read(json!({"text": "a", "text-file": "b"})).unwrap_err()[0].code, "record-two-texts");
}

proptest! {
    #[test]
    fn a_record_survives_its_file(
        subject in proptest::option::of(".*"),
        text in proptest::option::of("(?s).*"),
        fields in proptest::collection::btree_map("[a-zа-я_]{1,8}", ".{1,8}", 0..4),
        attach in proptest::collection::vec("[a-zа-я |.]{1,12}", 0..4),
        codes in proptest::collection::vec("[a-z]{1,5}", 0..4),
        kind in proptest::option::of(proptest::sample::select(Kind::ALL.to_vec())),
        draft: bool,
    ) {
        let record = Record {
            content: Content { subject, text, fields, kind, ..Content::default() },
            draft,
            attach: attach.into_iter().map(PathBuf::from).collect(),
            documents: codes.into_iter().map(|code| (code, PathBuf::from("d.pdf"))).collect(),
            key: Some("k".into()),
            ..Record::default()
        };
        prop_assert_eq!(read(record.to_json()).unwrap(), record);
    }
}
