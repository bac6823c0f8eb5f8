//! Automatic closing of answered appeals that were not confirmed in time (S6).

use jiff::Timestamp;

use super::due::for_each_due;
use crate::app::App;
use crate::fault::Result;
use crate::service::change::Change;
use crate::store::db::Tx;
use crate::store::{appeals, deadlines};
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::{DeadlineKind, Event};

/// Closes every appeal whose confirmation is overdue.
pub async fn close(app: &App, now: Timestamp) -> Result<()> {
    for_each_due(
        app,
        now,
        |tx, now, limit| Box::pin(deadlines::overdue_confirmations(tx, now, limit)),
        |tx, id, now| Box::pin(close_one(tx, id, now)),
    )
    .await
}

async fn close_one(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    let overdue = deadlines::of(tx, &[id])
        .await?
        .iter()
        .any(|d| d.kind == DeadlineKind::Confirmation && d.met_at.is_none() && d.due_at < now);
    let Some(row) = appeals::by_id(tx, id).await? else { return Ok(()) };
    let mut change = Change::by_platform(row, now);
    if !overdue || change.apply(Who::Platform, Action::AutoClose).is_err() {
        // Changed in the meantime.
        return Ok(());
    }
    deadlines::drop_open(tx, id, Some(DeadlineKind::Confirmation)).await?;
    change.commit(tx, Event::AutoClosed).await?;
    Ok(())
}
