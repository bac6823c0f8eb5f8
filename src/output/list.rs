//! Many things of one shape. JSON Lines, CSV and plain go out as they come; a JSON array is valid even when the list
//! ends early; a table is collected, a bounded number of rows at a time.

use serde::Serialize;
use serde_json::Value;

use super::shape::{Selected, Shape, at};
use super::{Format, Output, Result, cells, csv, json, to_value, visible};
use appeal_i18n::message;

/// Rows of one table. A longer list is printed as several tables, so that memory use is bounded.
const TABLE_ROWS: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One item, not a list.
    One,
    /// A list with an end.
    List,
    /// A stream of rows, each flushed at once; a JSON array is closed however the stream ends.
    Stream,
    /// The same for exactly one row: a JSON object.
    Single,
}

/// A list that is being printed.
pub struct List<'a> {
    output: &'a mut Output,
    shape: &'a Shape,
    kind: Kind,
    columns: Option<Vec<Selected>>,
    rows: Vec<Value>,
    count: usize,
    open: bool,
    finished: bool,
}

impl Kind {
    /// In JSON it is an array.
    fn is_array(self) -> bool {
        matches!(self, Kind::List | Kind::Stream)
    }

    /// Whether rows are printed at once.
    fn is_live(self) -> bool {
        matches!(self, Kind::Stream | Kind::Single)
    }
}

impl<'a> List<'a> {
    pub(super) fn new(output: &'a mut Output, shape: &'a Shape, kind: Kind) -> Self {
        Self { output, shape, kind, columns: None, rows: Vec::new(), count: 0, open: false, finished: false }
    }

    /// How many were pushed.
    pub fn len(&self) -> usize {
        self.count
    }

    /// None was pushed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The printer, for a note between two rows.
    pub fn output(&mut self) -> &mut Output {
        self.output
    }

    fn begin(&mut self) -> Result<()> {
        if self.columns.is_some() {
            return Ok(());
        }
        let columns = self.shape.selected(self.output.columns.as_deref())?;
        self.begin_with(columns)
    }

    /// With these columns instead of those of the shape.
    pub(super) fn with(mut self, columns: Vec<Selected>) -> Result<Self> {
        self.begin_with(columns)?;
        Ok(self)
    }

    fn begin_with(&mut self, columns: Vec<Selected>) -> Result<()> {
        if !self.output.quiet && self.output.jq.is_none() {
            match (self.output.format, self.kind) {
                (Format::Json, kind) if kind.is_array() => {
                    self.output.out.text("[")?;
                    self.open = true;
                }
                (Format::Csv, _) => {
                    let header = csv::row(columns.iter().map(|c| c.path.as_str()))?;
                    self.output.out.text(&header)?;
                }
                _ => {}
            }
        }
        self.columns = Some(columns);
        Ok(())
    }

    /// Prints what precedes the first row, so that the output of a slow list starts at once.
    ///
    /// # Errors
    /// Stdout cannot be written or has been closed; an unknown column.
    pub fn start(&mut self) -> Result<()> {
        self.begin()?;
        self.output.out.flush()
    }

    /// Prints one item.
    ///
    /// # Errors
    /// Stdout cannot be written or has been closed; an unknown column.
    pub fn push(&mut self, value: &impl Serialize) -> Result<()> {
        let value = to_value(value)?;
        self.output.name(&value, self.shape.key);
        self.begin()?;
        self.count += 1;
        self.print(value)?;
        if self.kind.is_live() { self.output.out.flush() } else { Ok(()) }
    }

    fn print(&mut self, value: Value) -> Result<()> {
        if self.output.jq.is_some() {
            // The expression gets one array, unless every line is filtered separately.
            if self.kind == Kind::List && self.output.format != Format::Jsonl {
                self.rows.push(value);
                return Ok(());
            }
            return self.output.filtered(value);
        }
        if self.output.quiet {
            let keys = match at(&value, self.shape.key) {
                Value::Array(items) => items.iter().map(cells::raw).collect::<Vec<_>>(),
                Value::Null => vec![],
                one => vec![cells::raw(&one)],
            };
            for line in keys {
                let line = visible::cell(&line).into_owned();
                self.output.out.text(&line)?;
                self.output.out.text("\n")?;
            }
            return Ok(());
        }
        let columns = self.columns.as_deref().unwrap_or_default();
        match self.output.format {
            Format::Json if self.kind.is_array() => {
                let text = json::line(&value)?;
                self.output.out.text(if self.count == 1 { "\n" } else { ",\n" })?;
                self.output.out.text(&text)
            }
            Format::Json | Format::Jsonl => {
                let text = json::line(&value)?;
                self.output.out.text(&text)?;
                self.output.out.text("\n")
            }
            Format::Csv => {
                let terminal = self.output.place.out_terminal;
                let raw: Vec<String> = columns
                    .iter()
                    .map(|column| {
                        let raw = cells::raw_as(column.cell, &at(&value, &column.path), self.output.lang);
                        if terminal { visible::lines(&raw).into_owned() } else { raw }
                    })
                    .collect();
                let row = csv::row(raw.iter().map(String::as_str))?;
                self.output.out.text(&row)
            }
            Format::Plain => {
                let raw: Vec<String> = columns
                    .iter()
                    .map(|column| cells::raw_as(column.cell, &at(&value, &column.path), self.output.lang))
                    .map(|raw| visible::cell(&raw).into_owned())
                    .collect();
                self.output.out.text(&raw.join("\t"))?;
                self.output.out.text("\n")
            }
            Format::Table if self.kind.is_live() => {
                let line = self.output.table_line(&value, columns);
                self.output.out.text(&line)
            }
            Format::Table => {
                self.rows.push(value);
                if self.rows.len() >= TABLE_ROWS { self.print_table() } else { Ok(()) }
            }
        }
    }

    fn print_table(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let text = self.output.table_of(&rows, self.columns.as_deref().unwrap_or_default());
        self.output.out.text(&text)
    }

    /// Ends the list. An empty one is `[]`, a header, or nothing.
    ///
    /// # Errors
    /// Stdout cannot be written or has been closed; an unknown column.
    pub fn finish(mut self) -> Result<()> {
        self.begin()?;
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.finished, true) {
            return Ok(());
        }
        if self.output.jq.is_some() {
            if self.kind == Kind::List && self.output.format != Format::Jsonl {
                let rows = std::mem::take(&mut self.rows);
                self.output.filtered(Value::Array(rows))?;
            }
        } else if self.open {
            self.output.out.text(if self.count == 0 { "]\n" } else { "\n]\n" })?;
        } else {
            self.print_table()?;
            if self.count == 0 && self.kind == Kind::List && self.output.format == Format::Table {
                self.output.note(message!("list-empty"));
            }
        }
        if self.kind.is_live() { self.output.out.flush() } else { Ok(()) }
    }
}

impl Drop for List<'_> {
    /// Dropping a list that was not finished still completes its format.
    fn drop(&mut self) {
        if self.columns.is_some() {
            // The error that ended the list is the one to report.
            let _ = self.end();
        }
    }
}
