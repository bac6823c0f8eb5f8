//! The administration journal: who changed the platform's own data, and when.

use jiff::Timestamp;
use serde_json::Value;

use super::db::Tx;
use super::fresh_id;
use crate::args;
use crate::fault::Result;
use appeal_api::AdminEntry;

/// An entry to add.
#[derive(Debug)]
pub struct NewEntry<'a> {
    pub at: Timestamp,
    /// Login of the actor.
    pub actor: &'a str,
    pub action: &'a str,
    /// The kind and key of the changed record.
    pub kind: &'a str,
    pub subject: &'a str,
    pub changes: Value,
}

/// Adds an entry.
pub async fn append(tx: &mut Tx, entry: NewEntry<'_>) -> Result<()> {
    let NewEntry { at, actor, action, kind, subject, changes } = entry;
    tx.run(
        "INSERT INTO admin_log (id, at, actor, action, kind, subject, changes) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![fresh_id(), at, actor, action, kind, subject, changes.to_string()],
    )
    .await?;
    Ok(())
}

/// Returns entries, newest first, and the id to continue from.
pub async fn page(
    tx: &mut Tx,
    before: Option<&str>,
    limit: u32,
) -> Result<(Vec<AdminEntry>, Option<String>)> {
    let rows = tx
        .all(
            "SELECT id, at, actor, action, kind, subject, changes FROM admin_log \
             WHERE id < $1 ORDER BY id DESC LIMIT $2",
            args![before.unwrap_or("~"), i64::from(limit) + 1],
        )
        .await?;
    let more = rows.len() > limit as usize;
    let mut last = None;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows.iter().take(limit as usize) {
        last = Some(row.text("id")?);
        entries.push(AdminEntry {
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            kind: row.text("kind")?,
            subject: row.text("subject")?,
            changes: row.json("changes")?,
        });
    }
    Ok((entries, last.filter(|_| more)))
}
