//! Another category (F11): another department and operator, and the dates of the new category's policy.

use super::change::Change;
use super::filing;
use super::timing::Timing;
use crate::fault::Result;
use crate::store::co_executors::{self, Kind};
use crate::store::db::Tx;

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
    let timing = Timing::of(tx, &change.row).await?;
    timing.refile(tx, &mut change.row).await
}
