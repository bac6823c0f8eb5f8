//! What `watch`, `wait` and `changes` have in common: numbers as typed, the columns of a change, and which statuses an
//! appeal can still reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Appeal, Change, ChangesQuery, code};
use crate::client::{self, Client};
use crate::domain::lifecycle::{TABLE, To};
use crate::domain::{Status, Who};
use crate::output::{Cell, Column, Shape};

use super::Failure;

/// A change: one line of `watch` and `changes`.
pub const SHAPE: Shape = Shape {
    columns: &[
        Column::new("at", Cell::Time),
        Column::new("number", Cell::Text),
        Column::new("status", Cell::Status),
        Column::new("summary", Cell::Text),
    ],
    more: &[
        Column::new("event", Cell::Text),
        Column::new("actor", Cell::Text),
        Column::new("cursor", Cell::Text),
    ],
    essential: "number",
};

/// Most changes asked for at once.
const PAGE: u32 = 500;

/// The cards of these appeals, in the order given.
///
/// # Errors
/// One is not there, or not visible to this person.
pub async fn cards(client: &Client, numbers: &[String]) -> Result<Vec<Appeal>, Failure> {
    let mut cards = Vec::with_capacity(numbers.len());
    for number in numbers {
        cards.push(client.show(number, false).await?);
    }
    Ok(cards)
}

/// The changes after a cursor, page after page, until there are none right now.
#[derive(Debug)]
pub struct Backlog {
    query: Option<ChangesQuery>,
    /// Where the pages read so far end.
    pub cursor: String,
}

impl Backlog {
    /// The changes of these appeals (of all visible ones for none) after a cursor.
    pub fn after(cursor: String, numbers: &[String]) -> Self {
        let query = ChangesQuery { after: Some(cursor.clone()), ..asked(numbers) };
        Self { query: Some(query), cursor }
    }

    /// The changes from a time on.
    pub fn since(since: jiff::Timestamp, numbers: &[String]) -> Self {
        let query = ChangesQuery { since: Some(since.to_string()), ..asked(numbers) };
        Self { query: Some(query), cursor: String::new() }
    }

    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As the platform says; see [`is_gone`].
    pub async fn page(&mut self, client: &Client) -> client::Result<Option<Vec<Change>>> {
        let Some(query) = self.query.take() else { return Ok(None) };
        let page = client.changes(&query).await?;
        // A page that says there is more and stays where it is would be asked for endlessly.
        if page.more && Some(&page.cursor) != query.after.as_ref() {
            self.query = Some(ChangesQuery { after: Some(page.cursor.clone()), since: None, ..query });
        }
        self.cursor = page.cursor;
        Ok(Some(page.items))
    }
}

fn asked(numbers: &[String]) -> ChangesQuery {
    ChangesQuery {
        numbers: Some(numbers.join(",")).filter(|n| !n.is_empty()),
        limit: Some(PAGE),
        ..ChangesQuery::default()
    }
}

/// The cursor is from before the platform was restored from a backup.
pub fn is_gone(error: &client::Error) -> bool {
    matches!(error, client::Error::Problem(problem) if problem.code == code::CURSOR_GONE)
}

/// The appeals that are waited for, each until it has one of the statuses.
#[derive(Debug)]
pub struct Goals {
    wanted: Vec<Status>,
    open: BTreeSet<String>,
    /// No appeal is named: the first that gets there ends it.
    any: bool,
    /// The last status seen of each, for the last line of a command that is interrupted.
    seen: BTreeMap<String, Status>,
}

impl Goals {
    /// These appeals (the first of all for none) until they have one of these statuses.
    pub fn new(wanted: Vec<Status>, numbers: &[String]) -> Self {
        Self {
            wanted,
            open: numbers.iter().cloned().collect(),
            any: numbers.is_empty(),
            seen: BTreeMap::new(),
        }
    }

    /// An appeal has this status; true where that is one it was waited for, for the first time.
    pub fn note(&mut self, number: &str, status: Status) -> bool {
        self.seen.insert(number.to_owned(), status);
        if self.wanted.is_empty() || !self.wanted.contains(&status) {
            return false;
        }
        if self.any {
            self.any = false;
            return true;
        }
        self.open.remove(number)
    }

    /// Nothing is left to wait for. Never where no status is waited for.
    pub fn are_reached(&self) -> bool {
        !self.wanted.is_empty() && self.open.is_empty() && !self.any
    }

    /// Those still waited for, with the last status seen.
    pub fn open(&self) -> impl Iterator<Item = (&str, Option<Status>)> {
        self.open.iter().map(|number| (number.as_str(), self.seen.get(number).copied()))
    }

    /// True where an appeal is still waited for.
    pub fn waits_for(&self, number: &str) -> bool {
        self.open.contains(number)
    }
}

/// Whether an appeal of this status can still get one of the others with nobody but the authority and the platform
/// acting once it is final: a final appeal that only an escalation could revive is not waited for.
pub fn can_reach(from: Status, wanted: &[Status]) -> bool {
    let mut reached = BTreeSet::from([from]);
    let mut edge = vec![from];
    while let Some(status) = edge.pop() {
        // A wider net than the table: who is escalated and what is decided changes on the way.
        for row in TABLE.iter().filter(|row| row.from.contains(&status)) {
            if status.is_final() && row.who == Who::Applicant {
                continue;
            }
            let next: &[Status] = match &row.to {
                To::Status(to) => std::slice::from_ref(to),
                To::AskedFrom => {
                    &[Status::Submitted, Status::Redirected, Status::InProgress, Status::UnderReview]
                }
            };
            for to in next {
                if reached.insert(*to) {
                    edge.push(*to);
                }
            }
        }
    }
    wanted.iter().any(|status| reached.contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_appeal_reaches_nothing_else() {
        for from in Status::ALL.into_iter().filter(|s| s.is_final()) {
            for to in Status::ALL {
                assert_eq!(can_reach(from, &[to]), from == to, "{from} to {to}");
            }
        }
    }

    #[test]
    fn an_open_appeal_reaches_everything_but_a_draft() {
        for from in Status::ALL.into_iter().filter(|s| s.is_open()) {
            for to in Status::ALL {
                assert_eq!(can_reach(from, &[to]), to != Status::Draft, "{from} to {to}");
            }
        }
        assert!(can_reach(Status::Draft, &[Status::Closed]));
    }

    #[test]
    fn goals_of_named_appeals_need_each_of_them() {
        let mut goals = Goals::new(vec![Status::Answered], &["a".into(), "b".into(), "a".into()]);
        assert!(!goals.note("a", Status::InProgress));
        assert!(goals.note("a", Status::Answered));
        assert!(!goals.note("a", Status::Answered), "only once");
        assert!(!goals.note("other", Status::Answered));
        assert!(!goals.are_reached());
        assert_eq!(goals.open().collect::<Vec<_>>(), [("b", None)]);
        assert!(goals.note("b", Status::Answered));
        assert!(goals.are_reached());
    }

    #[test]
    fn without_names_the_first_one_counts_and_without_a_status_nothing_does() {
        let mut goals = Goals::new(vec![Status::Closed], &[]);
        assert!(!goals.note("a", Status::Answered) && !goals.are_reached());
        assert!(goals.note("b", Status::Closed) && goals.are_reached());
        let mut endless = Goals::new(vec![], &["a".into()]);
        assert!(!endless.note("a", Status::Closed) && !endless.are_reached());
    }
}
