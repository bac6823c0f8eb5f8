//! Filing the rows: as many at once as the platform keeps up with, in requests of many rows where it takes them. A row
//! is written down in the journal before it is sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::journal::{Entry, Journal};
use super::keys::Key;
use super::prepare::{Prepared, Ready};
use super::report::{self, Counts, RowResult, RowStatus};
use super::send::{Outcome, Parcel, Sender};
use crate::api::code;
use crate::cli::{Exit, Failure};
use crate::client::pacing::{Pacer, Pass};
use crate::client::{self, Client};
use crate::domain::Finding;
use crate::i18n::{self, Lang};

/// Rows that are written down in the journal at once, at least where there are so many.
const AHEAD: usize = 64;
/// Results that wait for an earlier one, at most.
const WAITING: usize = 4096;

/// A row on its way.
pub struct Job {
    /// Which record it is.
    pub row: u64,
    /// Its key; none where it could not be read.
    pub key: Option<Key>,
    /// The request, or what is wrong.
    pub outcome: Result<Box<Ready>, Vec<Finding>>,
}

impl Job {
    /// The job of a row that was checked.
    pub fn of(row: u64, prepared: Prepared) -> Self {
        Self { row, key: Some(prepared.key), outcome: prepared.outcome }
    }
}

/// A row that is to be sent, and is in the journal.
struct Written {
    row: u64,
    key: Key,
    ready: Arc<Ready>,
    /// Results of the rows after it that need no sending: told with it, so that a short batch comes out in its order.
    after: Vec<RowResult>,
}

/// Rows that were sent together, and what came of them.
struct Back {
    rows: Vec<Written>,
    outcomes: Vec<Outcome>,
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
}

