//! Entries of the administration journal.

use serde_json::Value;

use crate::fault::Result;
use crate::service::context::Ctx;
use crate::store::admin_log::{self, NewEntry};
use crate::store::db::Tx;

/// Records an action of this administrator.
pub async fn note(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &str,
    kind: &str,
    subject: &str,
    changes: Value,
) -> Result<()> {
    let entry = NewEntry { at: ctx.now, actor: &ctx.caller.login, action, kind, subject, changes };
    admin_log::append(tx, entry).await
}
