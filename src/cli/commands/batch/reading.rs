//! Reading a file to its end, its rows checked on all cores some way ahead of where they are wanted, in their order.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use super::attached::FiledRow;
use super::file::{Job, Jobs, State};
use super::journal::{Filed, Journal};
use super::keys::Key;
use super::prepare::{Preparer, Unchecked};
use super::read::{Read, Row, Rows};
use super::report::RowResult;
use super::source::Source;
use super::submit::Wanted;
use crate::cli::base::Failure;
use crate::cli::record::Record;
use appeal_domain::Finding;

/// Rows that are checked by one thread in a go.
const PIECE_ROWS: usize = 32;
/// Bytes of rows that are checked by one thread in a go, roughly: long rows are few.
const PIECE_BYTES: usize = 512 * 1024;

/// A reading of a file.
pub struct Reading<'a> {
    source: &'a Source,
    rows: Rows<std::io::BufReader<std::fs::File>>,
    preparer: Preparer<'a>,
    wanted: &'a Wanted,
    checking: VecDeque<JoinHandle<Vec<Job>>>,
    checked: VecDeque<Job>,
    /// Pieces that are checked at once.
    width: usize,
    over: bool,
}

/// A row, as far as it is looked at one after another.
enum Begun {
    Job(Job),
    Filed { row: u64, line: u64, key: Key, filed: Box<FiledRow> },
    Unchecked { row: u64, line: u64, key: Key, unchecked: Box<Unchecked>, changed: Option<Filed> },
}

impl Begun {
    /// The checks that take their time.
    fn finish(self) -> Job {
        match self {
            Begun::Job(job) => job,
            Begun::Filed { row, line, key, filed } => {
                let (filed, changed) = filed.compared();
                let known = RowResult::known(row, &key, &filed, changed.as_deref());
                Job { row, line, key: Some(key), state: State::Known(Box::new(known)) }
            }
            Begun::Unchecked { row, line, key, unchecked, changed } => {
                let state = match (unchecked.check(), changed) {
                    (Ok(ready), None) => State::Ready(ready),
                    (Ok(_), Some(filed)) => State::Known(Box::new(RowResult::known(row, &key, &filed, None))),
                    (Err(findings), _) => State::Invalid(findings),
                };
                Job { row, line, key: Some(key), state }
            }
        }
    }
}

impl<'a> Reading<'a> {
    /// Reads these rows.
    pub fn new(
        source: &'a Source,
        rows: Rows<std::io::BufReader<std::fs::File>>,
        preparer: Preparer<'a>,
        wanted: &'a Wanted,
    ) -> Self {
        let width = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 16) + 1;
        let (checking, checked) = (VecDeque::new(), VecDeque::new());
        Self { source, rows, preparer, wanted, checking, checked, width, over: false }
    }

    /// Reads some rows and gives them to a thread.
    async fn read_on(&mut self, known: &Journal) -> Result<(), Failure> {
        let mut piece = Vec::new();
        let mut bytes = 0;
        while piece.len() < PIECE_ROWS && bytes < PIECE_BYTES {
            let Some(read) = self.rows.next().map_err(|error| self.source.unreadable(&error))? else {
                self.over = true;
                break;
            };
            match read {
                // Only rows that were read have keys to be wanted by; what is no list of rows at all is always told.
                Read::Bad(bad) if bad.row > 0 && !matches!(self.wanted, Wanted::All) => {}
                Read::Bad(bad) => piece.push(Begun::Job(Job {
                    row: bad.row,
                    line: bad.line,
                    key: None,
                    state: State::Invalid(bad.findings),
                })),
                Read::Row(row) => {
                    bytes += size(&row);
                    piece.extend(self.begin(row, known).await?);
                }
            }
        }
        if !piece.is_empty() {
            let check = move || piece.into_iter().map(Begun::finish).collect();
            self.checking.push_back(tokio::task::spawn_blocking(check));
        }
        Ok(())
    }

    async fn begin(&mut self, mut row: Row, known: &Journal) -> Result<Option<Begun>, Failure> {
        let (number, line) = (row.row, row.line);
        let key = self.preparer.key(&mut row);
        if !self.wanted.has(&key) {
            return Ok(None);
        }
        // What is filed needs no checks: its files may be gone, and the rules may have changed since. But a key that
        // comes twice is a mistake that is told, and so is what is wrong with a row that changed.
        let filed = if key.twice.is_none() { known.filed(&key.key)? } else { None };
        let (same, changed) = match filed {
            Some(filed) if filed.digest == key.digest => (Some(filed), None),
            other => (None, other),
        };
        if let Some(filed) = same {
            let filed = Box::new(self.preparer.filed(row, filed));
            return Ok(Some(Begun::Filed { row: number, line, key, filed }));
        }
        Ok(Some(match self.preparer.begin(row, &key).await? {
            Ok(unchecked) => {
                Begun::Unchecked { row: number, line, key, unchecked: Box::new(unchecked), changed }
            }
            Err(findings) => {
                Begun::Job(Job { row: number, line, key: Some(key), state: State::Invalid(findings) })
            }
        }))
    }

    /// Columns that no appeal has, once a row was read: a mistake in the header would leave something out of every
    /// appeal.
    pub fn unknown_columns(&self) -> Option<Vec<Finding>> {
        let columns = match &self.rows {
            Rows::Csv(rows) => rows.columns()?,
            _ => return None,
        };
        let map = columns
            .iter()
            .filter(|name| !name.is_empty() && !self.preparer.names(name))
            .map(|name| (name.clone(), serde_json::Value::String(String::new())))
            .collect();
        let findings: Vec<Finding> = Record::from_map(map)
            .err()?
            .into_iter()
            .filter(|finding| finding.code == "record-key-unknown")
            .collect();
        (!findings.is_empty()).then_some(findings)
    }

    /// What checked the rows, for another reading.
    pub fn again(self) -> Preparer<'a> {
        let mut preparer = self.preparer;
        preparer.again();
        preparer
    }
}

impl Jobs for Reading<'_> {
    async fn next(&mut self, known: &Journal) -> Result<Option<Job>, Failure> {
        loop {
            if let Some(job) = self.checked.pop_front() {
                return Ok(Some(job));
            }
            while !self.over && self.checking.len() < self.width {
                self.read_on(known).await?;
            }
            let Some(piece) = self.checking.pop_front() else { return Ok(None) };
            self.checked.extend(piece.await.map_err(std::io::Error::other)?);
        }
    }
}

/// About how many bytes a row has.
fn size(row: &Row) -> usize {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.len(),
        _ => 64,
    };
    row.values.iter().map(|(name, value)| name.len() + text(value)).sum()
}
