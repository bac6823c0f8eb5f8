//! Idempotency keys are kept 30 days; those of filings as long as the appeal. One-time codes are forgotten once they are
//! over.

use jiff::{SignedDuration, Timestamp};

use super::before;
use crate::app::App;
use crate::args;
use crate::fault::Result;
use crate::store::accounts;

const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Forgets old keys and codes.
pub async fn forget(app: &App, now: Timestamp) -> Result<()> {
    let limit = before(now, KEPT)?;
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                tx.run("DELETE FROM idempotency WHERE filing = 0 AND created_at < $1", args![limit]).await?;
                accounts::forget(tx, now).await
            })
        })
        .await
}
