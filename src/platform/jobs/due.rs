//! Common code of jobs that look for due work.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;

/// Number of appeals looked up at once.
const AT_ONCE: i64 = 100;

/// Returns ids of appeals that are due at a time, up to a number.
pub type Find = for<'t> fn(&'t mut Tx, Timestamp, i64) -> BoxFuture<'t, Result<Vec<String>>>;
/// Does what is due for one appeal, if it is still due.
pub type Work = for<'t> fn(&'t mut Tx, &'t str, Timestamp) -> BoxFuture<'t, Result<()>>;

/// Does the work for every due appeal, each in its own transaction.
pub async fn for_each_due(app: &App, now: Timestamp, find: Find, work: Work) -> Result<()> {
    loop {
        let found = app.db().read(move |tx| find(tx, now, AT_ONCE)).await?;
        for id in &found {
            let id = id.clone();
            app.db()
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { work(tx, &id, now).await })
                })
                .await?;
        }
        if (found.len() as i64) < AT_ONCE {
            return Ok(());
        }
    }
}

/// Returns the time the given duration before now.
pub fn before(now: Timestamp, ago: SignedDuration) -> Result<Timestamp> {
    now.checked_sub(ago).map_err(|e| Fault::Internal(e.to_string()))
}
