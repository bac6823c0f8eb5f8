//! Notices that something was committed, by this process or another one: a single follower for all who wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Database, events};
use crate::fault::Result;

/// How soon a commit of another process is noticed.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait after the database failed.
const REST: Duration = Duration::from_secs(1);

/// The newest position, for any number of subscribers. It is looked for only while there are any.
pub struct Feed {
    db: Database,
    stop: CancellationToken,
    newest: watch::Sender<i64>,
    running: Mutex<bool>,
}

impl Feed {
    /// A feed over this database; it ends when `stop` is cancelled.
    pub fn new(db: Database, stop: CancellationToken) -> Feed {
        Feed { db, stop, newest: watch::channel(0).0, running: Mutex::new(false) }
    }

    /// Follows the newest position. What was there before must be asked for once, after this call.
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

    /// Follows until nobody listens any more.
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
