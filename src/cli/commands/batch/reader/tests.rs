use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::cli::commands::batch::blank::is_blank;
use crate::cli::commands::batch::row::Row;

fn all(bytes: &[u8], name: &str) -> Vec<Parsed> {
    let mut rows = Rows::open(bytes, name).unwrap().unwrap();
    let mut read = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        read.push(row);
    }
    read
}

fn good(bytes: &[u8], name: &str) -> Vec<Row> {
    let row = |read| match read {
        Parsed::Row(row) => row,
        Parsed::Bad(bad) => panic!("{bad:?}"),
    };
    all(bytes, name).into_iter().map(row).collect()
}

fn codes(read: &[Parsed]) -> Vec<(u64, u64, &'static str)> {
    let bad = |read: &Parsed| match read {
        Parsed::Row(_) => vec![],
        Parsed::Bad(bad) => bad.findings.iter().map(|f| (bad.row, bad.line, f.code)).collect(),
    };
    read.iter().flat_map(bad).collect()
}

#[test]
fn the_delimiter_is_found() {
    for (head, delimiter) in [
        ("subject;text\na,b,c;d", b';'),
        ("subject,text\n", b','),
        ("subject\ttext", b'\t'),
        ("\n\nsubject;text", b';'),
        ("\"a;b;c\",d", b','),
        ("subject", b','),
        ("", b','),
    ] {
        assert_eq!(super::super::csv_rows::delimiter(head.as_bytes()), delimiter, "{head:?}");
    }
}

#[test]
fn csv_with_line_breaks_in_cells_knows_its_lines() {
    let rows = good(
        "\u{feff}subject;text\r\n\"тема\";\"строка 1\nстрока \"\"2\"\"\"\r\nвторая;x\r\n;\r\n\u{a0};\u{b} \r\n".as_bytes(),
        "a.csv",
    );
    assert_eq!(rows.len(), 2, "a row of blank cells is not a record");
    assert_eq!((rows[0].row, rows[0].line), (1, 2));
    assert_eq!(rows[0].values["text"], json!("строка 1\nстрока \"2\""));
    assert_eq!((rows[1].row, rows[1].line), (2, 4));
    assert_eq!(rows[1].values["subject"], json!("вторая"));
}

#[test]
fn a_bad_row_does_not_hide_the_next() {
    let read = all(b"a,b\n1\n1,2,3\nx,\xff\n5,6\n", "x");
    assert_eq!(
        codes(&read),
        [(1, 2, "batch-cells-few"), (2, 3, "batch-cell-extra"), (3, 4, "batch-not-utf8")]
    );
    assert!(matches!(read.last(), Some(Parsed::Row(row)) if row.row == 4 && row.line == 5));
}

#[test]
fn an_open_quote_is_told_and_a_quote_within_a_cell_is_not() {
    assert_eq!(codes(&all(b"a,b\n1,\"open\nto the end\n", "x")), [(1, 2, "batch-quote-open")]);
    assert_eq!(good(b"a,b\n1,pipe 5\" wide\n", "x").len(), 1);
}

#[test]
fn a_cell_that_goes_on_after_its_quote_is_told() {
    let read = all(
        "a;b\n1;\"Нет \"отопления\" тут\"\n2;\"\"\"да\"\"\"\n\"x\" ;\"y\"\n\"с\" \"т\";4\n".as_bytes(),
        "x",
    );
    assert_eq!(codes(&read), [(1, 2, "batch-quote-stray"), (4, 5, "batch-quote-stray")]);
    assert!(matches!(&read[0], Parsed::Bad(bad) if bad.findings[0].field == "b"), "{read:?}");
    assert_eq!(codes(&all(b"\"a\"b,c\n1,2\n", "x.csv")), [(0, 1, "batch-quote-stray")]);
}

#[test]
fn headers_are_checked() {
    assert_eq!(codes(&all(b"a,b,a\n1,2,3\n", "x")), [(0, 1, "batch-column-twice")]);
    assert_eq!(codes(&all(b"", "x.csv")), [(0, 1, "batch-empty")]);
    assert!(all(b"", "x.jsonl").is_empty());
}

#[test]
fn what_is_no_text_is_named() {
    let finding = |bytes: &[u8]| Rows::open(bytes, "x.csv").unwrap().err().map(|f| f.code);
    assert_eq!(finding(b"\xff\xfea\0"), Some("batch-utf16"));
    assert_eq!(finding(b"PK\x03\x04rest"), Some("batch-spreadsheet"));
}

