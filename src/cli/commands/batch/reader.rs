//! Reads the records of a batch: CSV, JSON Lines or a JSON array, detected by the first bytes. Reads one record at a
//! time, so memory does not grow with the file. An unreadable record is reported, and reading continues with the next
//! one.

use std::io::{self, BufRead};

use super::csv_rows::CsvRows;
use super::json_rows::{ArrayRows, LineRows};
use super::row::Parsed;
use appeal_domain::Finding;

/// The format of a batch file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// CSV, with any of the delimiters.
    Csv,
    /// JSON Lines.
    Lines,
    /// A JSON array of objects.
    Array,
}

/// Reads the records of a file.
pub enum Rows<R> {
    /// CSV.
    Csv(Box<CsvRows<R>>),
    /// JSON Lines.
    Lines(LineRows<R>),
    /// A JSON array.
    Array(ArrayRows<R>),
}

/// Bytes at the start of a file that determine its format.
const HEAD: usize = 64 * 1024;

impl<R: io::Read> Rows<io::BufReader<R>> {
    /// Opens a stream. If the bytes are ambiguous, the extension of `name` decides.
    ///
    /// # Errors
    /// It cannot be read. The inner error is a finding: it is not text.
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
    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Parsed>> {
        match self {
            Rows::Csv(rows) => rows.next(),
            Rows::Lines(rows) => rows.next(),
            Rows::Array(rows) => rows.next(),
        }
    }
}

/// The first bytes, as many as one read returns.
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

/// The finding for a file that is not UTF-8 text, if its first bytes show it.
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

#[cfg(test)]
mod tests;
