//! Idempotency keys are kept for 30 days, those of filings as long as the appeal. One-time codes are deleted once they
//! have expired, and devices that were not used for a long time.

use jiff::{SignedDuration, Timestamp};

use super::due::before;
use crate::app::App;
use crate::fault::Result;
use crate::store::{accounts, idempotency, origins};

const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Deletes expired keys and codes.
pub async fn forget(app: &App, now: Timestamp) -> Result<()> {
    let limit = before(now, KEPT)?;
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                idempotency::forget(tx, limit).await?;
                accounts::forget(tx, now).await?;
                origins::forget_unused(tx, now).await
            })
        })
        .await
}
