//! Archives of this platform: started, sent and verified.

use jiff::{SignedDuration, Timestamp};

use super::db::Tx;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::BackupRef;

/// A backup not completed within this time is considered failed, and uploads are cleaned up again.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);
/// Returns whether any process is creating an archive.
pub async fn is_under_way(tx: &mut Tx, now: jiff::Timestamp) -> Result<bool> {
    let since = now.checked_sub(LONGEST).map_err(|e| Fault::Internal(e.to_string()))?;
    let row = tx
        .first("SELECT 1 AS n FROM backups WHERE state = 'started' AND at > $1 LIMIT 1", args![since])
        .await?;
    Ok(row.is_some())
}

/// Records that an archive is being created.
pub async fn begin(tx: &mut Tx, id: &str, actor: &str, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO backups (id, at, actor, state) VALUES ($1, $2, $3, 'started')";
    tx.run(sql, args![id, now, actor]).await?;
    Ok(())
}

/// Deletes the record of an archive.
pub async fn forget(tx: &mut Tx, id: &str) -> Result<()> {
    tx.run("DELETE FROM backups WHERE id = $1", args![id]).await?;
    Ok(())
}

/// Deletes records of archives that were being created when a copy of the database was made.
pub async fn forget_begun(tx: &mut Tx) -> Result<()> {
    tx.run("DELETE FROM backups WHERE state = 'started'", Vec::new()).await?;
    Ok(())
}

/// Records that an archive was sent completely, with the number of files and bytes.
pub async fn sent(tx: &mut Tx, id: &str, files: u64, bytes: u64) -> Result<()> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let sql = "UPDATE backups SET state = 'sent', files = $2, bytes = $3 WHERE id = $1";
    tx.run(sql, args![id, number(files), number(bytes)]).await?;
    Ok(())
}

/// Records that the recipient verified it; returns false if it was never sent.
pub async fn verified(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE backups SET state = 'verified', verified_at = $2 WHERE id = $1 AND state <> 'started'";
    Ok(tx.run(sql, args![id, now]).await? > 0)
}

/// Returns the newest one that was sent.
pub async fn newest(tx: &mut Tx) -> Result<Option<BackupRef>> {
    let sql =
        "SELECT id, at, bytes, verified_at FROM backups WHERE state <> 'started' ORDER BY at DESC LIMIT 1";
    let Some(row) = tx.first(sql, Vec::new()).await? else { return Ok(None) };
    Ok(Some(BackupRef {
        id: row.text("id")?,
        at: row.time("at")?,
        bytes: u64::try_from(row.int_opt("bytes")?.unwrap_or(0)).unwrap_or(0),
        verified_at: row.time_opt("verified_at")?,
    }))
}
