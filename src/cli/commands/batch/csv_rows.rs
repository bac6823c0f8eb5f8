//! Reads records of CSV (RFC 4180). The delimiter (`;`, `,` or tab) is detected.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead};

use csv::ByteRecord;
use serde_json::Value;

use super::blank::is_blank;
use super::row::{BadRow, Parsed, Row};
use appeal_domain::Finding;

/// Possible delimiters; on a tie, the first one is used.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Detects the delimiter: the most frequent one in the header outside quotes.
pub fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [0usize; 3];
    let mut quoted = false;
    let mut content = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            // Empty lines before the header do not count.
            b'\n' | b'\r' if !quoted && content => break,
            b'\n' | b'\r' if !quoted => continue,
            _ if quoted => {}
            byte => {
                if let Some(n) = DELIMITERS.iter().position(|d| d == byte) {
                    counts[n] += 1;
                }
            }
        }
        content = true;
    }
    let mut best = 0;
    for n in 1..DELIMITERS.len() {
        if counts[n] > counts[best] {
            best = n;
        }
    }
    DELIMITERS[best]
}

/// Tracks the bytes read by the parser, for line numbers and misplaced quotes. The parser counts lines wrongly if they
/// end with CR LF.
struct Watched<R> {
    input: R,
    /// Bytes read so far.
    offset: u64,
    /// Offsets of line ends after the start of the last record; true for a line feed.
    ends: VecDeque<(u64, bool)>,
    /// Line feeds before those.
    lines: u64,
    /// Whether a quote is open; at the end of the file, this is an unfinished cell.
    odd: bool,
    delimiter: u8,
    within: Within,
    /// Cells before this one in its record.
    cells: usize,
    /// Offsets of text after a closing quote, with the index of the cell. The parser accepts such cells and drops the
    /// quotes.
    strays: VecDeque<(u64, usize)>,
}

/// The position within a cell.
#[derive(Clone, Copy)]
enum Within {
    Start,
    Plain,
    Quoted,
    /// After a closing quote, or the first quote of an escaped pair.
    Closed,
    /// In white space after the closing quote.
    Padding,
}

impl<R: BufRead> io::Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        for (at, byte) in (self.offset..).zip(&buffer[..read]) {
            match byte {
                b'"' => self.odd = !self.odd,
                b'\n' => self.ends.push_back((at, true)),
                b'\r' => self.ends.push_back((at, false)),
                _ => {}
            }
            self.within = match (self.within, *byte) {
                (Within::Start | Within::Closed, b'"') => Within::Quoted,
                (Within::Quoted, b'"') => Within::Closed,
                (Within::Quoted, _) => Within::Quoted,
                (_, byte) if byte == self.delimiter => {
                    self.cells += 1;
                    Within::Start
                }
                (_, b'\n' | b'\r') => {
                    self.cells = 0;
                    Within::Start
                }
                (Within::Closed | Within::Padding, b' ' | b'\t') => Within::Padding,
                (Within::Closed | Within::Padding, _) => {
                    self.strays.push_back((at, self.cells));
                    Within::Plain
                }
                _ => Within::Plain,
            };
        }
        self.offset += read as u64;
        Ok(read)
    }
}

impl<R> Watched<R> {
    /// Returns the first cell before the offset with text after its closing quote, and forgets those before the offset.
    fn stray(&mut self, before: u64) -> Option<usize> {
        let mut first = None;
        while let Some((_, cell)) = self.strays.pop_front_if(|(at, _)| *at < before) {
            first.get_or_insert(cell);
        }
        first
    }

    /// Returns the line of the first byte at or after the offset that is not a line end.
    fn line_at(&mut self, mut offset: u64) -> u64 {
        while let Some((at, feed)) = self.ends.front().copied().filter(|(at, _)| *at <= offset) {
            self.ends.pop_front();
            self.lines += u64::from(feed);
            if at == offset {
                offset += 1;
            }
        }
        self.lines + 1
    }
}

/// A cell that is not UTF-8 is not blank.
fn is_blank_cell(cell: &[u8]) -> bool {
    std::str::from_utf8(cell).is_ok_and(is_blank)
}

/// A record of the parser.
struct Record {
    cells: ByteRecord,
    /// The line it starts on.
    line: u64,
    /// A cell with text after its closing quote.
    stray: Option<usize>,
}

