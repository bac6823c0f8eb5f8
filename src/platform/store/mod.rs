//! The SQL of the platform: plain functions on [`db::Tx`], one file for one or two tables.

pub mod accounts;
pub mod admin_catalogue;
pub mod admin_log;
pub mod admin_people;
pub mod appeals;
pub mod attachments;
pub mod backups;
pub mod blobs;
pub mod cards;
pub mod catalogue;
pub mod co_executors;
pub mod copy;
pub mod db;
pub mod deadlines;
pub mod events;
pub mod feed;
pub mod idempotency;
pub mod import;
pub mod journal;
pub mod lists;
pub mod merging;
pub mod meta;
pub mod notices;
pub mod origins;
pub mod outbox;
pub mod participants;
pub mod people;
pub mod readiness;
pub mod region_codes;
pub mod reminders;
pub mod reports;
pub mod reviews;
pub mod search;
pub mod similar;
pub mod sqlite;
pub mod status;
mod statuses;
pub mod talk;
pub mod tally;
pub mod uploads;
pub mod visibility;
pub mod writer;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::fault::Result;
use crate::metrics::Metrics;
use db::{Load, Tx, UseCase};
pub use writer::Keep;

/// An open database of a platform.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    /// Incremented with every commit.
    committed: watch::Sender<u64>,
}

#[derive(Clone)]
enum Engine {
    Sqlite { readers: sqlx::SqlitePool, writer: writer::Writer },
}

impl Database {
    /// Opens a database; creates it unless it must exist, migrates and fills it if necessary.
    ///
    /// # Errors
    /// The URL is invalid, the file cannot be used, or its schema is newer than this program.
    pub async fn open(
        url: &str,
        existing: bool,
        load: Load,
        metrics: Option<Metrics>,
    ) -> Result<Database, sqlite::OpenError> {
        let pools = sqlite::open(url, existing, load).await?;
        let (committed, _) = watch::channel(0);
        let writer = writer::Writer::start(pools.writer, committed.clone(), metrics);
        Ok(Database { engine: Engine::Sqlite { readers: pools.readers, writer }, committed })
    }

    /// Runs a use case that changes something, and returns after its commit is on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        use_case: impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Result<T> {
        self.run(Keep::Everything, use_case).await
    }

    /// Runs a use case that changes something, and keeps its changes or, in a dry run, discards them.
    pub async fn run<T: Send + 'static>(
        &self,
        keep: Keep,
        use_case: impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Result<T> {
        let use_case: UseCase<T> = Box::new(use_case);
        match &self.engine {
            Engine::Sqlite { writer, .. } => writer.submit(use_case, keep).await,
        }
    }

    /// Runs a use case that only reads, on one snapshot.
    pub async fn read<T: Send>(
        &self,
        use_case: impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync,
    ) -> Result<T> {
        let mut snapshot = self.snapshot().await?;
        let result = use_case(&mut snapshot).await;
        snapshot.end().await?;
        result
    }

    /// Returns a snapshot for reading, for a caller whose arguments are borrowed. It ends with [`Snapshot::end`], or
    /// when it is dropped.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let tx = match &self.engine {
            Engine::Sqlite { readers, .. } => Tx::Sqlite(readers.acquire().await?),
        };
        // Wrapped first, because the caller may be cancelled while the transaction begins.
        let mut snapshot = Snapshot(Some(tx));
        snapshot.raw("BEGIN").await?;
        Ok(snapshot)
    }

    /// Returns a counter of the commits of this process.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    /// Returns a number that changes when another process commits to the same database.
    pub async fn foreign_commits(tx: &mut Tx) -> Result<i64> {
        Ok(tx.one("SELECT data_version AS v FROM pragma_data_version", Vec::new()).await?.int("v")?)
    }

    /// Returns a separate connection outside any transaction, for use with [`Database::foreign_commits`].
    pub async fn connection(&self) -> Result<Tx> {
        match &self.engine {
            Engine::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.acquire().await?)),
        }
    }

    /// Waits for submitted use cases and closes the files. The last process to do so leaves one file behind, without a
    /// log. Afterwards nothing can be read or written.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { readers, writer } => {
                writer.close().await;
                // A reader that does not end must not hold up the process.
                let _ = tokio::time::timeout(writer::CLOSING, readers.close()).await;
            }
        }
    }
}

/// A transaction for reading. Holds its connection until it ends.
pub struct Snapshot(
    /// `None` after the end.
    Option<Tx>,
);

impl Snapshot {
    /// Ends the transaction and returns the connection.
    pub async fn end(mut self) -> Result<()> {
        if let Some(tx) = &mut self.0 {
            tx.raw("ROLLBACK").await?;
        }
        if let Some(Tx::Sqlite(mut connection)) = self.0.take() {
            // On drop, the connection would be returned by a separate task, and the next reader, often faster than that
            // task, would open another one.
            connection.return_to_pool().await;
        }
        Ok(())
    }
}

impl std::ops::Deref for Snapshot {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        self.0.as_ref().unwrap_or_else(|| unreachable!("only `end` takes it, and that consumes the snapshot"))
    }
}

impl std::ops::DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut Tx {
        self.0.as_mut().unwrap_or_else(|| unreachable!("only `end` takes it, and that consumes the snapshot"))
    }
}

impl Drop for Snapshot {
    /// The caller was cancelled, or a statement failed. The connection must not return to the pool with an open
    /// transaction, which would prevent the write-ahead log from being checkpointed.
    fn drop(&mut self) {
        if let Some(Tx::Sqlite(connection)) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}

/// Generates an id: UUIDv7, so that ids sort by time.
pub fn fresh_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;
    use crate::args;

    /// Callers may be cancelled at any moment; no connection may be returned with an open transaction.
    #[tokio::test]
    async fn readers_that_disconnect_leave_no_transaction_behind() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("appeal.db").display());
        let db = Database::open(&url, false, Box::new(|_| Box::pin(std::future::ready(Ok(())))), None)
            .await
            .unwrap();
        for polls in (1..40).cycle().take(400) {
            let mut left = polls;
            let read =
                db.read(|tx| Box::pin(async move { Ok(tx.one("SELECT 1 AS v", args![]).await?.int("v")?) }));
            let mut read = std::pin::pin!(read);
            let value = std::future::poll_fn(|cx| {
                left -= 1;
                match read.as_mut().poll(cx) {
                    Poll::Pending if left == 0 => Poll::Ready(None),
                    other => other.map(Some),
                }
            })
            .await;
            if let Some(value) = value {
                assert_eq!(value.unwrap(), 1);
            }
        }
        db.close().await;
    }
}