/// Where rows come from: the next one, checked.
pub trait Jobs {
    /// The next row; none at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Job>, Failure>>;
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
            sender: Sender::new(client.clone().with_pacer(pacer.clone())),
            pacer,
            chunk: 8,
            queue: VecDeque::new(),
            under_way: 0,
            waiting: BTreeMap::new(),
            next_out: 1,
        }
    }

    /// Files every row; tells each result as soon as it is there, or in the order of the rows.
    ///
    /// # Errors
    /// The journal cannot be written, or a row cannot be read: not the row's own failure.
    pub async fn run(
        &mut self,
        jobs: &mut impl Jobs,
        mut each: impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut sent: JoinSet<Back> = JoinSet::new();
        let mut more = true;
        loop {
            if more && self.queue.is_empty() && (self.waiting.len() < WAITING || sent.is_empty()) {
                more = self.refill(jobs, &mut each).await?;
            }
            if self.stopped.is_some() {
                for row in std::mem::take(&mut self.queue) {
                    self.emit(pending(&row), &mut each)?;
                    for result in row.after {
                        self.emit(result, &mut each)?;
                    }
                }
            }
            if self.queue.is_empty() && sent.is_empty() {
                if more {
                    continue;
                }
                return Ok(());
            }
            let may_send = !self.queue.is_empty() && self.room() > 0;
            tokio::select! {
                pass = self.pacer.enter(), if may_send => self.send(pass, &mut sent),
                back = sent.join_next(), if !sent.is_empty() => match back {
                    Some(Ok(back)) => self.settle(back, &mut each)?,
                    Some(Err(error)) => return Err(std::io::Error::other(error).into()),
                    None => {}
                },
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
        each: &mut impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let wanted = self.chunk.max(AHEAD);
        let mut more = true;
        let mut read = 0;
        while self.queue.len() < wanted && read < WAITING {
            let Some(job) = jobs.next().await? else {
                more = false;
                break;
            };
            read += 1;
            let Job { row, key, outcome } = job;
            let known = match &key {
                Some(key) => self.journal.filed(&key.key)?.map(|filed| RowResult::known(row, key, &filed)),
                None => None,
            };
            match (known, key, outcome) {
                (Some(known), ..) => self.emit_after(known, each)?,
                (None, Some(key), Ok(ready)) => {
                    self.queue.push_back(Written { row, key, ready: ready.into(), after: Vec::new() })
                }
                (None, key, Err(findings)) => {
                    let error = report::error(&Failure::invalid(i18n::findings(self.lang, &findings)));
                    let invalid = RowResult {
                        row,
                        key: key.map(|key| key.key),
                        status: RowStatus::Invalid,
                        number: None,
                        error: Some(error),
                        similar: Vec::new(),
                    };
                    self.emit_after(invalid, each)?;
                }
                // A row that was read has a key.
                (None, None, Ok(_)) => {}
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
    fn send(&mut self, pass: Pass, sent: &mut JoinSet<Back>) {
        let size = if self.sender.bulk() { self.chunk } else { 1 };
        let size = size.min(self.room()).min(self.queue.len());
        let rows: Vec<Written> = self.queue.drain(..size).collect();
        self.under_way += rows.len();
        let parcels: Vec<Parcel> = rows
            .iter()
            .map(|row| Parcel { key: self.journal.idempotency_key(&row.key.key), ready: row.ready.clone() })
            .collect();
        let sender = self.sender.clone();
        sent.spawn(async move {
            let outcomes = sender.send(&parcels).await;
            let well = outcomes.iter().filter(|o| !matches!(o, Err(error) if error.is_unreachable())).count();
            if well == rows.len() {
                pass.went_well(well);
            }
            Back { rows, outcomes }
        });
    }

    /// Writes down what came of rows, and tells it.
    fn settle(
        &mut self,
        back: Back,
        each: &mut impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.under_way -= back.rows.len();
        let mut well = true;
        for (row, outcome) in back.rows.into_iter().zip(back.outcomes) {
            well &= outcome.is_ok();
            let (result, hopeless) = settle(&mut self.journal, &row, outcome)?;
            if let Some(failure) = hopeless {
                self.stopped.get_or_insert(failure);
            }
            self.emit(result, each)?;
            for result in row.after {
                self.emit(result, each)?;
            }
        }
        self.chunk = if well { (self.chunk * 2).min(super::send::MOST) } else { (self.chunk / 2).max(8) };
        Ok(())
    }

    /// Tells a result that needs no sending, after the row before it.
    fn emit_after(
        &mut self,
        result: RowResult,
        each: &mut impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.queue.back_mut() {
            Some(row) => {
                row.after.push(result);
                Ok(())
            }
            None => self.emit(result, each),
        }
    }

    fn emit(
        &mut self,
        result: RowResult,
        each: &mut impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.counts.add(result.status);
        if self.max_failures.is_some_and(|most| self.counts.failed >= most) && self.stopped.is_none() {
            let count = self.counts.failed.to_string();
            self.stopped =
                Some(Failure::told(Exit::Partial, "partial", "batch-max-failures", &[("count", &count)]));
        }
        if !self.ordered {
            return each(result, &self.counts);
        }
        self.waiting.insert(result.row, result);
        while let Some(result) = self.waiting.remove(&self.next_out) {
            self.next_out += 1;
            each(result, &self.counts)?;
        }
        Ok(())
    }

    /// Tells what still waits: rows that were left out stand before it.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn rest(
        &mut self,
        mut each: impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (_, result) in std::mem::take(&mut self.waiting) {
            each(result, &self.counts)?;
        }
        Ok(())
    }
}

impl Written {
    fn entry(&self) -> Entry<'_> {
        Entry { row: self.row, key: &self.key.key, digest: &self.key.digest }
    }
}

fn pending(row: &Written) -> RowResult {
    RowResult {
        row: row.row,
        key: Some(row.key.key.clone()),
        status: RowStatus::Pending,
        number: None,
        error: None,
        similar: Vec::new(),
    }
}

/// Writes down what came of a row; the failure is one after which nothing more need be sent.
fn settle(
    journal: &mut Journal,
    row: &Written,
    outcome: Outcome,
) -> Result<(RowResult, Option<Failure>), Failure> {
    let (mut result, now) = (pending(row), jiff::Timestamp::now());
    let error = match outcome {
        Ok(sent) => {
            journal.done(row.entry(), &sent.number, now)?;
            result.status = RowStatus::Filed;
            result.number = Some(sent.number);
            result.similar = sent.similar;
            return Ok((result, None));
        }
        Err(error) => error,
    };
    let unknown = error.is_unreachable();
    let hopeless = unknown || concerns_every_row(&error);
    let failure = Failure::from(error);
    if !unknown {
        result.status = RowStatus::Failed;
    }
    let error = report::error(&failure);
    journal.failed(row.entry(), if unknown { "unknown" } else { "failed" }, &error, now)?;
    result.error = Some(error);
    Ok((result, hopeless.then_some(failure)))
}

/// The platform would refuse every other row as well: the sign-in or the account is not good.
fn concerns_every_row(error: &client::Error) -> bool {
    match error {
        client::Error::Problem(problem) => {
            problem.status == 401
                || [code::SCOPE, code::ACCOUNT_BLOCKED, code::ACCOUNT_UNCONFIRMED]
                    .contains(&problem.code.as_str())
        }
        _ => false,
    }
}
