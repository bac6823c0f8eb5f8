//! Rows that say much the same as something else that the same person has open. The platform tells when it files a row;
//! what it names may be a row of the same batch whose own answer is still on its way, so it is told a little later.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::journal::Journal;
use crate::cli::base::Failure;
use appeal_api::Similar;
use appeal_i18n::{Lang, t};

/// Rows that wait to be told, at most.
const WAITING: usize = 4096;

/// A row that was filed and is much like others.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// Which record it is.
    pub row: u64,
    /// Its key.
    pub key: String,
    /// Its number.
    pub number: String,
    /// What it is like, with the row where it is one of the same batch: those that are not come first, then the
    /// likelier.
    pub others: Vec<(Similar, Option<u64>)>,
}

impl Alike {
    /// It is like rows of the same batch alone.
    pub fn is_within(&self) -> bool {
        self.others.first().is_some_and(|(_, row)| row.is_some())
    }

    /// The message, and what is put into it.
    pub fn message(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let mut args = vec![("row", self.row.to_string())];
        let mut id = "batch-similar";
        if let Some((other, row)) = self.others.first() {
            args.push(("number", other.number.clone()));
            args.push(("score", other.score.to_string()));
            if let Some(row) = row {
                id = "batch-similar-row";
                args.push(("other", row.to_string()));
            }
        }
        (id, args)
    }

    /// The same for scripts.
    pub fn object(&self, lang: Lang) -> Value {
        let (id, args) = self.message();
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let other = |(other, row): &(Similar, Option<u64>)| {
            json!({
                "number": other.number, "score": other.score, "status": other.status, "subject": other.subject,
                "row": row,
            })
        };
        json!({ "warning": {
            "code": "similar",
            "message": t(lang, id, &args),
            "row": self.row,
            "key": self.key,
            "number": self.number,
            "similar": self.others.iter().map(other).collect::<Vec<_>>(),
        }})
    }
}

/// Rows that wait until everything that was under way with them has come back.
#[derive(Debug, Default)]
pub struct Suspects {
    under_way: BTreeSet<u64>,
    next: u64,
    waiting: VecDeque<(u64, Alike)>,
}

impl Suspects {
    /// Something was sent; its ticket.
    pub fn sent(&mut self) -> u64 {
        self.next += 1;
        self.under_way.insert(self.next);
        self.next
    }

    /// It came back.
    pub fn back(&mut self, ticket: u64) {
        self.under_way.remove(&ticket);
    }

    /// A row is like others; those are told when what is under way now has come back.
    pub fn add(&mut self, row: u64, key: &str, number: &str, similar: Vec<Similar>) {
        if !similar.is_empty() {
            let others = similar.into_iter().map(|other| (other, None)).collect();
            let alike = Alike { row, key: key.to_owned(), number: number.to_owned(), others };
            self.waiting.push_back((self.next, alike));
        }
    }

    /// The next row that can be told.
    ///
    /// # Errors
    /// The journal's index cannot be read.
    pub fn next(&mut self, journal: &Journal) -> Result<Option<Alike>, Failure> {
        let ripe = |upto: u64| self.under_way.first().is_none_or(|first| *first > upto);
        match self.waiting.front() {
            Some((upto, _)) if ripe(*upto) || self.waiting.len() > WAITING => {}
            _ => return Ok(None),
        }
        let Some((_, mut alike)) = self.waiting.pop_front() else { return Ok(None) };
        for (other, row) in &mut alike.others {
            *row = journal.row_of(&other.number)?;
        }
        alike.others.sort_by_key(|(_, row)| row.is_some());
        Ok(Some(alike))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::batch::journal::{Entry, Options};

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
        let mut journal = Journal::open(&path, "here", "x", &Options::default(), now).unwrap();
        let mut suspects = Suspects::default();
        let (first, second) = (suspects.sent(), suspects.sent());
        suspects.add(1, "a", "N1", vec![similar("N2"), similar("N0")]);
        suspects.back(first);
        assert_eq!(suspects.next(&journal).unwrap(), None, "the second is still under way");
        journal.done(Entry { row: 2, key: "b", digest: "d", files: &[] }, "N2", now).unwrap();
        suspects.back(second);
        let alike = suspects.next(&journal).unwrap().unwrap();
        let rows: Vec<_> = alike.others.iter().map(|(other, row)| (other.number.as_str(), *row)).collect();
        assert_eq!(rows, [("N0", None), ("N2", Some(2))], "what is not of the batch comes first");
        assert!(!alike.is_within());
        assert_eq!(suspects.next(&journal).unwrap(), None);
    }
}
