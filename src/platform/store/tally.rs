//! Numbers for the metrics.

use super::db::Tx;
use super::events;
use crate::args;
use crate::fault::Result;
use appeal_domain::Status;

/// The counted numbers.
pub struct Tally {
    /// Appeals of every status, including drafts.
    pub appeals: Vec<(Status, i64)>,
    /// Messages waiting for delivery.
    pub messages: i64,
    /// Changes so far.
    pub changes: i64,
}

/// Counts.
pub async fn take(tx: &mut Tx) -> Result<Tally> {
    let mut appeals: Vec<(Status, i64)> = Status::ALL.iter().map(|s| (*s, 0)).collect();
    for row in tx.all("SELECT status, count(*) AS n FROM appeals GROUP BY status", args![]).await? {
        let status: Status = row.word("status")?;
        if let Some(entry) = appeals.iter_mut().find(|(s, _)| *s == status) {
            entry.1 = row.int("n")?;
        }
    }
    let waiting = "SELECT count(*) AS n FROM messages WHERE state IN ('pending', 'sending')";
    let messages = tx.one(waiting, args![]).await?.int("n")?;
    Ok(Tally { appeals, messages, changes: events::newest(tx).await? })
}