/// Records of CSV.
pub struct CsvRows<R> {
    reader: csv::Reader<Watched<R>>,
    header: Option<Vec<String>>,
    row: u64,
    over: bool,
    /// The record that was read ahead.
    next: Option<Record>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads records from this stream.
    pub fn new(input: R, delimiter: u8) -> Self {
        let reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(
                Watched {
                    input,
                    offset: 0,
                    ends: VecDeque::new(),
                    lines: 0,
                    odd: false,
                    delimiter,
                    within: Within::Start,
                    cells: 0,
                    strays: VecDeque::new(),
                },
            );
        Self { reader, header: None, row: 0, over: false, next: None }
    }

    /// The next record.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Parsed>> {
        if self.over {
            return Ok(None);
        }
        if self.header.is_none() {
            match self.read_header()? {
                Ok(header) => self.header = Some(header),
                Err(bad) => {
                    self.over = true;
                    return Ok(Some(Parsed::Bad(bad)));
                }
            }
        }
        loop {
            let Some(record) = self.record()? else { return Ok(None) };
            self.row += 1;
            // Spreadsheets leave rows of blank cells at the end.
            if record.cells.iter().all(is_blank_cell) {
                continue;
            }
            return self.row_of(&record).map(Some);
        }
    }

    /// The columns; `None` before the first record was read.
    pub fn columns(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    fn record(&mut self) -> io::Result<Option<Record>> {
        if self.next.is_some() {
            return Ok(self.next.take());
        }
        let mut record = ByteRecord::new();
        if !self.reader.read_byte_record(&mut record).map_err(io::Error::from)? {
            return Ok(None);
        }
        let offset = record.position().map_or(0, csv::Position::byte);
        let end = self.reader.position().byte();
        let watched = self.reader.get_mut();
        Ok(Some(Record { cells: record, line: watched.line_at(offset), stray: watched.stray(end) }))
    }

    fn read_header(&mut self) -> io::Result<Result<Vec<String>, BadRow>> {
        let fail = |line, findings| BadRow { row: 0, line, findings };
        let Some(Record { cells: record, line, stray }) = self.record()? else {
            return Ok(Err(fail(1, vec![Finding::error("batch-empty", "")])));
        };
        let mut names = Vec::new();
        let mut findings = Vec::new();
        for (n, cell) in record.iter().enumerate() {
            let Ok(name) = std::str::from_utf8(cell) else {
                return Ok(Err(fail(line, vec![Finding::error("batch-not-utf8", "").at(line.to_string())])));
            };
            let name = name.trim().to_owned();
            if !name.is_empty() && names.contains(&name) {
                findings.push(Finding::error("batch-column-twice", name.clone()).arg("column", n + 1));
            }
            names.push(name);
        }
        if let Some(cell) = stray {
            let name = names.get(cell).map_or("", String::as_str);
            findings.push(Finding::error("batch-quote-stray", name).arg("column", cell + 1));
        }
        Ok(if findings.is_empty() { Ok(names) } else { Err(fail(line, findings)) })
    }

    fn is_last(&mut self) -> io::Result<bool> {
        self.next = self.record()?;
        Ok(self.next.is_none())
    }

    fn row_of(&mut self, record: &Record) -> io::Result<Parsed> {
        let Record { cells: record, line, stray } = record;
        let (line, stray) = (*line, *stray);
        let header = self.header.as_deref().unwrap_or_default();
        let mut findings = Vec::new();
        let mut values = BTreeMap::new();
        for (n, cell) in record.iter().enumerate() {
            let name = header.get(n).map_or("", String::as_str);
            if name.is_empty() {
                if !is_blank_cell(cell) {
                    let count = header.len();
                    findings.push(
                        Finding::error("batch-cell-extra", "").arg("column", n + 1).arg("columns", count),
                    );
                }
                continue;
            }
            match std::str::from_utf8(cell) {
                Ok(text) => {
                    values.insert(name.to_owned(), Value::String(text.to_owned()));
                }
                Err(_) => findings.push(Finding::error("batch-not-utf8", name)),
            }
        }
        if record.len() < header.len() {
            let (cells, columns) = (record.len(), header.len());
            findings.push(Finding::error("batch-cells-few", "").arg("cells", cells).arg("columns", columns));
        }
        if let Some(cell) = stray {
            let name = header.get(cell).map_or("", String::as_str);
            findings.push(Finding::error("batch-quote-stray", name).arg("column", cell + 1));
        }
        // An unfinished quote contains a line end, and only the last record can have one.
        if record.iter().any(|cell| cell.contains(&b'\n')) && self.reader.get_ref().odd && self.is_last()? {
            findings.push(Finding::error("batch-quote-open", "").arg("line", line));
        }
        Ok(if findings.is_empty() {
            Parsed::Row(Row { row: self.row, line, values })
        } else {
            Parsed::Bad(BadRow { row: self.row, line, findings })
        })
    }
}
