//! Tables for people.

use comfy_table::{
    Attribute, Color, ColumnConstraint, ContentArrangement, Table, TableStyle, Width, presets,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::cells::Zones;
use super::shape::{Cell, Selected, at};
use super::{Output, cells, visible};
use appeal_domain::Status;
use appeal_i18n::{has, t};

/// Words longer than this may be broken if the table is too wide otherwise.
const LONGEST_WORD: usize = 14;

impl Output {
    /// The heading of a column.
    pub(super) fn heading(&self, path: &str) -> String {
        let id = format!("column-{}", path.replace(['.', '_'], "-"));
        if has(self.lang, &id, None) { t(self.lang, &id, &[]) } else { visible::cell(path).into_owned() }
    }

    /// Returns the escaped text of a cell, and whether it is marked as overdue.
    fn shown(&self, row: &Value, column: &Selected, columns: &[Selected]) -> (String, bool) {
        let mut value = at(row, &column.path);
        // The row is an answered or finished appeal, whose answer is not due any more.
        let decided = |status: &str| status.parse::<Status>().is_ok_and(Status::is_decided);
        if column.path == "due_at" && row.get("status").and_then(Value::as_str).is_some_and(decided) {
            value = Value::Null;
        }
        let mut text =
            visible::paragraphs(&cells::shown(column.cell, &value, self.lang, &Zones::of(row, self.zone())));
        // An overdue appeal is marked once: at the due date if shown, otherwise at the status.
        let overdue = row.get("overdue").and_then(Value::as_bool).unwrap_or(false)
            || row.get("state").and_then(Value::as_str) == Some("overdue");
        let here = column.path == "due_at"
            || (column.cell == Cell::Status && !columns.iter().any(|c| c.path == "due_at"));
        let marked = overdue && here;
        if marked {
            // A no-break space keeps the sign and the word together.
            text = format!("{text} !\u{a0}{}", t!(self.lang, "word-overdue")).trim_start().to_owned();
        }
        (text, marked)
    }

    pub(super) fn table_style(&self) -> TableStyle {
        if self.place.ascii { presets::ASCII_FULL_CONDENSED } else { presets::UTF8_FULL_CONDENSED }
    }

    /// A table of these rows, at most as wide as the terminal. Numbers and times are never wrapped, other cells only
    /// between words; if there is not enough room, each row is printed as a block of lines.
    pub(super) fn table_of(&self, rows: &[Value], columns: &[Selected]) -> String {
        let headings: Vec<String> = columns.iter().map(|c| self.heading(&c.path)).collect();
        let mut cells: Vec<Vec<(String, bool)>> =
            rows.iter().map(|row| columns.iter().map(|c| self.shown(row, c, columns)).collect()).collect();
        let width = usize::from(self.place.width);
        let widest = |i: usize| {
            let texts = cells.iter().map(|row| row[i].0.as_str()).chain([headings[i].as_str()]);
            texts.flat_map(str::lines).map(UnicodeWidthStr::width).max().unwrap_or(1)
        };
        // If a row does not fit on one line, codes are broken between their words.
        if (0..columns.len()).map(|i| widest(i) + 3).sum::<usize>() + 1 > width {
            for (i, _) in columns.iter().enumerate().filter(|(_, c)| c.cell == Cell::Code) {
                for row in &mut cells {
                    row[i].0 = broken_code(&row[i].0);
                }
            }
        }
        let least: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let texts = cells.iter().map(|row| row[i].0.as_str()).chain([headings[i].as_str()]);
                let longest =
                    texts.flat_map(|text| text.split([' ', '\n'])).map(|w| w.width()).max().unwrap_or(1);
                let whole = matches!(column.path.as_str(), "number" | "id")
                    || matches!(
                        column.cell,
                        Cell::Time | Cell::Date | Cell::Due | Cell::DueDate | Cell::Code
                    );
                if whole { longest } else { longest.min(LONGEST_WORD) }
            })
            .collect();
        // Each column has two spaces and a border, and there is one more border at the end.
        let narrowest = least.iter().sum::<usize>() + least.len() * 3 + 1;
        if columns.len() > 1 && narrowest > width {
            if let Some(last) = columns.iter().rposition(|c| c.optional) {
                let fewer = [&columns[..last], &columns[last + 1..]].concat();
                return self.table_of(rows, &fewer);
            }
            return rows.iter().map(|row| self.card_of(row, columns)).collect::<Vec<_>>().join("\n");
        }
        let mut table = Table::new();
        table
            .load_style(self.table_style())
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.place.width);
        if self.place.color_out {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let header = headings.iter().map(|h| comfy_table::Cell::new(h).add_attribute(Attribute::Bold));
        table.set_header(header.collect::<Vec<_>>());
        for row in cells {
            let row = row.into_iter().map(|(text, marked)| {
                let cell = comfy_table::Cell::new(text);
                if marked { cell.fg(Color::Red) } else { cell }
            });
            table.add_row(row.collect::<Vec<_>>());
        }
        table.set_constraints(least.iter().map(|width| {
            let width = u16::try_from(width + 2).unwrap_or(u16::MAX);
            ColumnConstraint::LowerBoundary(Width::Fixed(width))
        }));
        format!("{}\n", table.trim_fmt())
    }

    /// Prints an item as lines of heading and value.
    pub(super) fn card_of(&self, row: &Value, columns: &[Selected]) -> String {
        let headings: Vec<String> = columns.iter().map(|c| self.heading(&c.path)).collect();
        let indent = headings.iter().map(|h| h.width()).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for (column, heading) in columns.iter().zip(&headings) {
            let (value, marked) = self.shown(row, column, columns);
            if !value.is_empty() {
                self.field(&mut text, heading, &value, indent, marked);
            }
        }
        text
    }

    /// One field of a card: the heading, and the wrapped value next to it.
    pub(super) fn field(&self, text: &mut String, heading: &str, value: &str, indent: usize, red: bool) {
        let width = usize::from(self.place.width).saturating_sub(indent).max(20);
        let mut first = true;
        for line in wrapped(value, width) {
            let lead = if first { heading } else { "" };
            let gap = " ".repeat(indent.saturating_sub(lead.width()));
            let lead = if first { self.tinted(lead, console::Style::new().bold()) } else { String::new() };
            let line = if red { self.tinted(&line, console::Style::new().red()) } else { line };
            text.push_str(format!("{lead}{gap}{line}").trim_end());
            text.push('\n');
            first = false;
        }
    }

    /// Styles text for stdout if it is coloured.
    pub(super) fn tinted(&self, text: &str, style: console::Style) -> String {
        style.force_styling(self.place.color_out).apply_to(text).to_string()
    }

    /// One row of a stream on a single line: the cells separated by two spaces, without borders.
    pub(super) fn table_line(&self, row: &Value, columns: &[Selected]) -> String {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| {
                let (text, marked) = self.shown(row, column, columns);
                let text = visible::cell(&text).into_owned();
                match (marked, column.cell) {
                    (true, _) => self.tinted(&text, console::Style::new().red()),
                    (_, Cell::Status) => self.tinted(&text, console::Style::new().bold()),
                    _ => text,
                }
            })
            .filter(|text| !text.is_empty())
            .collect();
        format!("{}\n", cells.join("  "))
    }
}

/// Splits a code such as `housing.missing-services` into lines that end after a dot or a hyphen; short parts share a
/// line.
fn broken_code(code: &str) -> String {
    let mut text = String::new();
    let mut used = 0;
    for part in code.split_inclusive(['.', '-']) {
        if used > 0 && used + part.width() > LONGEST_WORD {
            text.push('\n');
            used = 0;
        }
        text.push_str(part);
        used += part.width();
    }
    text
}

/// A text in lines of at most `width` columns, broken between words where there are any. Existing line ends stay.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation;
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            let bare = word.trim_end_matches(' ').width();
            if used > 0 && used + bare > width {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
            }
            if bare <= width {
                line.push_str(word);
                used += word.width();
                continue;
            }
            // A word longer than the line is split between grapheme clusters.
            for grapheme in word.graphemes(true) {
                let w = grapheme.width();
                if used > 0 && used + w > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(grapheme);
                used += w;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}