#[test]
fn json_lines() {
    let text =
        "{\"subject\":\"тема\",\"fields\":{\"a\":1}}\n\n  {\"subject\":\"два\"}\nnot json\n[1]\n{\"a\":\n";
    let read = all(text.as_bytes(), "-");
    assert_eq!(codes(&read), [(3, 4, "batch-json"), (4, 5, "batch-no-object"), (5, 6, "batch-json")]);
    assert!(matches!(&read[1], Parsed::Row(row) if row.row == 2 && row.line == 3));
}

#[test]
fn an_array_is_cut_into_its_elements() {
    let text = "[ {\"a\": \"]},\\\"\", \"b\": [1, {\"c\": 2}]},\n  {\"a\": 2}\n]\n";
    let rows = good(text.as_bytes(), "-");
    assert_eq!(rows[0].values["a"], json!("]},\""));
    assert_eq!((rows[1].row, rows[1].line), (2, 2));
    assert!(good(b"[]", "x.json").is_empty());
}

#[test]
fn a_broken_array_is_told() {
    assert_eq!(codes(&all(b"[{\"a\":1}", "x")), [(1, 1, "batch-array-end")]);
    assert_eq!(codes(&all(b"[\n", "x")), [(0, 2, "batch-array-end")]);
    assert_eq!(codes(&all(b"[{\"a\":1", "x")), [(1, 1, "batch-array-end")]);
    assert_eq!(codes(&all(b"[{\"a\":1} {\"a\":2}]", "x")), [(1, 1, "batch-json")]);
    assert_eq!(codes(&all(b"[{\"a\":1},]", "x")), [(2, 1, "batch-array-comma")]);
    assert_eq!(codes(&all(b"[] []", "x")), [(0, 1, "batch-after-array")]);
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

proptest! {
    /// Any records, written as CSV with any delimiter and line end, read back the same.
    #[test]
    fn csv_reads_back(
        records in prop::collection::vec(prop::collection::vec("(?s)[^\0]{0,12}", 3), 0..12),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        bom: bool,
        extension in prop::sample::select(vec!["a.csv", "-"]),
    ) {
        let mut text = String::new();
        if bom {
            text.push('\u{feff}');
        }
        let names = ["subject", "text", "field.key"];
        text.push_str(&names.join(&delimiter.to_string()));
        for record in &records {
            text.push_str(end);
            let cells: Vec<String> = record.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(&delimiter.to_string()));
        }
        let rows = good(text.as_bytes(), extension);
        let selection: Vec<(u64, Vec<&String>)> = records
            .iter()
            .enumerate()
            .filter(|(_, record)| !record.iter().all(|cell| is_blank(cell)))
            .map(|(n, record)| (n as u64 + 1, record.iter().collect()))
            .collect();
        prop_assert_eq!(rows.len(), selection.len());
        for (row, (number, cells)) in rows.iter().zip(selection) {
            prop_assert_eq!(row.row, number);
            for (name, cell) in names.iter().zip(cells) {
                prop_assert_eq!(&row.values[*name], &json!(cell));
            }
        }
    }

    /// The same records as JSON Lines and as an array, indented or not.
    #[test]
    fn json_reads_back(
        records in prop::collection::vec(prop::collection::btree_map("[a-z]{1,4}", "(?s).{0,12}", 0..4), 0..12),
        pretty: bool,
    ) {
        let selection: Vec<BTreeMap<String, Value>> = records
            .iter()
            .map(|r| r.iter().map(|(k, v)| (k.clone(), json!(v))).collect())
            .collect();
        let lines: String = selection.iter().map(|r| format!("{}\n", serde_json::to_string(r).unwrap())).collect();
        let array = if pretty { serde_json::to_string_pretty(&selection) } else { serde_json::to_string(&selection) }.unwrap();
        for (text, name) in [(lines, "x.jsonl"), (array, "x.json")] {
            let rows = good(text.as_bytes(), name);
            let got: Vec<_> = rows.iter().map(|r| r.values.clone()).collect();
            prop_assert_eq!(&got, &selection);
            let numbers: Vec<u64> = rows.iter().map(|r| r.row).collect();
            prop_assert_eq!(numbers, (1..=selection.len() as u64).collect::<Vec<_>>());
        }
    }

    /// Whatever the bytes are, reading ends and does not fail.
    #[test]
    fn garbage_ends(bytes in prop::collection::vec(any::<u8>(), 0..300), name in "(x.csv|x.jsonl|x.json|-)") {
        if let Ok(mut rows) = Rows::open(bytes.as_slice(), &name).unwrap() {
            for _ in 0..1000 {
                if rows.next().unwrap().is_none() {
                    return Ok(());
                }
            }
            prop_assert!(false, "it does not end");
        }
    }
}
