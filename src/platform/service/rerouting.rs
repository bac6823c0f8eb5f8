//! Another category (F11): another department and operator, and the dates of the new category's policy.

use jiff::Timestamp;

use super::change::Change;
use super::filing;
use super::timing::Timing;
use crate::domain::*;
use crate::platform::fault::Result;
use crate::platform::store::co_executors::{self, Kind};
use crate::platform::store::db::Tx;
use crate::platform::store::deadlines::{self, DeadlineRow};
use crate::platform::store::talk;

/// Routes an undecided appeal whose category has just changed. Its clocks go on as if it had had that category from
/// the start: counted from when they were started, without the time that waited for the applicant (N2), and never
/// earlier than a date that was given by an extension. Where the department stays, so does who is responsible.
pub async fn reroute(tx: &mut Tx, change: &mut Change) -> Result<()> {
    let before = (change.row.department.clone(), change.row.responsible_id.clone());
    filing::route(tx, &mut change.row).await?;
    if change.row.department == before.0 && before.1.is_some() {
        change.row.responsible_id = before.1;
    }
    if let Some(department) = &change.row.department {
        co_executors::remove(tx, &change.row.id, Kind::Department, department).await?;
    }
    let timing = Timing::of(tx, &change.row, change.now).await?;
    let waited = talk::waits(tx, &change.row.id).await?;
    for clock in deadlines::of(tx, &[&change.row.id]).await? {
        if clock.met_at.is_some() {
            continue;
        }
        match clock.kind {
            DeadlineKind::FirstStatus => {
                if let Some((term, due_at)) = timing.due(clock.kind, clock.started_at)? {
                    deadlines::put(tx, &DeadlineRow { term, due_at, ..clock }).await?;
                }
            }
            DeadlineKind::Decision => {
                let due_at = decision(tx, &timing, clock, &waited).await?;
                if change.row.escalated.is_none() {
                    change.row.due_at = Some(due_at);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn decision(
    tx: &mut Tx,
    timing: &Timing,
    clock: DeadlineRow,
    waited: &[(Timestamp, Timestamp)],
) -> Result<Timestamp> {
    let pauses: Vec<_> = waited.iter().copied().filter(|(from, _)| *from >= clock.started_at).collect();
    let Some((term, due)) = timing.due_without(clock.kind, clock.started_at, &pauses)? else {
        return Ok(clock.due_at);
    };
    let given = talk::extended_to(tx, &clock.appeal_id, clock.started_at).await?;
    let due_at = given.map_or(due, |given| given.max(due));
    deadlines::put(tx, &DeadlineRow { term, due_at, ..clock }).await?;
    Ok(due_at)
}
