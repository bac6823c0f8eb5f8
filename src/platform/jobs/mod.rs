//! Time-driven work. Every job looks for due work without a lock and does each piece in a use case that checks again,
//! so any number of processes may run the jobs at once.

mod closing;
pub mod delivery;
mod due;
mod keys;
mod reminders;
mod replies;

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::fault::Result;
use crate::store::meta;

/// Minimum interval between runs, across all processes.
const EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Runs the jobs unless they ran less than a minute ago; returns whether they ran.
pub async fn run_due(app: &App) -> Result<bool> {
    let now = app.now();
    if ran_lately(app.read(async |tx| meta::get(tx, meta::JOBS_RAN).await).await?, now) {
        return Ok(false);
    }
    app.db()
        .write(move |tx| {
            Box::pin(async move { meta::set(tx, meta::JOBS_RAN, &now.as_microsecond().to_string()).await })
        })
        .await?;
    replies::expire(app, now).await?;
    closing::close(app, now).await?;
    reminders::remind(app, now).await?;
    delivery::give_up(app, now).await?;
    keys::forget(app, now).await?;
    // Completes a recalculation that was interrupted or not started after a calendar was loaded.
    crate::service::deadlines::recompute_all(app).await?;
    Ok(true)
}

fn ran_lately(ran: Option<String>, now: Timestamp) -> bool {
    let Some(ran) = ran.and_then(|r| r.parse().ok()).and_then(|r| Timestamp::from_microsecond(r).ok()) else {
        return false;
    };
    // A time in the future was written by a process with a wrong clock.
    ran <= now && now.duration_since(ran) < EVERY
}
