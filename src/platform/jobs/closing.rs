//! Answered appeals that nobody confirmed in time close by themselves (S6).

use jiff::Timestamp;

use super::{AT_ONCE, due};
use crate::app::App;
use crate::fault::Result;
use crate::service::change::Change;
use crate::store::db::Tx;
use crate::store::{appeals, deadlines};
use appeal_domain::DeadlineKind;
use appeal_domain::lifecycle::{Action, Who};

const DUE: &str = "SELECT d.appeal_id FROM deadlines d JOIN appeals a ON a.id = d.appeal_id \
                   WHERE d.kind = 'confirmation' AND d.met_at IS NULL AND d.due_at < $1 \
                   AND a.status IN ('answered', 'awaiting_confirmation') ORDER BY d.due_at LIMIT $2";

/// Closes every appeal whose confirmation is overdue.
pub async fn close(app: &App, now: Timestamp) -> Result<()> {
    loop {
        let found = due(app, DUE, now).await?;
        for id in &found {
            let id = id.clone();
            app.db()
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { close_one(tx, &id, now).await })
                })
                .await?;
        }
        if (found.len() as i64) < AT_ONCE {
            return Ok(());
        }
    }
}

async fn close_one(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    let overdue = deadlines::of(tx, &[id])
        .await?
        .iter()
        .any(|d| d.kind == DeadlineKind::Confirmation && d.met_at.is_none() && d.due_at < now);
    let Some(row) = appeals::by_id(tx, id).await? else { return Ok(()) };
    let mut change = Change::by_platform(row, now);
    if !overdue || change.apply(Who::Platform, Action::AutoClose).is_err() {
        // Somebody was faster.
        return Ok(());
    }
    deadlines::drop_open(tx, id, Some(DeadlineKind::Confirmation)).await?;
    change.commit(tx, "auto_close", "auto_closed").await?;
    Ok(())
}
