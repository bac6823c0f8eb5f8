//! What the jobs that look for due work share.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;

/// Appeals looked for at once.
const AT_ONCE: i64 = 100;

/// Gives ids of appeals that are due at a time, so many at most.
pub type Find = for<'t> fn(&'t mut Tx, Timestamp, i64) -> BoxFuture<'t, Result<Vec<String>>>;
/// Does what is due for one appeal, if it still is.
pub type Work = for<'t> fn(&'t mut Tx, &'t str, Timestamp) -> BoxFuture<'t, Result<()>>;

/// Does the work for every appeal that is due, each in a transaction of its own.
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

/// So long before now.
pub fn before(now: Timestamp, ago: SignedDuration) -> Result<Timestamp> {
    now.checked_sub(ago).map_err(|e| Fault::Internal(e.to_string()))
}
