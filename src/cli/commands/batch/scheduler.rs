//! Files the rows with as many parallel requests as the platform can handle, and several rows per request if it
//! supports that. Every row is written to the journal before it is sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::duplicates::{DuplicateWarning, DuplicateWatch};
use super::journal::{Journal, RowEntry};
use super::keys::Key;
use super::prepare::Ready;
use super::report::{self, Counts, RowResult, RowStatus};
use super::send::{Outgoing, SendOutcome, Sender, affects_every_row};
use crate::cli::base::{Exit, Failure};
use appeal_api::code;
use appeal_client::Client;
use appeal_client::pacing::Pacer;
use appeal_domain::Finding;
use appeal_i18n::{Lang, message};

/// Maximum number of rows written to the journal at once, with a single sync.
const AHEAD: usize = 64;
/// Maximum number of results held back for an earlier one.
const WAITING: usize = 4096;

/// A row after its checks.
#[derive(Debug)]
pub struct CheckedRow {
    /// Its number in the file.
    pub row: u64,
    /// The line it starts on.
    pub line: u64,
    /// Its key; none if it could not be read.
    pub key: Option<Key>,
    /// What the checks found.
    pub state: RowState,
}

/// What the scheduler reports.
#[derive(Debug)]
pub enum Update {
    /// The result of a row.
    Result(RowResult),
    /// A filed row that is similar to other appeals.
    Duplicates(DuplicateWarning),
    /// Nothing to report until the next answer arrives.
    Idle,
}

/// What is known about a row before it is sent.
#[derive(Debug)]
pub enum RowState {
    /// An earlier run filed this row, or another one under its key.
    Known(Box<RowResult>),
    /// It passed its checks.
    Ready(Box<Ready>),
    /// It failed its checks.
    Invalid(Vec<Finding>),
}

/// A row that is in the journal and waits to be sent.
struct QueuedRow {
    /// Its position in the output.
    at: u64,
    row: u64,
    key: Key,
    ready: Arc<Ready>,
    /// Results of the following rows that are not sent. They are reported together, so that a short batch is printed in
    /// order.
    after: Vec<(u64, RowResult)>,
}

/// Rows sent together, with their outcomes.
struct Answered {
    ticket: u64,
    rows: Vec<QueuedRow>,
    outcomes: Vec<Option<SendOutcome>>,
}

/// Files checked rows and reports their results.
pub struct Scheduler {
    /// Everything filed so far, by this run and by earlier ones.
    pub journal: Journal,
    /// Report results in the order of the rows.
    pub ordered: bool,
    /// Stop after this many failures.
    pub max_failures: Option<u64>,
    /// Language of messages.
    pub lang: Lang,
    /// Results so far, counted.
    pub counts: Counts,
    /// Why sending stopped.
    pub stopped: Option<Failure>,
    sender: Sender,
    pacer: Arc<Pacer>,
    /// Rows per request: doubles after success, halves after a failure.
    chunk: usize,
    queue: VecDeque<QueuedRow>,
    in_flight: usize,
    /// Results by position that wait for an earlier one.
    waiting: BTreeMap<u64, RowResult>,
    next_out: u64,
    /// The position of the next row. Not its row number: blank rows and rows that are not selected have none.
    next_in: u64,
    duplicates: DuplicateWatch,
}

/// A source of checked rows.
pub trait RowSource {
    /// The next row, compared with the journal; `None` at the end.
    fn next(&mut self, known: &Journal) -> impl Future<Output = Result<Option<CheckedRow>, Failure>>;
}

