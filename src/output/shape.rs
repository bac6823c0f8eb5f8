//! Columns of results.

use serde_json::Value;

use super::{Error, Result};
use appeal_domain::{FIELDS, Form};
use appeal_i18n::{Message, message};

/// Type of a column, which determines how it is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Text as it is.
    Text,
    /// A moment, shown in local time.
    Time,
    /// A date, or the local date of a moment.
    Date,
    /// The end of a term, shown in the time zone in which it was counted.
    Due,
    /// The day of the end of a term.
    DueDate,
    /// A status of an appeal, shown by its label.
    Status,
    /// A word of this vocabulary, shown by its label.
    Word(&'static str),
    /// A size in bytes.
    Size,
    /// Yes or no.
    Bool,
    /// The number of elements of an array.
    Count,
    /// The elements of an array, separated by commas.
    Join,
    /// A number.
    Number,
    /// A duration in seconds, shown in its two largest units.
    Duration,
    /// A share from 0 to 1, shown as a percentage.
    Share,
    /// A mean, shown with one decimal.
    Mean,
    /// A text in both languages, shown in the reader's.
    Title,
    /// A code with dots and hyphens. A narrow table breaks the line after them.
    Code,
    /// An error object, shown by its message.
    Error,
}

/// A column. Its path, such as `contacts.email`, selects the value in the JSON of an item; a path that ends in `.*`
/// stands for every key of an object. The heading is the message `column-<path>` with `.` and `_` replaced by hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The path.
    pub path: &'static str,
    /// How the value is shown.
    pub cell: Cell,
    /// Whether a table that is too narrow leaves it out. `--columns` always shows it.
    pub optional: bool,
}

impl Column {
    /// A column.
    pub const fn new(path: &'static str, cell: Cell) -> Self {
        Self { path, cell, optional: false }
    }

    /// Marks the column as one that a narrow table leaves out.
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// The columns of a kind of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The default columns.
    pub columns: &'static [Column],
    /// Further columns that `--columns` can select.
    pub more: &'static [Column],
    /// Path of the value that identifies an item; `-q` prints it alone.
    pub key: &'static str,
}

/// A selected column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its path, without a star.
    pub path: String,
    /// How the value is shown.
    pub cell: Cell,
    /// Whether a table that is too narrow leaves it out.
    pub optional: bool,
}

impl Shape {
    /// Returns the columns to print: those of `--columns`, else the default ones.
    ///
    /// # Errors
    /// A selected column does not exist.
    pub fn selected(&self, asked: Option<&[String]>) -> Result<Vec<Selected>> {
        let Some(asked) = asked else {
            return Ok(self
                .columns
                .iter()
                .map(|c| Selected { path: c.path.to_owned(), cell: c.cell, optional: c.optional })
                .collect());
        };
        asked
            .iter()
            .map(|name| {
                // `attachments.0.name` is the column `attachments.name`, of the first file alone.
                let plain = without_places(name);
                self.all()
                    .find(|column| {
                        column.path == name
                            || column.path == plain
                            || column.path.strip_suffix('*').is_some_and(|prefix| {
                                name.strip_prefix(prefix).is_some_and(|key| !key.is_empty())
                            })
                    })
                    .map(|column| Selected { path: name.clone(), cell: column.cell, optional: false })
                    .ok_or_else(|| Error::Usage { flag: "--columns", message: self.unknown(name) })
            })
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().chain(self.more)
    }

    fn unknown(&self, name: &str) -> Message {
        let mut known: Vec<&str> = Vec::new();
        for column in self.all() {
            if !known.contains(&column.path) {
                known.push(column.path);
            }
        }
        message!("value-column", name, known = known.join(", "))
    }
}

/// Returns the path without the indexes of array elements.
fn without_places(path: &str) -> String {
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    parts
        .filter(|part| part.parse::<usize>().is_err())
        .fold(first.to_owned(), |path, part| format!("{path}.{part}"))
}

/// Returns the value at a path. In an array, the path is applied to every element, or to the element with the given
/// index.
pub fn at(value: &Value, path: &str) -> Value {
    match value {
        Value::Object(map) => {
            if let Some(found) = map.get(path) {
                return found.clone();
            }
            // Keys of `fields` are chosen by users and may contain dots.
            match path.split_once('.') {
                Some((head, rest)) => map.get(head).map_or(Value::Null, |inner| at(inner, rest)),
                None => Value::Null,
            }
        }
        Value::Array(items) => {
            let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
            match head.parse::<usize>() {
                Ok(place) => {
                    let item = items.get(place).unwrap_or(&Value::Null);
                    rest.map_or_else(|| item.clone(), |rest| at(item, rest))
                }
                Err(_) => Value::Array(items.iter().map(|item| at(item, path)).collect()),
            }
        }
        _ => Value::Null,
    }
}

macro_rules! columns {
    ($($path:literal: $cell:expr),* $(,)?) => { &[$(Column::new($path, $cell)),*] };
}

/// A column for each field of an appeal but the text, which lists leave out.
const OF_CONTENT: [Column; FIELDS.len() - 1] = {
    let mut columns = [Column::new("", Cell::Text); FIELDS.len() - 1];
    let (mut from, mut to) = (0, 0);
    while from < FIELDS.len() {
        let name = FIELDS[from].name;
        let column = match FIELDS[from].form {
            Form::Body => None,
            Form::Word(vocabulary, _) => Some(Column::new(name, Cell::Word(vocabulary))),
            Form::Code => Some(Column::new(name, Cell::Code)),
            // A card shows more than the INN.
            Form::Organization => Some(Column::new("organization.inn", Cell::Text)),
            _ => Some(Column::new(name, Cell::Text)),
        };
        if let Some(column) = column {
            columns[to] = column;
            to += 1;
        }
        from += 1;
    }
    columns
};

