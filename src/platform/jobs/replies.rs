//! Clarification requests that nobody answered in time: the appeal goes back to where it was asked (C2).

use jiff::Timestamp;

use super::{AT_ONCE, due};
use crate::app::App;
use crate::fault::Result;
use crate::service::change::Change;
use crate::service::steps::end_clarification;
use crate::store::appeals;
use crate::store::db::Tx;
use appeal_domain::Status;
use appeal_domain::lifecycle::{Action, Who};

const DUE: &str = "SELECT appeal_id FROM clarifications WHERE ended IS NULL AND due_at < $1 \
                   ORDER BY due_at LIMIT $2";

/// Ends every request whose time is over.
pub async fn expire(app: &App, now: Timestamp) -> Result<()> {
    loop {
        let found = due(app, DUE, now).await?;
        for id in &found {
            let id = id.clone();
            app.db()
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { expire_one(tx, &id, now).await })
                })
                .await?;
        }
        if (found.len() as i64) < AT_ONCE {
            return Ok(());
        }
    }
}

async fn expire_one(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    let still = tx
        .first(
            "SELECT 1 AS n FROM clarifications WHERE appeal_id = $1 AND ended IS NULL AND due_at < $2",
            crate::args![id, now],
        )
        .await?;
    let (Some(_), Some(row)) = (still, appeals::by_id(tx, id).await?) else { return Ok(()) };
    let mut change = Change::by_platform(row, now);
    if change.row.status == Status::ClarificationRequired {
        change.apply(Who::Platform, Action::ReplyExpired)?;
    }
    end_clarification(tx, &mut change, "expired").await?;
    change.commit(tx, "reply_expired", "reply_expired").await?;
    Ok(())
}
