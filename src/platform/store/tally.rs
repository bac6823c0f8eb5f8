//! Numbers for the metrics.

use super::db::Tx;
use super::events;
use crate::args;
use crate::fault::Result;
use crate::metrics::Tally;
use appeal_domain::Status;

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
    let changes = u64::try_from(events::newest(tx).await?).unwrap_or(0);
    Ok(Tally { appeals, messages, changes })
}
