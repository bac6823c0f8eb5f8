//! Warnings about filed rows that are similar to other open appeals of the same person. The platform reports similar
//! appeals when it files a row. They may be rows of this batch that are still in flight, so a warning waits until those
//! have numbers.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::journal::Journal;
use crate::cli::base::Failure;
use appeal_api::Similar;
use appeal_i18n::{Lang, Message, message};

/// Maximum number of waiting warnings.
const WAITING: usize = 4096;

/// A filed row that is similar to other appeals.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateWarning {
    /// Its number in the file.
    pub row: u64,
    /// Its key.
    pub key: String,
    /// Its number.
    pub number: String,
    /// The similar appeals, with the row if it is in this batch. Other appeals come first, then by score.
    pub others: Vec<(Similar, Option<u64>)>,
}

impl DuplicateWarning {
    /// True if all of them are rows of this batch.
    pub fn is_within_batch(&self) -> bool {
        self.others.first().is_some_and(|(_, row)| row.is_some())
    }

    /// The warning about the most similar appeal, if any.
    pub fn message(&self) -> Option<Message> {
        let (Similar { number, score, .. }, row_of_other) = self.others.first()?;
        let row = self.row;
        Some(match row_of_other {
            Some(other) => message!("batch-similar-row", row, number, score, other),
            None => message!("batch-similar", row, number, score),
        })
    }

    /// The warning as JSON.
    pub fn object(&self, lang: Lang) -> Value {
        let message = self.message().map(|message| message.text(lang)).unwrap_or_default();
        let other = |(other, row): &(Similar, Option<u64>)| {
            json!({
                "number": other.number, "score": other.score, "status": other.status, "subject": other.subject,
                "row": row,
            })
        };
        json!({ "warning": {
            "code": "similar",
            "message": message,
            "row": self.row,
            "key": self.key,
            "number": self.number,
            "similar": self.others.iter().map(other).collect::<Vec<_>>(),
        }})
    }
}

/// Warnings that wait for requests in flight.
#[derive(Debug, Default)]
pub struct DuplicateWatch {
    in_flight: BTreeSet<u64>,
    next: u64,
    waiting: VecDeque<(u64, DuplicateWarning)>,
}

impl DuplicateWatch {
    /// Records that a request was sent; returns its ticket.
    pub fn started(&mut self) -> u64 {
        self.next += 1;
        self.in_flight.insert(self.next);
        self.next
    }

    /// Records that the request was answered.
    pub fn finished(&mut self, ticket: u64) {
        self.in_flight.remove(&ticket);
    }

    /// Adds a warning. It is due when all requests in flight now have been answered.
    pub fn add(&mut self, row: u64, key: &str, number: &str, similar: Vec<Similar>) {
        if !similar.is_empty() {
            let others = similar.into_iter().map(|other| (other, None)).collect();
            let warning = DuplicateWarning { row, key: key.to_owned(), number: number.to_owned(), others };
            self.waiting.push_back((self.next, warning));
        }
    }

    /// The next warning that is due.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn next(&mut self, journal: &Journal) -> Result<Option<DuplicateWarning>, Failure> {
        let ripe = |upto: u64| self.in_flight.first().is_none_or(|first| *first > upto);
        match self.waiting.front() {
            Some((upto, _)) if ripe(*upto) || self.waiting.len() > WAITING => {}
            _ => return Ok(None),
        }
        let Some((_, mut warning)) = self.waiting.pop_front() else { return Ok(None) };
        for (other, row) in &mut warning.others {
            *row = journal.row_of(&other.number)?;
        }
        warning.others.sort_by_key(|(_, row)| row.is_some());
        Ok(Some(warning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::batch::journal::{BatchOptions, RowEntry};

    fn similar(number: &str) -> Similar {
        Similar {
            number: number.to_owned(),
            score: 0.9,
            status: appeal_domain::Status::Submitted.into(),
            subject: "s".to_owned(),
            created_at: "2026-11-10T12:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_row_of_the_same_batch_is_known_as_one_though_it_comes_back_later() {
        let dir = tempfile::tempdir().unwrap();
        let now = "2026-11-10T12:00:00Z".parse().unwrap();
        let path = dir.path().join("j");
        let mut journal = Journal::open(&path, "here", "x", &BatchOptions::default(), now).unwrap();
        let mut duplicates = DuplicateWatch::default();
        let (first, second) = (duplicates.started(), duplicates.started());
        duplicates.add(1, "a", "N1", vec![similar("N2"), similar("N0")]);
        duplicates.finished(first);
        assert_eq!(duplicates.next(&journal).unwrap(), None, "the second is still under way");
        journal.record_filed(RowEntry { row: 2, key: "b", digest: "d", files: &[] }, "N2", now).unwrap();
        duplicates.finished(second);
        let warning = duplicates.next(&journal).unwrap().unwrap();
        let rows: Vec<_> = warning.others.iter().map(|(other, row)| (other.number.as_str(), *row)).collect();
        assert_eq!(rows, [("N0", None), ("N2", Some(2))], "what is not of the batch comes first");
        assert!(!warning.is_within_batch());
        assert_eq!(duplicates.next(&journal).unwrap(), None);
    }
}
