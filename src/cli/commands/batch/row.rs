//! A record of a batch file, as the readers of CSV and JSON return it.

use std::collections::BTreeMap;

use appeal_domain::Finding;
use serde_json::Value;

/// Longest record, in bytes.
pub const RECORD_MAX: usize = 64 * 1024 * 1024;

/// A record of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number, from 1; a header does not count.
    pub row: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its values by column or key.
    pub values: BTreeMap<String, Value>,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct BadRow {
    /// Its number, from 1; 0 for the header or the file as a whole.
    pub row: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// The result of reading one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// A record.
    Row(Row),
    /// Something that is not a record.
    Bad(BadRow),
}

impl Parsed {
    /// A JSON value as a record.
    pub fn of_json(value: Value, row: u64, line: u64) -> Parsed {
        match value {
            Value::Object(map) => Parsed::Row(Row { row, line, values: map.into_iter().collect() }),
            _ => Parsed::Bad(BadRow { row, line, findings: vec![Finding::error("batch-no-object", "")] }),
        }
    }
}