impl Scheduler {
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
            in_flight: 0,
            waiting: BTreeMap::new(),
            next_out: 1,
            next_in: 1,
            duplicates: DuplicateWatch::default(),
        }
    }

    /// Files every row. Reports each result as soon as it arrives, or in the order of the rows.
    ///
    /// # Errors
    /// The journal cannot be written or the file cannot be read. Failures of single rows are results.
    pub async fn run(
        &mut self,
        rows: &mut impl RowSource,
        mut report: impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut sent: JoinSet<Answered> = JoinSet::new();
        let mut more = true;
        loop {
            if more && self.queue.is_empty() && (self.waiting.len() < WAITING || sent.is_empty()) {
                more = self.refill(rows, &mut report).await?;
            }
            if self.stopped.is_some() {
                for row in std::mem::take(&mut self.queue) {
                    self.report_row(row.at, RowResult::pending(row.row, Some(&row.key)), &mut report)?;
                    for (at, result) in row.after {
                        self.report_row(at, result, &mut report)?;
                    }
                }
            }
            if self.queue.is_empty() && sent.is_empty() {
                if more {
                    continue;
                }
                return Ok(());
            }
            // Each request waits for its turn by itself, so more tasks than the pacer allows would only wait.
            if !self.queue.is_empty() && self.capacity() > 0 && sent.len() < self.pacer.limit() {
                self.send(&mut sent);
                continue;
            }
            report(Update::Idle, &self.counts)?;
            match sent.join_next().await {
                Some(Ok(answered)) => self.settle(answered, &mut report)?,
                Some(Err(error)) => return Err(std::io::Error::other(error).into()),
                None => {}
            }
        }
    }

    /// How many more rows may be in flight: never more than failures are left.
    fn capacity(&self) -> usize {
        let Some(most) = self.max_failures else { return usize::MAX };
        let left = most.saturating_sub(self.counts.failed);
        usize::try_from(left).unwrap_or(usize::MAX).saturating_sub(self.in_flight)
    }

    /// Reads rows, reports those that are not sent, and writes the others to the journal. False at the end of the file.
    async fn refill(
        &mut self,
        rows: &mut impl RowSource,
        report: &mut impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let wanted = self.chunk.max(AHEAD);
        let mut more = true;
        let mut read = 0;
        while self.queue.len() < wanted && read < WAITING {
            let Some(row) = rows.next(&self.journal).await? else {
                more = false;
                break;
            };
            read += 1;
            let CheckedRow { row, key, state, .. } = row;
            let at = self.next_in;
            self.next_in += 1;
            match (state, key) {
                (RowState::Known(known), _) => self.report_after(at, *known, report)?,
                (RowState::Ready(ready), Some(key)) => {
                    self.queue.push_back(QueuedRow { at, row, key, ready: ready.into(), after: Vec::new() })
                }
                (RowState::Invalid(findings), key) => {
                    self.report_after(at, RowResult::invalid(self.lang, row, key, &findings), report)?
                }
                // Unreachable: a row that was read has a key.
                (RowState::Ready(_), None) => {}
            }
        }
        if self.stopped.is_none() && !self.queue.is_empty() {
            let now = jiff::Timestamp::now();
            let ahead: Vec<RowEntry<'_>> = self.queue.iter().map(QueuedRow::entry).collect();
            self.journal.record_sending(&ahead, now)?;
        }
        Ok(more)
    }

    /// Sends the next rows in one request.
    fn send(&mut self, sent: &mut JoinSet<Answered>) {
        let size = if self.sender.bulk() { self.chunk } else { 1 };
        let size = size.min(self.capacity()).min(self.queue.len());
        let rows: Vec<QueuedRow> = self.queue.drain(..size).collect();
        self.in_flight += rows.len();
        let outgoing: Vec<Outgoing> = rows
            .iter()
            .map(|row| Outgoing { key: self.journal.idempotency_key(&row.key.key), ready: row.ready.clone() })
            .collect();
        let ticket = self.duplicates.started();
        let sender = self.sender.clone();
        sent.spawn(async move {
            let outcomes = sender.send(&outgoing).await;
            Answered { ticket, rows, outcomes }
        });
    }

    /// Records the outcomes of an answered request and reports them.
    fn settle(
        &mut self,
        answered: Answered,
        report: &mut impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.in_flight -= answered.rows.len();
        self.duplicates.finished(answered.ticket);
        let mut all_filed = true;
        for (row, outcome) in answered.rows.into_iter().zip(answered.outcomes) {
            all_filed &= matches!(outcome, Some(Ok(_)));
            let (result, fatal) = match outcome {
                Some(outcome) => record_outcome(&mut self.journal, &mut self.duplicates, &row, outcome)?,
                None => (RowResult::pending(row.row, Some(&row.key)), None),
            };
            if let Some(failure) = fatal {
                self.stopped.get_or_insert(failure);
            }
            self.report_row(row.at, result, report)?;
            for (at, result) in row.after {
                self.report_row(at, result, report)?;
            }
        }
        while let Some(warning) = self.duplicates.next(&self.journal)? {
            report(Update::Duplicates(warning), &self.counts)?;
        }
        self.chunk =
            if all_filed { (self.chunk * 2).min(super::send::ROWS_MAX) } else { (self.chunk / 2).max(8) };
        Ok(())
    }

    /// Reports a result that needs no sending, after the row before it.
    fn report_after(
        &mut self,
        at: u64,
        result: RowResult,
        report: &mut impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.queue.back_mut() {
            Some(row) => {
                row.after.push((at, result));
                Ok(())
            }
            None => self.report_row(at, result, report),
        }
    }

    fn report_row(
        &mut self,
        at: u64,
        result: RowResult,
        report: &mut impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.counts.add(result.status);
        if self.max_failures.is_some_and(|most| self.counts.failed >= most) && self.stopped.is_none() {
            let count = self.counts.failed.to_string();
            self.stopped =
                Some(Failure::from_message(Exit::Partial, "partial", message!("batch-max-failures", count)));
        }
        if !self.ordered {
            return report(Update::Result(result), &self.counts);
        }
        self.waiting.insert(at, result);
        while let Some(result) = self.waiting.remove(&self.next_out) {
            self.next_out += 1;
            report(Update::Result(result), &self.counts)?;
        }
        Ok(())
    }

    /// Reports the results that are still held back, in order; gaps are rows that were left out.
    ///
    /// # Errors
    /// The report fails.
    pub fn flush(
        &mut self,
        mut report: impl FnMut(Update, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (_, result) in std::mem::take(&mut self.waiting) {
            report(Update::Result(result), &self.counts)?;
        }
        Ok(())
    }
}

