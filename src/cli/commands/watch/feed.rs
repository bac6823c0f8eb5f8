//! Shared by `watch`, `wait` and `changes`: parsing of numbers, the columns of a change, and which statuses an appeal
//! can still reach.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::output::{Cell, Column, Shape};
use appeal_api::{Appeal, Change, ChangesQuery, Received, code};
use appeal_client::Client;
use appeal_client::events::ChangesPage;
use appeal_domain::lifecycle::{TABLE, To};
use appeal_domain::{Status, Who, Word};

use crate::cli::args::values;
use crate::cli::base::Failure;

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
    key: "number",
};

/// The event of a draft that becomes an appeal.
const SENT: &str = "submitted";

/// Page size of requests.
const PAGE: u32 = 500;

/// Maximum number of appeals that the platform filters by; with more, the changes are filtered here.
const PICKED: usize = 200;

/// Parses numbers, each once, in the given order.
///
/// # Errors
/// A number is mistyped.
pub fn numbers(texts: &[String]) -> Result<Vec<String>, Failure> {
    let mut known = BTreeSet::new();
    let numbers = values::numbers(texts)?.iter().map(ToString::to_string).collect::<Vec<_>>();
    Ok(numbers.into_iter().filter(|number| known.insert(number.clone())).collect())
}

/// Returns the numbers to filter by at the platform; `None` for all visible appeals.
pub fn asked_for(numbers: &[String]) -> Vec<String> {
    if numbers.len() > PICKED { Vec::new() } else { numbers.to_vec() }
}

/// Fetches the cards of these appeals, in the given order. With `insist`, retries indefinitely.
///
/// # Errors
/// An appeal does not exist or is not visible to this user.
pub async fn cards(
    client: &Client,
    numbers: &[String],
    insist: bool,
) -> Result<Vec<Received<Appeal>>, Failure> {
    let mut cards = Vec::with_capacity(numbers.len());
    for number in numbers {
        cards.push(if insist { card(client, number).await? } else { client.show(number, false).await? });
    }
    Ok(cards)
}

/// Fetches a card; retries indefinitely.
///
/// # Errors
/// The appeal does not exist or is not visible to this user.
pub async fn card(client: &Client, number: &str) -> appeal_client::Result<Received<Appeal>> {
    client.insist(|client| async move { client.show(number, false).await }).await
}

/// Returns whether a change belongs to a followed appeal. A draft gets a new number when it is filed.
///
/// # Errors
/// A followed draft no longer exists.
pub async fn concerns(client: &Client, goals: &mut Goals, change: &Change) -> appeal_client::Result<bool> {
    if goals.follows(&change.number) {
        return Ok(true);
    }
    if change.event == SENT || goals.numbers() <= PICKED {
        for draft in goals.drafts() {
            let card = card(client, &draft).await?;
            goals.renamed(&draft, &card.number);
        }
    }
    Ok(goals.follows(&change.number))
}

/// Pages of changes after a cursor, up to the present.
#[derive(Debug)]
pub struct Backlog {
    query: Option<ChangesQuery>,
    /// The cursor after the pages read so far.
    pub cursor: String,
}

impl Backlog {
    /// The changes of these appeals (of all visible ones if `None`) after a cursor.
    pub fn after(cursor: String, numbers: &[String]) -> Self {
        let query = ChangesQuery { after: Some(cursor.clone()), ..asked(numbers) };
        Self { query: Some(query), cursor }
    }

    /// The changes since a time.
    pub fn since(since: Timestamp, numbers: &[String]) -> Self {
        let query = ChangesQuery { since: Some(since.to_string()), ..asked(numbers) };
        Self { query: Some(query), cursor: String::new() }
    }

    /// Fetches the next page; `None` after the last one.
    ///
    /// # Errors
    /// As the platform says; see [`is_gone`].
    pub async fn page(&mut self, client: &Client) -> appeal_client::Result<Option<Vec<Received<Change>>>> {
        let Some(query) = self.query.take() else { return Ok(None) };
        let page = client.changes(&query).await?;
        Ok(Some(self.took(query, page)))
    }

