//! Deadlines of appeals: one row a step.

use jiff::Timestamp;

use super::appeals::in_list;
use super::db::Tx;
use crate::args;
use crate::domain::deadline::Term;
use crate::domain::*;
use crate::platform::fault::Result;

/// A deadline as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadlineRow {
    pub appeal_id: String,
    pub kind: DeadlineKind,
    pub term: Term,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub met_at: Option<Timestamp>,
    pub paused_at: Option<Timestamp>,
}

impl DeadlineRow {
    /// Where it stands. What was met late stays overdue.
    pub fn state(&self, now: Timestamp) -> DeadlineState {
        match (self.met_at, self.paused_at) {
            (Some(met), _) if met <= self.due_at => DeadlineState::Met,
            (Some(_), _) => DeadlineState::Overdue,
            (None, Some(paused)) if paused <= self.due_at => DeadlineState::Paused,
            (None, _) if now > self.due_at => DeadlineState::Overdue,
            (None, _) => DeadlineState::Pending,
        }
    }
}

/// The deadlines of several appeals, in the order in which they are due.
pub async fn of(tx: &mut Tx, appeals: &[&str]) -> Result<Vec<DeadlineRow>> {
    let (places, args) = in_list(0, appeals.iter().copied());
    let sql = format!(
        "SELECT appeal_id, kind, term, started_at, due_at, met_at, paused_at FROM deadlines \
         WHERE appeal_id IN ({places}) ORDER BY due_at, kind"
    );
    tx.all(&sql, args)
        .await?
        .iter()
        .map(|row| {
            Ok(DeadlineRow {
                appeal_id: row.text("appeal_id")?,
                kind: row.word("kind")?,
                term: row.word("term")?,
                started_at: row.time("started_at")?,
                due_at: row.time("due_at")?,
                met_at: row.time_opt("met_at")?,
                paused_at: row.time_opt("paused_at")?,
            })
        })
        .collect()
}

/// Sets a deadline, in place of one of the same kind.
pub async fn put(tx: &mut Tx, row: &DeadlineRow) -> Result<()> {
    tx.run(
        "INSERT INTO deadlines (appeal_id, kind, term, started_at, due_at, met_at, paused_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (appeal_id, kind) DO UPDATE SET term = excluded.term, started_at = excluded.started_at, \
         due_at = excluded.due_at, met_at = excluded.met_at, paused_at = excluded.paused_at",
        args![
            &row.appeal_id,
            row.kind.as_str(),
            row.term.to_string(),
            row.started_at,
            row.due_at,
            row.met_at,
            row.paused_at,
        ],
    )
    .await?;
    Ok(())
}

/// Marks a step as done, unless it was before.
pub async fn meet(tx: &mut Tx, appeal_id: &str, kind: DeadlineKind, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE deadlines SET met_at = $1, paused_at = NULL WHERE appeal_id = $2 AND kind = $3 AND met_at IS NULL",
        args![now, appeal_id, kind.as_str()],
    )
    .await?;
    Ok(())
}

/// Drops a step that will not come any more.
pub async fn drop_open(tx: &mut Tx, appeal_id: &str, kind: Option<DeadlineKind>) -> Result<()> {
    tx.run(
        "DELETE FROM deadlines WHERE appeal_id = $1 AND met_at IS NULL AND (kind = $2 OR $2 IS NULL)",
        args![appeal_id, kind.map(DeadlineKind::as_str)],
    )
    .await?;
    Ok(())
}
