//! Reads records of JSON Lines and JSON arrays. An array is split into its elements while it is read, so it is never in
//! memory as a whole.

use std::io::{self, BufRead};

use serde_json::Value;

use super::row::{BadRow, Parsed, RECORD_MAX};
use appeal_domain::Finding;

fn bad(row: u64, line: u64, finding: Finding) -> Option<Parsed> {
    Some(Parsed::Bad(BadRow { row, line, findings: vec![finding] }))
}

/// Parses one record. `line` is where it starts, after `before` characters.
fn record(text: &[u8], row: u64, line: u64, before: usize) -> Parsed {
    match serde_json::from_slice::<Value>(text) {
        Ok(value) => Parsed::of_json(value, row, line),
        Err(error) => {
            // The parser counts from the start of the record.
            let at = line + error.line().saturating_sub(1) as u64;
            let column = column(text, &error) + if error.line() <= 1 { before } else { 0 };
            let finding = match std::str::from_utf8(text) {
                Ok(_) => Finding::error("batch-json", "")
                    .at(format!("{at}:{column}"))
                    .arg("error", without_place(&error.to_string())),
                Err(_) => Finding::error("batch-not-utf8", "").at(format!("{line}")),
            };
            Parsed::Bad(BadRow { row, line, findings: vec![finding] })
        }
    }
}

/// The column of a syntax error in characters, from 1. The parser counts bytes.
fn column(text: &[u8], error: &serde_json::Error) -> usize {
    let line = text.split(|b| *b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = &line[..error.column().saturating_sub(1).min(line.len())];
    String::from_utf8_lossy(before).chars().count() + 1
}

/// The parser's message without the position at its end.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |at| &message[..at])
}

/// Reads records of JSON Lines. Empty lines are skipped.
pub struct LineRows<R> {
    input: R,
    line: u64,
    row: u64,
}

impl<R: BufRead> LineRows<R> {
    /// Reads records from this stream.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, row: 0 }
    }

    /// The next record.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Parsed>> {
        loop {
            let mut text = Vec::new();
            let read = io::Read::take(&mut self.input, RECORD_MAX as u64).read_until(b'\n', &mut text)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            if read >= RECORD_MAX && !text.ends_with(b"\n") {
                skip_line(&mut self.input)?;
                self.row += 1;
                return Ok(bad(self.row, self.line, Finding::error("batch-too-long", "")));
            }
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.row += 1;
            return Ok(Some(record(&text, self.row, self.line, 0)));
        }
    }
}

fn skip_line<R: BufRead>(input: &mut R) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|b| *b == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The position in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    First,
    Next,
    Done,
}

/// Reads records of a JSON array.
pub struct ArrayRows<R> {
    input: R,
    line: u64,
    /// Characters before the current position in its line.
    before: usize,
    row: u64,
    stage: Stage,
}

impl<R: BufRead> ArrayRows<R> {
    /// Reads records from this stream.
    pub fn new(input: R) -> Self {
        Self { input, line: 1, before: 0, row: 0, stage: Stage::Start }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.input.consume(1);
        }
        match byte {
            Some(b'\n') => {
                self.line += 1;
                self.before = 0;
            }
            // Continuation bytes are not characters.
            Some(byte) if byte & 0xc0 != 0x80 => self.before += 1,
            _ => {}
        }
        Ok(byte)
    }

    /// Peeks at the next byte that is not white space.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.take()?;
        }
        Ok(None)
    }

    fn broken(&mut self, code: &'static str) -> io::Result<Option<Parsed>> {
        self.stage = Stage::Done;
        let line = self.line;
        Ok(bad(0, line, Finding::error(code, "").at(format!("{line}:{}", self.before + 1))))
    }

    /// The next record.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Parsed>> {
        loop {
            let byte = match self.stage {
                Stage::Done => return Ok(None),
                _ => self.skip_space()?,
            };
            match (self.stage, byte) {
                (Stage::Start, Some(b'[')) => {
                    self.take()?;
                    self.stage = Stage::First;
                }
                (Stage::First | Stage::Next, Some(b']')) => {
                    self.take()?;
                    self.stage = Stage::Done;
                    if self.skip_space()?.is_some() {
                        return self.broken("batch-after-array");
                    }
                    return Ok(None);
                }
                (Stage::Next, Some(b',')) => {
                    self.take()?;
                    self.skip_space()?;
                    return self.element();
                }
                (Stage::First, Some(_)) => {
                    self.stage = Stage::Next;
                    return self.element();
                }
                (_, None) => return self.broken("batch-array-end"),
                (_, Some(_)) => return self.broken("batch-array"),
            }
        }
    }

    /// Reads one element: everything up to the comma or bracket after it, except within strings and nested values.
    fn element(&mut self) -> io::Result<Option<Parsed>> {
        self.row += 1;
        let (row, line, before) = (self.row, self.line, self.before);
        let mut text = Vec::new();
        let (mut depth, mut string, mut escaped) = (0u32, false, false);
        loop {
            let Some(byte) = self.peek()? else {
                self.stage = Stage::Done;
                return Ok(bad(row, line, Finding::error("batch-array-end", "").at(self.line.to_string())));
            };
            if !string && depth == 0 && matches!(byte, b',' | b']') {
                break;
            }
            self.take()?;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if string => escaped = true,
                b'"' => string = !string,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => depth = depth.saturating_sub(1),
                _ => {}
            }
            text.push(byte);
            if text.len() > RECORD_MAX {
                self.stage = Stage::Done;
                return Ok(bad(row, line, Finding::error("batch-too-long", "")));
            }
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            let place = format!("{line}:{}", before + 1);
            return Ok(bad(row, line, Finding::error("batch-array-comma", "").at(place)));
        }
        Ok(Some(record(&text, row, line, before)))
    }
}
