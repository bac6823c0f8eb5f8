//! Rerouting after a change of category (F11): department, operator, and the deadlines of the new category's policy.

use super::change::Change;
use super::filing;
use super::timing::Timing;
use crate::fault::Result;
use crate::store::co_executors::{self, Kind};
use crate::store::db::Tx;

/// Routes an undecided appeal whose category has just changed. Its deadlines are recalculated as if it had had the
/// category from the start, without the time spent waiting for the applicant, and are never earlier than a date set by
/// an extension. If the department stays the same, so does the responsible operator.
pub async fn reroute(tx: &mut Tx, change: &mut Change) -> Result<()> {
    let before = (change.row.department.clone(), change.row.responsible_id.clone());
    filing::route(tx, &mut change.row).await?;
    if change.row.department == before.0 && before.1.is_some() {
        change.row.responsible_id = before.1;
    }
    if let Some(department) = &change.row.department {
        co_executors::remove(tx, &change.row.id, Kind::Department, department).await?;
    }
    let timing = Timing::of(tx, &change.row).await?;
    timing.refile(tx, &mut change.row).await
}
