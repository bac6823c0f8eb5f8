//! Reading the records of a batch: CSV, JSON Lines or a JSON array, told apart by the first bytes; one record at a time,
//! so that memory does not grow with the file. A record that cannot be read is told and the next one is read.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::Value;

use super::csv_rows::CsvRows;
use super::json_rows::{ArrayRows, LineRows};
use appeal_domain::Finding;

/// Longest record, in bytes.
pub const RECORD_MAX: usize = 64 * 1024 * 1024;

/// A record of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which record it is, from 1; a header does not count.
    pub row: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its values by column or key.
    pub values: BTreeMap<String, Value>,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct BadRow {
    /// Which record it is, from 1; 0 for the header or the file as a whole.
    pub row: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// What reading on gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// A record.
    Row(Row),
    /// What is no record.
    Bad(BadRow),
}

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Comma-separated values, by whatever delimiter.
    Csv,
    /// A JSON object a line.
    Lines,
    /// An array of JSON objects.
    Array,
}

/// The records of a file.
pub enum Rows<R> {
    /// Of CSV.
    Csv(Box<CsvRows<R>>),
    /// Of JSON Lines.
    Lines(LineRows<R>),
    /// Of a JSON array.
    Array(ArrayRows<R>),
}

/// The first bytes of a stream that are looked at to tell its form.
const HEAD: usize = 64 * 1024;

impl<R: io::Read> Rows<io::BufReader<R>> {
    /// Opens a stream; `name` is the file's, whose extension decides where the bytes do not.
    ///
    /// # Errors
    /// It cannot be read, or is no text: the finding says what it is.
    pub fn open(stream: R, name: &str) -> io::Result<Result<Self, Box<Finding>>> {
        let mut input = io::BufReader::with_capacity(HEAD, stream);
        let head = fill(&mut input)?;
        if let Some(finding) = no_text(head) {
            return Ok(Err(Box::new(finding)));
        }
        let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let form = form_of(&head[mark..], name);
        let delimiter = super::csv_rows::delimiter(&head[mark..]);
        input.consume(mark);
        Ok(Ok(match form {
            Form::Csv => Rows::Csv(Box::new(CsvRows::new(input, delimiter))),
            Form::Lines => Rows::Lines(LineRows::new(input)),
            Form::Array => Rows::Array(ArrayRows::new(input)),
        }))
    }
}

impl<R: BufRead> Rows<R> {
    /// The next record; none at the end.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next(&mut self) -> io::Result<Option<Read>> {
        match self {
            Rows::Csv(rows) => rows.next(),
            Rows::Lines(rows) => rows.next(),
            Rows::Array(rows) => rows.next(),
        }
    }
}

/// The first bytes, as many as one read gives.
fn fill<R: io::Read>(input: &mut io::BufReader<R>) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(input.buffer())
}

/// Says what a file is that is no UTF-8 text, where its first bytes show it.
fn no_text(head: &[u8]) -> Option<Finding> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(Finding::error("batch-utf16", ""));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Some(Finding::error("batch-spreadsheet", ""));
    }
    None
}

fn form_of(head: &[u8], name: &str) -> Form {
    let lower = name.to_ascii_lowercase();
    if [".csv", ".tsv"].iter().any(|end| lower.ends_with(end)) {
        return Form::Csv;
    }
    if [".jsonl", ".ndjson"].iter().any(|end| lower.ends_with(end)) {
        return Form::Lines;
    }
    match head.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'[') => Form::Array,
        Some(b'{') => Form::Lines,
        None if lower.ends_with(".json") => Form::Lines,
        _ => Form::Csv,
    }
}

/// A JSON value as a record.
pub(super) fn object(value: Value, row: u64, line: u64) -> Read {
    match value {
        Value::Object(map) => Read::Row(Row { row, line, values: map.into_iter().collect() }),
        _ => Read::Bad(BadRow { row, line, findings: vec![Finding::error("batch-no-object", "")] }),
    }
}

#[cfg(test)]
mod tests;
