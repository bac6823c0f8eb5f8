//! Filing the rows: as many at once as the platform keeps up with, in requests of many rows where it takes them. A row
//! is written down in the journal before it is sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::alike::{Alike, Suspects};
use super::journal::{Entry, Journal};
use super::keys::Key;
use super::prepare::Ready;
use super::report::{self, Counts, RowResult, RowStatus};
use super::send::{Outcome, Parcel, Sender, concerns_every_row};
use crate::cli::base::{Exit, Failure};
use appeal_api::code;
use appeal_client::Client;
use appeal_client::pacing::Pacer;
use appeal_domain::Finding;
use appeal_i18n::{Lang, t};

/// Rows that are written down in the journal at once, at least where there are so many.
const AHEAD: usize = 64;
/// Results that wait for an earlier one, at most.
const WAITING: usize = 4096;

/// A row on its way.
#[derive(Debug)]
pub struct Job {
    /// Which record it is.
    pub row: u64,
    /// The line it starts on.
    pub line: u64,
    /// Its key; none where it could not be read.
    pub key: Option<Key>,
    /// What is known of it before it is sent.
    pub state: State,
}

/// What a run has to tell.
#[derive(Debug)]
pub enum Told {
    /// What came of a row.
    Result(RowResult),
    /// A row that was filed is much like others.
    Alike(Alike),
    /// There is nothing more to tell until an answer comes.
    Waiting,
}

/// What is known of a row before it is sent.
#[derive(Debug)]
pub enum State {
    /// An earlier run filed it, or something else under its key.
    Known(Box<RowResult>),
    /// It can be sent.
    Ready(Box<Ready>),
    /// It cannot.
    Invalid(Vec<Finding>),
}

/// A row that is to be sent, and is in the journal.
struct Written {
    /// Its place among all that are told.
    at: u64,
    row: u64,
    key: Key,
    ready: Arc<Ready>,
    /// Results of the rows after it that need no sending: told with it, so that a short batch comes out in its order.
    after: Vec<(u64, RowResult)>,
}

/// Rows that were sent together, and what came of them.
struct Back {
    ticket: u64,
    rows: Vec<Written>,
    outcomes: Vec<Option<Outcome>>,
}

/// Files rows.
pub struct Filing {
    /// What was filed before, and what is now.
    pub journal: Journal,
    /// Results come in the order of the rows.
    pub ordered: bool,
    /// Stop after so many failures.
    pub max_failures: Option<u64>,
    /// Language of messages.
    pub lang: Lang,
    /// What came of it so far.
    pub counts: Counts,
    /// Why nothing more is sent.
    pub stopped: Option<Failure>,
    sender: Sender,
    pacer: Arc<Pacer>,
    /// Rows of one request.
    chunk: usize,
    queue: VecDeque<Written>,
    under_way: usize,
    /// Results by place, while an earlier one is missing.
    waiting: BTreeMap<u64, RowResult>,
    next_out: u64,
    /// The place of the next row that is read. Not its number: rows are left out where they are empty or not wanted.
    next_in: u64,
    suspects: Suspects,
}

/// Where rows come from: the next one, checked.
pub trait Jobs {
    /// The next row, looked up in what is known; none at the end.
    fn next(&mut self, known: &Journal) -> impl Future<Output = Result<Option<Job>, Failure>>;
}

impl Filing {
    /// Files with at most `jobs` requests at once.
    pub fn new(client: &Client, journal: Journal, jobs: usize, lang: Lang) -> Self {
        let pacer = Pacer::new(jobs);
        Self {
            journal,
            ordered: false,
            max_failures: None,
            lang,
            counts: Counts::default(),
            stopped: None,
            sender: Sender::new(client, pacer.clone()),
            pacer,
            chunk: 8,
            queue: VecDeque::new(),
            under_way: 0,
            waiting: BTreeMap::new(),
            next_out: 1,
            next_in: 1,
            suspects: Suspects::default(),
        }
    }

