//! The single writer of a process on SQLite: collects waiting use cases, runs each in a savepoint of one `BEGIN
//! IMMEDIATE` transaction, and answers all of them after the COMMIT. Many use cases share one flush to disk, and none
//! can fail to upgrade a read lock, as a deferred transaction can.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot, watch};

use super::db::{Tx, UseCase};
use crate::fault::{Fault, Result};
use crate::metrics::Metrics;
use appeal_api::code;

/// Maximum number of use cases per commit; more would only delay the first response.
const BATCH: usize = 128;

/// How long closing waits for running work.
pub const CLOSING: Duration = Duration::from_secs(5);

type Erased = Box<dyn Any + Send>;

/// What to keep of a use case that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Everything,
    /// Nothing, for a dry run.
    Nothing,
}

/// What the task is asked to do.
enum Order {
    Run(Job),
    /// Close the file after the work before.
    Close,
}

struct Job {
    run: UseCase<Erased>,
    keep: Keep,
    answer: oneshot::Sender<Result<Erased>>,
}

/// A handle to the writer task.
#[derive(Clone)]
pub struct Writer {
    orders: mpsc::Sender<Order>,
    closed: watch::Receiver<bool>,
}

impl Writer {
    /// Starts the task. It ends when it is closed, or the last handle is dropped.
    pub fn start(pool: SqlitePool, committed: watch::Sender<u64>, metrics: Option<Metrics>) -> Writer {
        let (orders, queue) = mpsc::channel(1024);
        let (done, closed) = watch::channel(false);
        tokio::spawn(async move {
            work(pool, queue, committed, metrics).await;
            done.send_replace(true);
        });
        Writer { orders, closed }
    }

    /// Queues a use case and waits for its commit.
    pub async fn submit<T: Send + 'static>(&self, use_case: UseCase<T>, keep: Keep) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let use_case = std::sync::Arc::new(use_case);
        let run: UseCase<Erased> = Box::new(move |tx| {
            let use_case = use_case.clone();
            let run: BoxFuture<'_, Result<Erased>> =
                Box::pin(async move { use_case(tx).await.map(|v| Box::new(v) as Erased) });
            run
        });
        self.orders
            .send(Order::Run(Job { run, keep, answer }))
            .await
            .map_err(|_| Fault::Internal("the writer has ended".to_owned()))?;
        let erased =
            answered.await.map_err(|_| Fault::Internal("the writer gave no answer".to_owned()))??;
        erased
            .downcast::<T>()
            .map(|v| *v)
            .map_err(|_| Fault::Internal("the writer mixed up answers".to_owned()))
    }

    /// Waits until the task has written everything queued and closed the file.
    pub async fn close(&self) {
        let mut closed = self.closed.clone();
        let ended = async {
            // Without a receiver, the task has ended already.
            let _ = self.orders.send(Order::Close).await;
            let _ = closed.wait_for(|closed| *closed).await;
        };
        let _ = tokio::time::timeout(CLOSING, ended).await;
    }
}

async fn work(
    pool: SqlitePool,
    mut queue: mpsc::Receiver<Order>,
    committed: watch::Sender<u64>,
    metrics: Option<Metrics>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut open = true;
    while open && queue.recv_many(&mut batch, BATCH).await > 0 {
        let mut jobs = Vec::with_capacity(batch.len());
        for order in batch.drain(..) {
            match order {
                Order::Run(job) => jobs.push(job),
                Order::Close => open = false,
            }
        }
        if jobs.is_empty() {
            continue;
        }
        let mut answers = Vec::with_capacity(jobs.len());
        let started = Instant::now();
        match commit(&pool, &jobs, &mut answers).await {
            Ok(changed) => {
                if let Some(metrics) = &metrics {
                    metrics.committed(jobs.len(), started.elapsed());
                }
                if changed {
                    committed.send_modify(|n| *n += 1);
                }
                for (job, answer) in jobs.into_iter().zip(answers) {
                    // The caller may have been cancelled; the effect remains.
                    let _ = job.answer.send(answer);
                }
            }
            Err(error) => {
                let (text, full) = (error.to_string(), error.is_storage_full());
                let mut first = Some(error);
                for job in jobs {
                    let fault = first.take().unwrap_or_else(|| match full {
                        true => Fault::refuse(507, code::STORAGE_FULL).into(),
                        false => Fault::Internal(text.clone()),
                    });
                    let _ = job.answer.send(Err(fault));
                }
            }
        }
    }
    pool.close().await;
}

async fn commit(pool: &SqlitePool, jobs: &[Job], answers: &mut Vec<Result<Erased>>) -> Result<bool> {
    let mut tx = Tx::Sqlite(pool.acquire().await?);
    tx.raw("BEGIN IMMEDIATE").await?;
    let result = run_all(&mut tx, jobs, answers).await;
    match result {
        Ok(changed) => {
            if let Err(error) = tx.raw("COMMIT").await {
                undo(tx).await;
                return Err(error.into());
            }
            Ok(changed)
        }
        Err(error) => {
            undo(tx).await;
            Err(error)
        }
    }
}

/// Rolls back. If that fails, because a full disk already caused a rollback or the connection is broken, the connection
/// is not reused, because its transaction may still be open.
async fn undo(mut tx: Tx) {
    if tx.raw("ROLLBACK").await.is_err() {
        let Tx::Sqlite(connection) = &mut tx;
        connection.close_on_drop();
    }
}

async fn run_all(tx: &mut Tx, jobs: &[Job], answers: &mut Vec<Result<Erased>>) -> Result<bool> {
    let mut changed = false;
    for job in jobs {
        tx.raw("SAVEPOINT use_case").await?;
        // A use case that panics fails on its own; the writer and the others continue.
        let result = AssertUnwindSafe((job.run)(tx))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(Fault::Internal("a use case panicked".to_owned())));
        if result.is_ok() && job.keep == Keep::Everything {
            changed = true;
        } else {
            tx.raw("ROLLBACK TO use_case").await?;
        }
        tx.raw("RELEASE use_case").await?;
        answers.push(result);
    }
    Ok(changed)
}