    /// The same, retried indefinitely.
    ///
    /// # Errors
    /// As the platform says; see [`is_gone`].
    pub async fn insist(&mut self, client: &Client) -> appeal_client::Result<Option<Vec<Received<Change>>>> {
        let Some(query) = self.query.take() else { return Ok(None) };
        let asked = &query;
        let page = client.insist(|client| async move { client.changes(asked).await }).await?;
        Ok(Some(self.took(query, page)))
    }

    fn took(&mut self, query: ChangesQuery, page: ChangesPage) -> Vec<Received<Change>> {
        // A page that announces more but does not advance the cursor would be requested forever.
        if page.more && Some(&page.cursor) != query.after.as_ref() {
            self.query = Some(ChangesQuery { after: Some(page.cursor.clone()), since: None, ..query });
        }
        self.cursor = page.cursor;
        page.items
    }
}

fn asked(numbers: &[String]) -> ChangesQuery {
    ChangesQuery {
        numbers: Some(asked_for(numbers).join(",")).filter(|n| !n.is_empty()),
        limit: Some(PAGE),
        ..ChangesQuery::default()
    }
}

/// Maximum difference between the clocks of tool and platform.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Returns an earlier time, so that no change is missed if the platform's clock is behind.
pub fn before(at: Timestamp) -> Timestamp {
    at.checked_sub(CLOCKS).unwrap_or(at)
}

/// Returns whether the cursor is from before the platform was restored from a backup.
pub fn is_gone(error: &appeal_client::Error) -> bool {
    matches!(error, appeal_client::Error::Problem(problem) if problem.code == code::CURSOR_GONE)
}

/// The awaited appeals, and the statuses to wait for.
#[derive(Debug)]
pub struct Goals {
    wanted: Vec<Status>,
    /// The followed appeals; `None` for all visible ones.
    named: BTreeSet<String>,
    open: BTreeSet<String>,
    /// Without named appeals, the first one that reaches a status ends the wait.
    any: bool,
    /// The last known status of each, for the message after an interruption.
    seen: BTreeMap<String, Word<Status>>,
}

impl Goals {
    /// Waits for these appeals (for the first of all, if none is named) to reach one of these statuses.
    pub fn new(wanted: Vec<Status>, numbers: &[String]) -> Self {
        Self {
            wanted,
            named: numbers.iter().cloned().collect(),
            open: numbers.iter().cloned().collect(),
            any: numbers.is_empty(),
            seen: BTreeMap::new(),
        }
    }

    /// Returns whether the appeal is followed.
    pub fn follows(&self, number: &str) -> bool {
        self.named.is_empty() || self.named.contains(number)
    }

    fn numbers(&self) -> usize {
        self.named.len()
    }

    fn drafts(&self) -> Vec<String> {
        self.named.iter().filter(|number| number.starts_with("D-")).cloned().collect()
    }

    /// Records that a number typed by the user, such as that of a draft, is now known by another one.
    pub fn renamed(&mut self, typed: &str, number: &str) {
        if typed == number {
            return;
        }
        if self.named.remove(typed) {
            self.named.insert(number.to_owned());
        }
        if self.open.remove(typed) {
            self.open.insert(number.to_owned());
        }
        if let Some(status) = self.seen.remove(typed) {
            self.seen.insert(number.to_owned(), status);
        }
    }

    /// Records the status of an appeal; true when it first reaches an awaited one.
    pub fn note(&mut self, number: &str, status: &Word<Status>) -> bool {
        self.seen.insert(number.to_owned(), status.clone());
        if !self.wanted.iter().any(|wanted| status == wanted) {
            return false;
        }
        if self.any {
            self.any = false;
            return true;
        }
        self.open.remove(number)
    }

    /// Whether nothing is left to wait for; never true if no status is awaited.
    pub fn are_reached(&self) -> bool {
        !self.wanted.is_empty() && self.open.is_empty() && !self.any
    }

    /// Returns the appeals still awaited, with their last known status.
    pub fn open(&self) -> impl Iterator<Item = (&str, Option<&Word<Status>>)> {
        self.open.iter().map(|number| (number.as_str(), self.seen.get(number)))
    }
}

