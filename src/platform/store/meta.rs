//! Facts about the database itself, by name.

use super::db::Tx;
use crate::args;
use crate::fault::Result;

/// When the stock data was loaded; absent until it is.
pub const SEEDED: &str = "seeded";
/// A random word that cursors carry. A restored database gets another, so that old cursors are recognised.
pub const EPOCH: &str = "epoch";
/// When the jobs ran last, in microseconds.
pub const JOBS_RAN: &str = "jobs_ran";

/// The value of a fact.
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
