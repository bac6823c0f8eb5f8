//! Deadlines with reminders, and the reminders already sent.

use jiff::Timestamp;

use super::db::Tx;
use super::statuses::{WITH_APPLICANT, WITH_AUTHORITY};
use crate::args;
use crate::fault::Result;
use appeal_domain::DeadlineKind;
use appeal_domain::deadline::Term;

/// Deadlines that apply in the current status of the appeal.
fn live() -> String {
    format!(
        "d.met_at IS NULL AND d.paused_at IS NULL AND (\
         (d.kind IN ('first_status', 'registration', 'decision', 'redirection') AND a.escalated IS NULL \
            AND a.status IN {WITH_AUTHORITY}) \
         OR (d.kind = 'escalation' AND a.escalated IS NOT NULL AND a.status = 'under_review') \
         OR (d.kind = 'clarification' AND a.status = 'clarification_required') \
         OR (d.kind = 'confirmation' AND a.status IN {WITH_APPLICANT}))"
    )
}

const KINDS: &str = "'first_status', 'registration', 'decision', 'redirection', 'escalation', 'clarification', \
                     'confirmation'";
/// Number of deadlines listed at once.
const PAGE: i64 = 200;

/// Position in the order of deadlines: due date and appeal.
pub type Position = (i64, String);

/// A deadline without a reminder.
#[derive(Debug)]
pub struct DueRow {
    pub appeal_id: String,
    pub kind: DeadlineKind,
    pub term: Term,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub department: Option<String>,
}

/// A page of deadlines.
#[derive(Debug)]
pub struct DuePage {
    pub rows: Vec<DueRow>,
    /// Position to continue from; `None` at the end.
    pub next: Option<Position>,
}

/// Returns deadlines without a reminder at this stage; for the stage before the deadline, those due by `horizon`.
pub async fn page(
    tx: &mut Tx,
    stage: &str,
    now: Timestamp,
    horizon: Timestamp,
    after: &Position,
) -> Result<DuePage> {
    // At and after the deadline: those of the applicant end automatically, with a notification of their own.
    let (when, until) = match stage {
        "before" => ("d.due_at > $1", horizon),
        "due" => ("d.kind NOT IN ('clarification', 'confirmation')", now),
        _ => ("d.due_at < $1 AND d.kind NOT IN ('clarification', 'confirmation')", now),
    };
    let live = live();
    let sql = format!(
        "SELECT d.appeal_id, d.kind, d.term, d.started_at, d.due_at, a.department \
         FROM deadlines d JOIN appeals a ON a.id = d.appeal_id \
         WHERE d.kind IN ({KINDS}) AND {live} AND d.due_at <= $2 AND $1 = $1 AND {when} \
         AND (d.due_at, d.appeal_id) > ($3, $4) \
         AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.appeal_id = d.appeal_id AND r.kind = d.kind \
         AND r.due_at = d.due_at AND r.stage = $5) ORDER BY d.due_at, d.appeal_id LIMIT $6"
    );
    let found = tx.all(&sql, args![now, until, after.0, &after.1, stage, PAGE]).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= PAGE;
    let next = match found.last() {
        Some(last) if full => Some((last.int("due_at")?, last.text("appeal_id")?)),
        _ => None,
    };
    let rows = found
        .iter()
        .map(|row| {
            Ok(DueRow {
                appeal_id: row.text("appeal_id")?,
                kind: row.word("kind")?,
                term: row.word("term")?,
                started_at: row.time("started_at")?,
                due_at: row.time("due_at")?,
                department: row.text_opt("department")?,
            })
        })
        .collect::<Result<_>>()?;
    Ok(DuePage { rows, next })
}

/// Records a reminder; returns false if it was recorded before.
pub async fn note(
    tx: &mut Tx,
    appeal_id: &str,
    kind: DeadlineKind,
    due_at: Timestamp,
    stage: &str,
    now: Timestamp,
) -> Result<bool> {
    let noted = tx
        .run(
            "INSERT INTO reminders (appeal_id, kind, due_at, stage, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
            args![appeal_id, kind.as_str(), due_at, stage, now],
        )
        .await?;
    Ok(noted > 0)
}
