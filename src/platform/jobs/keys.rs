//! Idempotency keys are kept 30 days; those of filings as long as the appeal.

use jiff::{SignedDuration, Timestamp};

use super::before;
use crate::args;
use crate::platform::fault::Result;
use crate::platform::http::state::App;

const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Forgets old keys.
pub async fn forget(app: &App, now: Timestamp) -> Result<()> {
    let limit = before(now, KEPT)?;
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                tx.run("DELETE FROM idempotency WHERE filing = 0 AND created_at < $1", args![limit]).await?;
                Ok(())
            })
        })
        .await
}
