//! CSV rows (RFC 4180) in which no cell is a formula to a spreadsheet.

use super::{Error, Result};

/// A leading apostrophe marks a cell as text that a spreadsheet would otherwise evaluate.
fn as_text(cell: &str) -> std::borrow::Cow<'_, str> {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}").into(),
        _ => cell.into(),
    }
}

/// One row, with its line end.
pub fn row<'a>(cells: impl Iterator<Item = &'a str>) -> Result<String> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let fail = |error: ::csv::Error| Error::Io(std::io::Error::other(error));
    for cell in cells {
        writer.write_field(as_text(cell).as_bytes()).map_err(fail)?;
    }
    writer.write_record(None::<&[u8]>).map_err(fail)?;
    let bytes = writer.into_inner().map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
    String::from_utf8(bytes).map_err(|error| Error::Io(std::io::Error::other(error)))
}
