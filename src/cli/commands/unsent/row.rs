//! The columns of an unsent text.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::base::globals::Platform;
use crate::cli::base::unsent::store::{Content, Entry, File, State, Stored};
use crate::output::{Cell, Column, Shape};

const MORE: &[Column] = &[
    Column::new("server", Cell::Text),
    Column::new("as", Cell::Text),
    Column::new("data_dir", Cell::Text),
    Column::new("database", Cell::Text),
    Column::new("token_file", Cell::Text),
    Column::new("key", Cell::Text),
    Column::new("path", Cell::Text),
    Column::new("files", Cell::Count),
    Column::new("files.path", Cell::Join),
    Column::new("text", Cell::Text),
    Column::new("title", Cell::Text),
    Column::new("body.*", Cell::Text),
];

/// A list of unsent texts.
pub const UNSENT: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("kept_at", Cell::Time),
        Column::new("state", Cell::Word(State::VOCABULARY)),
        Column::new("command", Cell::Text),
        Column::new("number", Cell::Text),
        Column::new("title", Cell::Text),
    ],
    more: MORE,
    key: "id",
};

/// One unsent text.
pub const WHOLE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("kept_at", Cell::Time),
        Column::new("state", Cell::Word(State::VOCABULARY)),
        Column::new("command", Cell::Text),
        Column::new("number", Cell::Text),
        Column::new("server", Cell::Text),
        Column::new("as", Cell::Text),
        Column::new("files.path", Cell::Join),
        Column::new("text", Cell::Text),
    ],
    more: MORE,
    key: "id",
};

/// An unsent text as JSON.
#[derive(Debug, serde::Serialize)]
pub struct Row {
    pub id: String,
    state: State,
    /// Absent for a text of version 0.1, which did not record it.
    command: Option<String>,
    number: Option<String>,
    key: Option<String>,
    #[serde(flatten)]
    platform: Platform,
    title: Option<String>,
    pub text: Option<String>,
    pub body: Map<String, Value>,
    files: Vec<File>,
    kept_at: Timestamp,
    pub path: PathBuf,
}

impl Row {
    /// Returns the row of a stored text.
    pub fn of(stored: Stored) -> Self {
        let kept_at = stored.kept_at();
        let Stored { id, path, content } = stored;
        let old = Row {
            id,
            state: State::Unfinished,
            command: None,
            number: None,
            key: None,
            platform: Platform::default(),
            title: None,
            text: None,
            body: Map::new(),
            files: Vec::new(),
            kept_at,
            path,
        };
        match content {
            Content::Entry(entry) => {
                let entry = entry.with_draft();
                let (title, text) = (entry.title().map(str::to_owned), entry.text().map(str::to_owned));
                let Entry { command, number, key, platform, state, body, files, draft: _, kept_at: _ } =
                    entry;
                let (command, key) = (Some(command), Some(key));
                Row { state, command, number, key, platform, title, text, body, files, ..old }
            }
            Content::Changes(body) => {
                let member = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
                let (text, subject) = (member("text"), member("subject"));
                let title = subject.or_else(|| text.clone());
                Row { command: Some("edit".to_owned()), title, text, body, ..old }
            }
            Content::Text { flag, key, text } => Row {
                key: Some(key),
                title: text.lines().find(|line| !line.trim().is_empty()).map(str::to_owned),
                body: Map::from_iter([(flag, text.clone().into())]),
                text: Some(text),
                ..old
            },
        }
    }
}