impl QueuedRow {
    fn entry(&self) -> RowEntry<'_> {
        RowEntry { row: self.row, key: &self.key.key, digest: &self.key.digest, files: &self.ready.stamps }
    }
}

/// Records the outcome of a row. A failure is also returned if it affects every other row as well.
fn record_outcome(
    journal: &mut Journal,
    duplicates: &mut DuplicateWatch,
    row: &QueuedRow,
    outcome: SendOutcome,
) -> Result<(RowResult, Option<Failure>), Failure> {
    let (mut result, now) = (RowResult::pending(row.row, Some(&row.key)), jiff::Timestamp::now());
    let error = match outcome {
        Ok(sent) => {
            journal.record_filed(row.entry(), &sent.number, now)?;
            duplicates.add(row.row, &row.key.key, &sent.number, sent.similar);
            result.status = RowStatus::Filed;
            result.number = Some(sent.number);
            return Ok((result, None));
        }
        Err(error) => error,
    };
    let unknown = error.is_unreachable();
    let fatal = affects_every_row(&error);
    // Another request was filed under this row's key, and its answer was lost.
    let reused =
        matches!(&error, appeal_client::Error::Problem(problem) if problem.code == code::IDEMPOTENCY_REUSED);
    let mut failure = if reused {
        Failure::from_message(Exit::Conflict, "row_changed", message!("batch-row-sent-otherwise"))
    } else {
        Failure::from(error)
    };
    if unknown {
        failure = failure.hint_message(message!("batch-row-unknown-hint"));
    } else {
        result.status = RowStatus::Failed;
    }
    let error = report::error(&failure);
    journal.record_failed(row.entry(), if unknown { "unknown" } else { "failed" }, &error, now)?;
    result.error = Some(error);
    Ok((result, fatal.then_some(failure)))
}
