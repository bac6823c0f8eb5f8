//! The levels of review that an appeal may be escalated to now.

use jiff::Timestamp;

use super::timing;
use crate::fault::Result;
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use crate::store::talk::{self, EscalationRow};
use appeal_domain::escalation::{self, Facts};
use appeal_domain::*;

/// Returns the facts that the rules of escalation depend on; `past` are all escalations of the appeal.
pub async fn facts(tx: &mut Tx, row: &AppealRow, past: &[EscalationRow], now: Timestamp) -> Result<Facts> {
    let waits = row.status == Status::ClarificationRequired;
    let answered = row.status.is_in(Status::WITH_APPLICANT);
    // A due date that was met, or that is suspended while the authority waits for the applicant, never passes.
    let kept = (answered || waits) && !timing::missed(tx, row, now).await?;
    Ok(Facts {
        kind: row.kind,
        status: row.status,
        due_at: row.due_at.filter(|_| !kept),
        now,
        past: past.iter().map(|e| (e.level, e.state)).collect(),
        quality_last: past.iter().any(|e| e.quality_last),
        pending_due: past
            .iter()
            .find(|e| e.state == EscalationState::Pending)
            .and_then(|e| e.due_at)
            .filter(|_| !kept),
    })
}

/// Returns the lowest level to which an overdue appeal may be escalated.
pub async fn next(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<Option<Level>> {
    let past = talk::escalations(tx, &row.id).await?;
    let facts = facts(tx, row, &past, now).await?;
    let open = |level: &Level| escalation::check(*level, EscalationGrounds::Overdue, &facts).is_ok();
    Ok(Level::ALL.iter().copied().find(open))
}