    /// Files every row; tells each result as soon as it is there, or in the order of the rows.
    ///
    /// # Errors
    /// The journal cannot be written, or a row cannot be read: not the row's own failure.
    pub async fn run(
        &mut self,
        jobs: &mut impl Jobs,
        mut each: impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut sent: JoinSet<Back> = JoinSet::new();
        let mut more = true;
        loop {
            if more && self.queue.is_empty() && (self.waiting.len() < WAITING || sent.is_empty()) {
                more = self.refill(jobs, &mut each).await?;
            }
            if self.stopped.is_some() {
                for row in std::mem::take(&mut self.queue) {
                    self.emit(row.at, RowResult::pending(row.row, Some(&row.key)), &mut each)?;
                    for (at, result) in row.after {
                        self.emit(at, result, &mut each)?;
                    }
                }
            }
            if self.queue.is_empty() && sent.is_empty() {
                if more {
                    continue;
                }
                return Ok(());
            }
            // No more of them than may be under way: each of their requests waits for its turn by itself.
            if !self.queue.is_empty() && self.room() > 0 && sent.len() < self.pacer.limit() {
                self.send(&mut sent);
                continue;
            }
            each(Told::Waiting, &self.counts)?;
            match sent.join_next().await {
                Some(Ok(back)) => self.settle(back, &mut each)?,
                Some(Err(error)) => return Err(std::io::Error::other(error).into()),
                None => {}
            }
        }
    }

    /// So many rows may be under way besides those that are: no more than failures are left.
    fn room(&self) -> usize {
        let Some(most) = self.max_failures else { return usize::MAX };
        let left = most.saturating_sub(self.counts.failed);
        usize::try_from(left).unwrap_or(usize::MAX).saturating_sub(self.under_way)
    }

    /// Reads rows, tells what needs no sending, and writes the others down; false at the end.
    async fn refill(
        &mut self,
        jobs: &mut impl Jobs,
        each: &mut impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let wanted = self.chunk.max(AHEAD);
        let mut more = true;
        let mut read = 0;
        while self.queue.len() < wanted && read < WAITING {
            let Some(job) = jobs.next(&self.journal).await? else {
                more = false;
                break;
            };
            read += 1;
            let Job { row, key, state, .. } = job;
            let at = self.next_in;
            self.next_in += 1;
            match (state, key) {
                (State::Known(known), _) => self.emit_after(at, *known, each)?,
                (State::Ready(ready), Some(key)) => {
                    self.queue.push_back(Written { at, row, key, ready: ready.into(), after: Vec::new() })
                }
                (State::Invalid(findings), key) => {
                    self.emit_after(at, RowResult::invalid(self.lang, row, key, &findings), each)?
                }
                // A row that was read has a key.
                (State::Ready(_), None) => {}
            }
        }
        if self.stopped.is_none() && !self.queue.is_empty() {
            let now = jiff::Timestamp::now();
            let ahead: Vec<Entry<'_>> = self.queue.iter().map(Written::entry).collect();
            self.journal.ahead(&ahead, now)?;
        }
        Ok(more)
    }

    /// Sends the next rows.
    fn send(&mut self, sent: &mut JoinSet<Back>) {
        let size = if self.sender.bulk() { self.chunk } else { 1 };
        let size = size.min(self.room()).min(self.queue.len());
        let rows: Vec<Written> = self.queue.drain(..size).collect();
        self.under_way += rows.len();
        let parcels: Vec<Parcel> = rows
            .iter()
            .map(|row| Parcel { key: self.journal.idempotency_key(&row.key.key), ready: row.ready.clone() })
            .collect();
        let ticket = self.suspects.sent();
        let sender = self.sender.clone();
        sent.spawn(async move {
            let outcomes = sender.send(&parcels).await;
            Back { ticket, rows, outcomes }
        });
    }