/// Whether an appeal with this status can still reach one of the others. Once it is final, only actions of the authority
/// and the platform count: an appeal that only an escalation could reopen is not waited for.
pub fn can_reach(from: Status, wanted: &[Status]) -> bool {
    // A clarification returns to the status where it was requested, which is part of the state of an appeal.
    let start = (from, None);
    let mut reached = BTreeSet::from([start]);
    let mut edge = vec![start];
    while let Some((status, asked_from)) = edge.pop() {
        // Ignores the conditions of moves, because escalations and decisions may change on the way.
        for row in TABLE.iter().filter(|row| row.from.contains(&status)) {
            if status.is_final() && row.who == Who::Applicant {
                continue;
            }
            let next: Vec<(Status, Option<Status>)> = match (&row.to, asked_from) {
                (To::Status(Status::ClarificationRequired), _) => {
                    vec![(Status::ClarificationRequired, Some(status))]
                }
                (To::Status(to), _) => vec![(*to, None)],
                (To::AskedFrom, Some(asked_from)) => vec![(asked_from, None)],
                (To::AskedFrom, None) => TABLE
                    .iter()
                    .filter(|row| matches!(row.to, To::Status(Status::ClarificationRequired)))
                    .flat_map(|row| row.from)
                    .map(|from| (*from, None))
                    .collect(),
            };
            for place in next {
                if reached.insert(place) {
                    edge.push(place);
                }
            }
        }
    }
    wanted.iter().any(|wanted| reached.iter().any(|(status, _)| status == wanted))
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
    fn an_open_appeal_reaches_everything_that_is_not_behind_it() {
        for from in Status::ALL.into_iter().filter(|s| s.is_open()) {
            for to in Status::ALL {
                // Only an answered clarification leads back to the initial status.
                let began = from == to || from == Status::ClarificationRequired;
                let open = to != Status::Draft && (to != Status::Submitted || began);
                assert_eq!(can_reach(from, &[to]), open, "{from} to {to}");
            }
        }
        assert!(can_reach(Status::Draft, &[Status::Closed]));
        assert!(can_reach(Status::Answered, &[Status::Draft, Status::InProgress]));
        for from in [Status::UnderReview, Status::Answered, Status::AwaitingConfirmation] {
            assert!(!can_reach(from, &[Status::Submitted]), "{from}");
        }
    }

    #[test]
    fn a_draft_that_was_sent_is_waited_for_under_its_number() {
        let mut goals = Goals::new(vec![Status::Answered], &["D-1".into(), "2".into()]);
        goals.note("D-1", &Status::Draft.into());
        assert_eq!(goals.drafts(), ["D-1"]);
        goals.renamed("D-1", "1");
        assert!(goals.follows("1") && !goals.follows("D-1") && goals.drafts().is_empty());
        assert_eq!(goals.open().collect::<Vec<_>>(), [("1", Some(&Status::Draft.into())), ("2", None)]);
        // Both names of the same appeal.
        goals.renamed("2", "1");
        assert!(goals.note("1", &Status::Answered.into()) && goals.are_reached());
    }

    #[test]
    fn goals_of_named_appeals_need_each_of_them() {
        let mut goals = Goals::new(vec![Status::Answered], &["a".into(), "b".into(), "a".into()]);
        assert!(!goals.note("a", &Status::InProgress.into()));
        assert!(goals.note("a", &Status::Answered.into()));
        assert!(!goals.note("a", &Status::Answered.into()), "only once");
        assert!(!goals.note("other", &Status::Answered.into()));
        assert!(!goals.are_reached());
        assert_eq!(goals.open().collect::<Vec<_>>(), [("b", None)]);
        assert!(goals.note("b", &Status::Answered.into()));
        assert!(goals.are_reached());
    }

    #[test]
    fn without_names_the_first_one_counts_and_without_a_status_nothing_does() {
        let mut goals = Goals::new(vec![Status::Closed], &[]);
        assert!(!goals.note("a", &Status::Answered.into()) && !goals.are_reached());
        assert!(goals.note("b", &Status::Closed.into()) && goals.are_reached());
        let mut endless = Goals::new(vec![], &["a".into()]);
        assert!(!endless.note("a", &Status::Closed.into()) && !endless.are_reached());
    }
}
