//! Words of a vocabulary in responses.
//!
//! Requests are strict: they use the vocabulary itself (`Kind`) and refuse unknown words. Responses use
//! [`Word<Kind>`](Word): the platform may be newer than the tool, so an unknown word is kept and shown as received.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A fixed set of words, each with one spelling.
pub trait Vocabulary: Copy + Eq + 'static {
    /// Returns every word.
    fn all() -> &'static [Self];
    /// Returns the spelling in JSON.
    fn spelling(self) -> &'static str;
}

/// A word of the vocabulary, or one added by a later version. Clients show an unknown word as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Word<T> {
    /// A word of the vocabulary.
    Known(T),
    /// An unknown word, as received.
    Other(String),
}

impl<T: Vocabulary> Word<T> {
    /// Parses the spelling used in JSON.
    pub fn read(text: &str) -> Self {
        match T::all().iter().find(|word| word.spelling() == text) {
            Some(word) => Word::Known(*word),
            None => Word::Other(text.to_owned()),
        }
    }

    /// Returns the spelling used in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Word::Known(word) => word.spelling(),
            Word::Other(text) => text,
        }
    }

    /// Returns the word, or `None` if it is not in the vocabulary.
    pub fn known(&self) -> Option<T> {
        match self {
            Word::Known(word) => Some(*word),
            Word::Other(_) => None,
        }
    }
}

impl<T> From<T> for Word<T> {
    fn from(word: T) -> Self {
        Word::Known(word)
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Word::Known(word) if word == other)
    }
}

impl<T: Vocabulary> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Kind;

    #[test]
    fn an_unknown_word_is_kept() {
        let word: Word<Kind> = serde_json::from_str("\"petition\"").unwrap();
        assert_eq!(word, Word::Other("petition".to_owned()));
        assert_eq!(serde_json::to_string(&word).unwrap(), "\"petition\"");
        assert_eq!(format!("{word:>10}"), "  petition");
    }

    #[test]
    fn a_known_word_equals_the_word_of_the_vocabulary() {
        let word: Word<Kind> = serde_json::from_str("\"complaint\"").unwrap();
        assert!(word == Kind::Complaint && word.known() == Some(Kind::Complaint));
    }

    #[test]
    fn a_request_refuses_an_unknown_word() {
        assert!(serde_json::from_str::<Kind>("\"petition\"").is_err());
    }
}
