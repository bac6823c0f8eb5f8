//! Named facts about the database itself.

use super::db::Tx;
use crate::args;
use crate::fault::Result;

/// When the initial data was loaded; absent before.
pub const SEEDED: &str = "seeded";
/// A random word in all cursors. A restored database gets a new one, so that old cursors are recognised.
pub const EPOCH: &str = "epoch";
/// When the jobs last ran, in microseconds.
pub const JOBS_RAN: &str = "jobs_ran";

/// Returns the value of a fact.
pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let row = tx.first("SELECT value FROM meta WHERE name = $1", args![name]).await?;
    Ok(row.map(|r| r.text("value")).transpose()?)
}

/// Sets a fact.
pub async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    tx.run(
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        args![name, value],
    )
    .await?;
    Ok(())
}