    /// Writes down what came of rows, and tells it.
    fn settle(
        &mut self,
        back: Back,
        each: &mut impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.under_way -= back.rows.len();
        self.suspects.back(back.ticket);
        let mut well = true;
        for (row, outcome) in back.rows.into_iter().zip(back.outcomes) {
            well &= matches!(outcome, Some(Ok(_)));
            let (result, hopeless) = match outcome {
                Some(outcome) => settle(&mut self.journal, &mut self.suspects, &row, outcome)?,
                None => (RowResult::pending(row.row, Some(&row.key)), None),
            };
            if let Some(failure) = hopeless {
                self.stopped.get_or_insert(failure);
            }
            self.emit(row.at, result, each)?;
            for (at, result) in row.after {
                self.emit(at, result, each)?;
            }
        }
        while let Some(alike) = self.suspects.next(&self.journal)? {
            each(Told::Alike(alike), &self.counts)?;
        }
        self.chunk = if well { (self.chunk * 2).min(super::send::MOST) } else { (self.chunk / 2).max(8) };
        Ok(())
    }

    /// Tells a result that needs no sending, after the row before it.
    fn emit_after(
        &mut self,
        at: u64,
        result: RowResult,
        each: &mut impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.queue.back_mut() {
            Some(row) => {
                row.after.push((at, result));
                Ok(())
            }
            None => self.emit(at, result, each),
        }
    }

    fn emit(
        &mut self,
        at: u64,
        result: RowResult,
        each: &mut impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.counts.add(result.status);
        if self.max_failures.is_some_and(|most| self.counts.failed >= most) && self.stopped.is_none() {
            let count = self.counts.failed.to_string();
            self.stopped =
                Some(Failure::told(Exit::Partial, "partial", "batch-max-failures", &[("count", &count)]));
        }
        if !self.ordered {
            return each(Told::Result(result), &self.counts);
        }
        self.waiting.insert(at, result);
        while let Some(result) = self.waiting.remove(&self.next_out) {
            self.next_out += 1;
            each(Told::Result(result), &self.counts)?;
        }
        Ok(())
    }

    /// Tells what still waits: rows that were left out stand before it.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn rest(
        &mut self,
        mut each: impl FnMut(Told, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (_, result) in std::mem::take(&mut self.waiting) {
            each(Told::Result(result), &self.counts)?;
        }
        Ok(())
    }
}

impl Written {
    fn entry(&self) -> Entry<'_> {
        Entry { row: self.row, key: &self.key.key, digest: &self.key.digest, files: &self.ready.stamps }
    }
}

/// Writes down what came of a row; the failure is one after which nothing more need be sent.
fn settle(
    journal: &mut Journal,
    suspects: &mut Suspects,
    row: &Written,
    outcome: Outcome,
) -> Result<(RowResult, Option<Failure>), Failure> {
    let (mut result, now) = (RowResult::pending(row.row, Some(&row.key)), jiff::Timestamp::now());
    let error = match outcome {
        Ok(sent) => {
            journal.done(row.entry(), &sent.number, now)?;
            suspects.add(row.row, &row.key.key, &sent.number, sent.similar);
            result.status = RowStatus::Filed;
            result.number = Some(sent.number);
            return Ok((result, None));
        }
        Err(error) => error,
    };
    let unknown = error.is_unreachable();
    let hopeless = concerns_every_row(&error);
    // The key of a row stands for what was sent first: that was filed, and its answer was lost.
    let reused =
        matches!(&error, appeal_client::Error::Problem(problem) if problem.code == code::IDEMPOTENCY_REUSED);
    let mut failure = if reused {
        Failure::told(Exit::Conflict, "row_changed", "batch-row-sent-otherwise", &[])
    } else {
        Failure::from(error)
    };
    if unknown {
        // The journal has the key it was sent under: nobody need give one.
        failure.hint = Some(t(crate::cli::base::failure::lang(), "batch-row-unknown-hint", &[]));
    } else {
        result.status = RowStatus::Failed;
    }
    let error = report::error(&failure);
    journal.failed(row.entry(), if unknown { "unknown" } else { "failed" }, &error, now)?;
    result.error = Some(error);
    Ok((result, hopeless.then_some(failure)))
}
