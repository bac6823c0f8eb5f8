//! Formatting of times, sizes and labels in documents.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::draw::Block;
use appeal_api::Attachment;
use appeal_domain::{Status, Word, zones};
use appeal_i18n::{Lang, Message, has, label, message, status_shown, t};

/// Maximum length of a printed journal value, in characters; the full texts appear elsewhere.
const SHOWN: usize = 300;

/// Formats values in one language and time zone.
pub struct Words {
    pub lang: Lang,
    pub zone: TimeZone,
}

impl Words {
    /// Returns the text of a message.
    pub fn t(&self, message: Message) -> String {
        message.text(self.lang)
    }

    /// Returns the label of a word of a vocabulary.
    pub fn label(&self, vocabulary: &str, word: &str) -> String {
        label(self.lang, vocabulary, word)
    }

    /// Returns the label of a status.
    pub fn status<'a>(&self, status: &'a Word<Status>) -> &'a str {
        status_shown(self.lang, status)
    }

    /// Formats a time with its time zone.
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} ({})", zones::moment(at, &self.zone), zones::offset(at, &self.zone))
    }

    /// Formats the end of a term, with its time zone.
    pub fn due(&self, at: Timestamp) -> String {
        zones::due_in(at, &self.zone)
    }

    /// Formats the date of a time.
    pub fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).date().to_string()
    }

    /// Creates a label with its value.
    pub fn field(&self, label: Message, value: impl Into<String>) -> Block {
        Block::Field(self.t(label), value.into())
    }

    /// Adds a label with its value, if there is one.
    pub fn some(&self, blocks: &mut Vec<Block>, label: Message, value: Option<impl Into<String>>) {
        if let Some(value) = value.map(Into::into).filter(|value| !value.trim().is_empty()) {
            blocks.push(self.field(label, value));
        }
    }

    /// Creates a heading.
    pub fn heading(&self, title: Message) -> Block {
        Block::Heading(2, self.t(title))
    }

    /// Adds a file with its size and digest.
    pub fn file(&self, blocks: &mut Vec<Block>, at: usize, file: &Attachment) {
        let (name, bytes, version) = (&file.name, file.size, file.version);
        blocks.push(Block::Text(self.t(if version > 1 {
            message!("pdf-file-version", at, name, bytes, version)
        } else {
            message!("pdf-file", at, name, bytes)
        })));
        blocks.push(Block::Code(format!("SHA-256 {}", file.sha256)));
        blocks.push(Block::Gap(3.0));
    }

    /// Returns the changes of a journal entry: a line for each field, with its value before and after.
    pub fn changes(&self, changes: &Value) -> Vec<String> {
        let Value::Object(fields) = changes else { return Vec::new() };
        let mut lines = Vec::new();
        for (field, change) in fields {
            let (before, after) = match (change.get("before"), change.get("after")) {
                (before, Some(after)) => (before.cloned().unwrap_or_default(), after),
                _ => (Value::Null, change),
            };
            let after = self.value(field, after);
            let before = self.value(field, &before);
            let heading = self.heading_of(field);
            match (before.is_empty(), after.is_empty()) {
                (true, true) => {}
                (true, false) => lines.push(format!("{heading}: {after}")),
                (false, _) => {
                    let after = if after.is_empty() { "—".to_owned() } else { after };
                    lines.push(format!("{heading}: {before} → {after}"));
                }
            }
        }
        lines
    }

    fn heading_of(&self, field: &str) -> String {
        self.label_of(field).unwrap_or_else(|| field.to_owned())
    }

    fn label_of(&self, field: &str) -> Option<String> {
        let key = field.replace(['.', '_'], "-");
        let ids = [format!("journal-field-{key}"), format!("column-{key}")];
        ids.iter().find(|id| has(self.lang, id, None)).map(|id| t(self.lang, id, &[]))
    }

    fn value(&self, field: &str, value: &Value) -> String {
        let whole = match value {
            Value::Null => String::new(),
            Value::Bool(yes) => self.t(if *yes { message!("pdf-yes") } else { message!("pdf-no") }),
            Value::Number(number) => number.to_string(),
            Value::String(word) => self.word(field, word),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.value(field, item)).collect();
                items.into_iter().filter(|item| !item.is_empty()).collect::<Vec<_>>().join(", ")
            }
            Value::Object(parts) => match parts.get("name").and_then(Value::as_str) {
                Some(name) => name.to_owned(),
                None => {
                    let heading = |key: &str| {
                        self.label_of(&format!("{field}.{key}")).unwrap_or_else(|| self.heading_of(key))
                    };
                    let parts = parts.iter().map(|(key, part)| (heading(key), self.value(key, part)));
                    let parts: Vec<String> = parts
                        .filter(|(_, part)| !part.is_empty())
                        .map(|(key, part)| format!("{key}: {part}"))
                        .collect();
                    parts.join("; ")
                }
            },
        };
        if whole.chars().count() <= SHOWN {
            return whole;
        }
        whole.chars().take(SHOWN).chain(['…']).collect()
    }

    fn word(&self, field: &str, word: &str) -> String {
        match field {
            "status" => self.status(&Word::read(word)).to_owned(),
            "kind" | "priority" | "channel" | "decision" | "level" => self.label(field, word),
            _ if field.ends_with("due_at") => {
                word.parse::<Timestamp>().map_or_else(|_| word.to_owned(), |at| self.due(at))
            }
            _ if field.ends_with("_at") => {
                word.parse::<Timestamp>().map_or_else(|_| word.to_owned(), |at| self.moment(at))
            }
            _ => word.to_owned(),
        }
    }
}
