//! Clarification requests that were not answered in time (C2): the appeal returns to its previous status.

use jiff::Timestamp;

use super::due::for_each_due;
use crate::app::App;
use crate::fault::Result;
use crate::service::change::Change;
use crate::service::steps::end_clarification;
use crate::store::db::Tx;
use crate::store::{appeals, talk};
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::{Event, Status};

/// Ends every expired request.
pub async fn expire(app: &App, now: Timestamp) -> Result<()> {
    for_each_due(
        app,
        now,
        |tx, now, limit| Box::pin(talk::overdue_replies(tx, now, limit)),
        |tx, id, now| Box::pin(expire_one(tx, id, now)),
    )
    .await
}

async fn expire_one(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    let overdue = talk::is_reply_overdue(tx, id, now).await?;
    let Some(row) = appeals::by_id(tx, id).await?.filter(|_| overdue) else { return Ok(()) };
    let mut change = Change::by_platform(row, now);
    if change.row.status == Status::ClarificationRequired {
        change.apply(Who::Platform, Action::ReplyExpired)?;
    }
    end_clarification(tx, &mut change, "expired").await?;
    change.commit(tx, Event::ReplyExpired).await?;
    Ok(())
}
