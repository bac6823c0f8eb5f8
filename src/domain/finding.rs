//! What a check found: a code with arguments. The words for it, in either language, are in `i18n`.

use std::collections::BTreeMap;

use super::rules::Titles;
use super::vocab::Severity;

/// One thing a check found wrong, or worth a warning (F6, T2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the filing.
    pub severity: Severity,
    /// Stable code, kebab-case, such as `text-empty` or `file-too-large`. `i18n` has the message under
    /// `finding-<code>` and the remedy under its attribute `.remedy`.
    pub code: &'static str,
    /// The field of the appeal it concerns, by its JSON name (`subject`, `contacts.email`, `fields.meter`), or `attach`.
    pub field: String,
    /// The place: `line:column` within a text (both from 1, columns in characters), or the path of a file.
    pub at: Option<String>,
    /// Values the message needs.
    pub args: BTreeMap<&'static str, String>,
}

impl Finding {
    /// The argument with the English title.
    pub const TITLE_EN: &'static str = "title-en";
    /// The argument with the Russian title.
    pub const TITLE_RU: &'static str = "title-ru";

    /// An error in a field.
    pub fn error(code: &'static str, field: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, field: field.into(), at: None, args: BTreeMap::new() }
    }

    /// A warning about a field.
    pub fn warning(code: &'static str, field: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, field) }
    }

    /// Says where.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }

    /// Adds a value for the message.
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(name, value.to_string());
        self
    }

    /// Adds the title of what it is about; the message has it in the reader's language as `title`.
    pub fn titled(self, titles: &Titles) -> Self {
        self.arg(Self::TITLE_EN, &titles.en).arg(Self::TITLE_RU, &titles.ru)
    }

    /// True for an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