/// Appends columns to [`OF_CONTENT`].
const fn with_content<const N: usize>(more: &[Column]) -> [Column; N] {
    let mut columns = [Column::new("", Cell::Text); N];
    let mut at = 0;
    while at < N {
        columns[at] = if at < OF_CONTENT.len() { OF_CONTENT[at] } else { more[at - OF_CONTENT.len()] };
        at += 1;
    }
    columns
}

/// Further columns of an appeal and of a row of a list; the columns given to the macro are those of an appeal alone.
macro_rules! of_an_appeal {
    ($($more:literal: $cell:expr),* $(,)?) => {{ const MORE: &[Column] = columns![
        "number": Cell::Text, "status": Cell::Status, "channel": Cell::Word("channel"),
        "region_text": Cell::Text, "fields.*": Cell::Text, "applicant.login": Cell::Text,
        "applicant.name": Cell::Text, "organization.name": Cell::Text,
        "department": Cell::Text, "responsible": Cell::Text, "created_at": Cell::Time, "updated_at": Cell::Time,
        "status_since": Cell::Time, "due_at": Cell::Due, "due_on": Cell::Text, "time_zone": Cell::Text,
        "overdue": Cell::Bool, "deadlines": Cell::Count,
        "deadlines.kind": Cell::Word("deadline kind"), "deadlines.due_at": Cell::Due, "deadlines.due_on": Cell::Join,
        "deadlines.state": Cell::Word("deadline state"), "attachments": Cell::Count, "attachments.id": Cell::Join,
        "attachments.name": Cell::Join, "attachments.media_type": Cell::Join, "attachments.size": Cell::Size,
        "attachments.sha256": Cell::Join, "attachments.version": Cell::Join, "attachments.added_at": Cell::Time,
        "attachments.added_by": Cell::Join, "repeat_of": Cell::Text, "repeats": Cell::Join,
        "chain.count": Cell::Number, "chain.position": Cell::Number, "chain.numbers": Cell::Join,
        "merged_into": Cell::Text, "merged": Cell::Join, "involved": Cell::Count,
        "involved.department": Cell::Join, "involved.login": Cell::Join, "similar.number": Cell::Join,
        "escalations": Cell::Count, "escalations.level": Cell::Join, "escalations.grounds": Cell::Join,
        "escalations.reason": Cell::Join, "escalations.department": Cell::Join,
        "escalations.state": Cell::Join, "escalations.due_at": Cell::Due, "escalations.due_on": Cell::Join, "escalations.outcome.result": Cell::Join,
        "escalations.outcome.text": Cell::Join, "escalations.outcome.at": Cell::Time,
        "escalations.outcome.by": Cell::Join, "review.score": Cell::Number,
        "review.category": Cell::Word("review category"), "review.remarks": Cell::Text, "review.at": Cell::Time,
        "review.changes": Cell::Text, "review.revised_at": Cell::Time, "review.by": Cell::Text,
        "review.state": Cell::Word("review state"), "participants": Cell::Count,
        "participants.login": Cell::Join, "participants.role": Cell::Join, "clarification.id": Cell::Text,
        "clarification.question": Cell::Text, "clarification.needs": Cell::Join,
        "clarification.asked_at": Cell::Time, "clarification.asked_by": Cell::Text,
        "clarification.due_at": Cell::Due, "clarification.due_on": Cell::Text, "version": Cell::Number, $($more: $cell),*
    ];
        &with_content::<{ OF_CONTENT.len() + MORE.len() }>(MORE)
    }};
}

const OF_A_ROW: &[Column] = of_an_appeal![];

const OF_AN_APPEAL: &[Column] = of_an_appeal![
    "text": Cell::Text, "comments": Cell::Count, "comments.id": Cell::Join, "comments.author": Cell::Join,
    "comments.text": Cell::Join, "comments.at": Cell::Time, "comments.internal": Cell::Join,
    "answers": Cell::Count, "answers.id": Cell::Join, "answers.decision": Cell::Join, "answers.text": Cell::Join,
    "answers.signed_by": Cell::Join, "answers.at": Cell::Time,
];

/// One appeal.
pub const APPEAL_SHAPE: Shape = Shape {
    columns: columns![
        "number": Cell::Text, "status": Cell::Status, "kind": Cell::Word("kind"), "category": Cell::Code,
        "subject": Cell::Text, "created_at": Cell::Time, "status_since": Cell::Time, "due_at": Cell::Due,
        "department": Cell::Text, "responsible": Cell::Text,
    ],
    more: OF_AN_APPEAL,
    key: "number",
};

/// A row of a list of appeals.
pub const LIST_SHAPE: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("status", Cell::Status),
        Column::new("category", Cell::Code),
        Column::new("subject", Cell::Text),
        Column::new("created_at", Cell::Date).optional(),
        Column::new("due_at", Cell::DueDate),
    ],
    more: OF_A_ROW,
    key: "number",
};

/// The short form printed after a change.
pub const CHANGED_SHAPE: Shape = Shape {
    columns: columns!["number": Cell::Text, "status": Cell::Status, "due_at": Cell::Due],
    more: OF_AN_APPEAL,
    key: "number",
};

/// A change, as `watch` and `changes` print it.
pub const CHANGE_SHAPE: Shape = Shape {
    columns: columns![
        "at": Cell::Time, "number": Cell::Text, "event": Cell::Text, "status": Cell::Status, "actor": Cell::Text,
        "summary": Cell::Text,
    ],
    more: columns!["cursor": Cell::Text],
    key: "number",
};
