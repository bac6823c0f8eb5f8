//! Reads a file and checks its rows on all cores, somewhat ahead of their use, in the order of the file.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use super::file_cache::FiledRow;
use super::journal::{Filed, Journal};
use super::keys::Key;
use super::prepare::{Preparer, Unchecked};
use super::reader::Rows;
use super::report::RowResult;
use super::row::{Parsed, Row};
use super::scheduler::{CheckedRow, RowSource, RowState};
use super::selection::Selection;
use super::source::Source;
use crate::cli::base::Failure;
use crate::cli::record::Record;
use appeal_domain::Finding;

/// Rows checked by one task.
const PIECE_ROWS: usize = 32;
/// About the number of bytes of rows that one task checks, because a few long rows take as long as many short ones.
const PIECE_BYTES: usize = 512 * 1024;

/// The rows of a file, checked.
pub struct CheckedRows<'a> {
    source: &'a Source,
    rows: Rows<std::io::BufReader<std::fs::File>>,
    preparer: Preparer<'a>,
    selection: &'a Selection,
    checking: VecDeque<JoinHandle<Vec<CheckedRow>>>,
    checked: VecDeque<CheckedRow>,
    /// Tasks that run at once.
    width: usize,
    at_end: bool,
}

/// A row after the checks that depend on earlier rows.
enum PartlyChecked {
    Done(CheckedRow),
    Filed { row: u64, line: u64, key: Key, filed: Box<FiledRow> },
    Unchecked { row: u64, line: u64, key: Key, unchecked: Box<Unchecked>, changed: Option<Filed> },
}

impl PartlyChecked {
    /// Runs the remaining checks, which may take long.
    fn finish(self) -> CheckedRow {
        match self {
            PartlyChecked::Done(row) => row,
            PartlyChecked::Filed { row, line, key, filed } => {
                let (filed, changed) = filed.compare();
                let known = RowResult::already(row, &key, &filed, changed.as_deref());
                CheckedRow { row, line, key: Some(key), state: RowState::Known(Box::new(known)) }
            }
            PartlyChecked::Unchecked { row, line, key, unchecked, changed } => {
                let state = match (unchecked.check(), changed) {
                    (Ok(ready), None) => RowState::Ready(ready),
                    (Ok(_), Some(filed)) => {
                        RowState::Known(Box::new(RowResult::already(row, &key, &filed, None)))
                    }
                    (Err(findings), _) => RowState::Invalid(findings),
                };
                CheckedRow { row, line, key: Some(key), state }
            }
        }
    }
}

impl<'a> CheckedRows<'a> {
    /// Checks these rows.
    pub fn new(
        source: &'a Source,
        rows: Rows<std::io::BufReader<std::fs::File>>,
        preparer: Preparer<'a>,
        selection: &'a Selection,
    ) -> Self {
        let width = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 16) + 1;
        let (checking, checked) = (VecDeque::new(), VecDeque::new());
        Self { source, rows, preparer, selection, checking, checked, width, at_end: false }
    }

    /// Reads some rows and starts a task that checks them.
    async fn start_checks(&mut self, known: &Journal) -> Result<(), Failure> {
        let mut piece = Vec::new();
        let mut bytes = 0;
        while piece.len() < PIECE_ROWS && bytes < PIECE_BYTES {
            let Some(read) = self.rows.next().map_err(|error| self.source.unreadable(&error))? else {
                self.at_end = true;
                break;
            };
            match read {
                // A row that cannot be read has no key to select it by. Errors in the header or the file as a whole are
                // always reported.
                Parsed::Bad(bad) if bad.row > 0 && !matches!(self.selection, Selection::All) => {}
                Parsed::Bad(bad) => piece.push(PartlyChecked::Done(CheckedRow {
                    row: bad.row,
                    line: bad.line,
                    key: None,
                    state: RowState::Invalid(bad.findings),
                })),
                Parsed::Row(row) => {
                    bytes += size(&row);
                    piece.extend(self.begin(row, known).await?);
                }
            }
        }
        if !piece.is_empty() {
            let check = move || piece.into_iter().map(PartlyChecked::finish).collect();
            self.checking.push_back(tokio::task::spawn_blocking(check));
        }
        Ok(())
    }

    async fn begin(&mut self, mut row: Row, known: &Journal) -> Result<Option<PartlyChecked>, Failure> {
        let (number, line) = (row.row, row.line);
        let key = self.preparer.key(&mut row);
        if !self.selection.contains(&key) {
            return Ok(None);
        }
        // A filed row is not checked again: its files may be gone and the rules may have changed. A key that occurs
        // twice is still reported, and so are the findings of a row that changed.
        let filed = if key.duplicate_of.is_none() { known.filed(&key.key)? } else { None };
        let (same, changed) = match filed {
            Some(filed) if filed.digest == key.digest => (Some(filed), None),
            other => (None, other),
        };
        if let Some(filed) = same {
            let filed = Box::new(self.preparer.filed(row, filed));
            return Ok(Some(PartlyChecked::Filed { row: number, line, key, filed }));
        }
        Ok(Some(match self.preparer.begin(row, &key).await? {
            Ok(unchecked) => {
                PartlyChecked::Unchecked { row: number, line, key, unchecked: Box::new(unchecked), changed }
            }
            Err(findings) => PartlyChecked::Done(CheckedRow {
                row: number,
                line,
                key: Some(key),
                state: RowState::Invalid(findings),
            }),
        }))
    }

    /// Reports unknown columns after the first row: a typo in the header would drop a value of every appeal.
    pub fn unknown_columns(&self) -> Option<Vec<Finding>> {
        let columns = match &self.rows {
            Rows::Csv(rows) => rows.columns()?,
            _ => return None,
        };
        let map = columns
            .iter()
            .filter(|name| !name.is_empty() && !self.preparer.is_template_column(name))
            .map(|name| (name.clone(), serde_json::Value::String(String::new())))
            .collect();
        let findings: Vec<Finding> = Record::from_map(map)
            .err()?
            .into_iter()
            .filter(|finding| finding.code == "record-key-unknown")
            .collect();
        (!findings.is_empty()).then_some(findings)
    }

    /// Returns the preparer, ready for another pass over the file.
    pub fn into_preparer(self) -> Preparer<'a> {
        let mut preparer = self.preparer;
        preparer.restart();
        preparer
    }
}

impl RowSource for CheckedRows<'_> {
    async fn next(&mut self, known: &Journal) -> Result<Option<CheckedRow>, Failure> {
        loop {
            if let Some(row) = self.checked.pop_front() {
                return Ok(Some(row));
            }
            while !self.at_end && self.checking.len() < self.width {
                self.start_checks(known).await?;
            }
            let Some(piece) = self.checking.pop_front() else { return Ok(None) };
            self.checked.extend(piece.await.map_err(std::io::Error::other)?);
        }
    }
}

/// Estimates the size of a row.
fn size(row: &Row) -> usize {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.len(),
        _ => 64,
    };
    row.values.iter().map(|(name, value)| name.len() + text(value)).sum()
}
