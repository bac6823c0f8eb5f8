//! Idempotency keys: a request that is repeated under the same key has no second effect.

use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use crate::store::idempotency::{self, KeyRef, Stored};
use appeal_api::code;

/// Returns the response to an earlier request with this key. `digest` is that of the body.
///
/// # Errors
/// 422: the earlier request had another body.
pub async fn earlier(tx: &mut Tx, key: KeyRef<'_>, digest: &str) -> Result<Option<Stored>> {
    let stored = idempotency::find(tx, key).await?;
    if stored.as_ref().is_some_and(|stored| stored.digest != digest) {
        return Err(Fault::refuse(422, code::IDEMPOTENCY_REUSED).into());
    }
    Ok(stored)
}
