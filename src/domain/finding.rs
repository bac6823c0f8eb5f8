//! Findings of a check: a code with arguments. `i18n` has the messages.

use std::collections::BTreeMap;

use super::titles::Titles;
use super::vocab::Severity;

/// An error or a warning found by a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the finding prevents filing.
    pub severity: Severity,
    /// Stable code, kebab-case, such as `text-empty` or `file-too-large`. `i18n` has the message under
    /// `finding-<code>` and the remedy under its attribute `.remedy`.
    pub code: &'static str,
    /// The JSON name of the field (`subject`, `contacts.email`, `fields.meter`), or `attach`.
    pub field: String,
    /// The place: `line:column` within a text (both from 1, columns in characters), or the path of a file.
    pub at: Option<String>,
    /// Arguments of the message.
    pub args: BTreeMap<&'static str, String>,
}

impl Finding {
    /// Name of the argument with the English title.
    pub const TITLE_EN: &'static str = "title-en";
    /// Name of the argument with the Russian title.
    pub const TITLE_RU: &'static str = "title-ru";

    /// Creates an error about a field.
    pub fn error(code: &'static str, field: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, field: field.into(), at: None, args: BTreeMap::new() }
    }

    /// Creates a warning about a field.
    pub fn warning(code: &'static str, field: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, field) }
    }

    /// Sets the place.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }

    /// Adds an argument of the message.
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(name, value.to_string());
        self
    }

    /// Adds the title of the subject of the finding; the message receives it in the reader's language as `title`.
    pub fn titled(self, titles: &Titles) -> Self {
        self.arg(Self::TITLE_EN, &titles.en).arg(Self::TITLE_RU, &titles.ru)
    }

    /// Returns whether the finding is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
