//! The journal of administration: who changed what of the platform's own data, and when.

use serde_json::Value;

use crate::args;
use crate::fault::Result;
use crate::service::context::Ctx;
use crate::store::db::Tx;
use crate::store::fresh_id;
use appeal_api::AdminEntry;

/// Notes what this administrator did.
pub async fn note(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &str,
    kind: &str,
    subject: &str,
    changes: Value,
) -> Result<()> {
    tx.run(
        "INSERT INTO admin_log (id, at, actor, action, kind, subject, changes) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![fresh_id(), ctx.now, &ctx.caller.login, action, kind, subject, changes.to_string()],
    )
    .await?;
    Ok(())
}

/// Entries, the newest first, and the id to go on from.
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
