//! Filing the rows: a window of them is written down in the journal, then sent, several at once; results come out in
//! the order of the file.

use std::cell::Cell;

use futures_util::{StreamExt, stream};

use super::journal::{Entry, Journal};
use super::keys::Key;
use super::prepare::{Prepared, Ready};
use super::report::{self, Counts, RowResult, RowStatus};
use crate::api::{Appeal, code};
use crate::cli::{Exit, Failure};
use crate::client::{self, Client};
use crate::domain::Finding;
use crate::i18n::{self, Lang};

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

/// Files windows of rows.
pub struct Filing<'a> {
    /// The platform.
    pub client: &'a Client,
    /// What was filed before, and what is now.
    pub journal: Journal,
    /// So many at once.
    pub jobs: usize,
    /// Stop after so many failures.
    pub max_failures: Option<u64>,
    /// Language of messages.
    pub lang: Lang,
    /// What came of it so far.
    pub counts: Counts,
    /// Why nothing more is sent.
    pub stopped: Option<Failure>,
}

/// What came of sending.
enum Sent {
    Answer(client::Result<Box<Appeal>>),
    /// It was not sent any more.
    Not,
}

impl Filing<'_> {
    /// Files a window of rows; their results, in their order.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn window(
        &mut self,
        ctx_now: impl Fn() -> jiff::Timestamp,
        jobs: Vec<Job>,
        mut each: impl FnMut(RowResult, &Counts) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut ahead = Vec::new();
        for job in &jobs {
            if let (Some(key), Ok(_)) = (&job.key, &job.outcome)
                && self.journal.filed(&key.key).is_none()
                && self.stopped.is_none()
            {
                ahead.push(Entry { row: job.row, key: &key.key, digest: &key.digest });
            }
        }
        if !ahead.is_empty() {
            self.journal.ahead(&ahead, ctx_now())?;
        }
        let stop = Cell::new(self.stopped.is_some());
        let client = self.client;
        // Only what is to be sent goes through the stream, with its idempotency key.
        let sends: Vec<(usize, String)> = jobs
            .iter()
            .enumerate()
            .filter_map(|(n, job)| {
                let key = job.key.as_ref().filter(|_| job.outcome.is_ok())?;
                let fresh = self.journal.filed(&key.key).is_none();
                fresh.then(|| (n, self.journal.idempotency_key(&key.key)))
            })
            .collect();
        let (jobs_ref, stop_ref) = (&jobs, &stop);
        let mut answers = stream::iter(sends)
            .map(|(n, key)| async move {
                match &jobs_ref[n].outcome {
                    Ok(ready) if !stop_ref.get() => {
                        Sent::Answer(ready.file(client, &key).await.map(Box::new))
                    }
                    _ => Sent::Not,
                }
            })
            .buffered(self.jobs);
        for job in &jobs {
            let result = match (self.known(job), &job.key, &job.outcome) {
                (Some(known), ..) => known,
                (None, Some(key), Ok(_)) => {
                    let sent = answers.next().await.unwrap_or(Sent::Not);
                    let entry = Entry { row: job.row, key: &key.key, digest: &key.digest };
                    let (result, stopping) = settle(&mut self.journal, entry, sent, ctx_now())?;
                    if let Some(failure) = stopping {
                        stop.set(true);
                        self.stopped.get_or_insert(failure);
                    }
                    result
                }
                (None, key, Err(findings)) => RowResult {
                    row: job.row,
                    key: key.as_ref().map(|key| key.key.clone()),
                    status: RowStatus::Invalid,
                    number: None,
                    error: Some(report::error(&Failure::invalid(i18n::findings(self.lang, findings)))),
                },
                (None, None, Ok(_)) => continue,
            };
            self.counts.add(result.status);
            if self.max_failures.is_some_and(|most| self.counts.failed >= most) && !stop.get() {
                stop.set(true);
                let count = self.counts.failed.to_string();
                let failure =
                    Failure::told(Exit::Partial, "partial", "batch-max-failures", &[("count", &count)]);
                self.stopped.get_or_insert(failure);
            }
            each(result, &self.counts)?;
        }
        drop(answers);
        Ok(())
    }

    /// The result of a row whose key an appeal was filed under already.
    fn known(&self, job: &Job) -> Option<RowResult> {
        let key = job.key.as_ref()?;
        Some(RowResult::known(job.row, key, self.journal.filed(&key.key)?))
    }
}

/// Writes down what came of a row; the failure is one after which nothing more need be sent.
fn settle(
    journal: &mut Journal,
    entry: Entry<'_>,
    sent: Sent,
    now: jiff::Timestamp,
) -> Result<(RowResult, Option<Failure>), Failure> {
    let mut result = RowResult {
        row: entry.row,
        key: Some(entry.key.to_owned()),
        status: RowStatus::Pending,
        number: None,
        error: None,
    };
    let error = match sent {
        Sent::Not => return Ok((result, None)),
        Sent::Answer(Ok(appeal)) => {
            journal.done(entry, &appeal.number, now)?;
            result.status = RowStatus::Filed;
            result.number = Some(appeal.number);
            return Ok((result, None));
        }
        Sent::Answer(Err(error)) => error,
    };
    let unknown = error.is_unreachable();
    let hopeless = unknown || concerns_every_row(&error);
    let failure = Failure::from(error);
    if !unknown {
        result.status = RowStatus::Failed;
    }
    journal.failed(entry, if unknown { "unknown" } else { "failed" }, &failure.message, now)?;
    result.error = Some(report::error(&failure));
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
