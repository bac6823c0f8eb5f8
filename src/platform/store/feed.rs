//! Detects commits of this process and of others: one follower for all subscribers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Database, events};
use crate::fault::Result;

/// Polling interval for commits of other processes.
const POLL: Duration = Duration::from_millis(100);
/// Pause after an error of the database.
const REST: Duration = Duration::from_secs(1);

/// The newest position, for any number of subscribers. Only polled while there are any.
pub struct Feed {
    db: Database,
    stop: CancellationToken,
    newest: watch::Sender<i64>,
    running: Mutex<bool>,
}

impl Feed {
    /// Creates a feed of this database; it ends when `stop` is cancelled.
    pub fn new(db: Database, stop: CancellationToken) -> Feed {
        Feed { db, stop, newest: watch::channel(0).0, running: Mutex::new(false) }
    }

    /// Subscribes to the newest position. Earlier changes must be requested once after this call.
    pub fn subscribe(self: &Arc<Self>) -> watch::Receiver<i64> {
        let receiver = self.newest.subscribe();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !*running && !self.stop.is_cancelled() {
            *running = true;
            let feed = Arc::clone(self);
            tokio::spawn(async move { feed.run().await });
        }
        receiver
    }

    async fn run(&self) {
        loop {
            if let Err(fault) = self.follow().await {
                tracing::error!(error = %fault, "following changes failed");
                tokio::time::sleep(REST).await;
            }
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if self.newest.receiver_count() == 0 || self.stop.is_cancelled() {
                *running = false;
                return;
            }
        }
    }

    /// Follows until there are no subscribers.
    async fn follow(&self) -> Result<()> {
        let mut own = self.db.commits();
        let mut connection = self.db.connection().await?;
        let mut version = None;
        while self.newest.receiver_count() > 0 {
            let now = Database::foreign_commits(&mut connection).await?;
            if version != Some(now) {
                version = Some(now);
                let newest = events::newest(&mut connection).await?;
                self.newest.send_if_modified(|known| {
                    let grown = *known != newest;
                    *known = newest;
                    grown
                });
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(POLL) => {}
                Ok(()) = own.changed() => {}
            }
        }
        Ok(())
    }
}
