//! Reading records of every kind.

use super::data_set::Map;
use super::kinds;
use crate::fault::{Fault, Result};
use crate::store::admin_people::Which;
use crate::store::db::Tx;
use appeal_domain::DataKind;

/// Returns a page of records and the key to continue from.
pub async fn page(
    tx: &mut Tx,
    kind: DataKind,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Map>, Option<String>)> {
    let kind = kinds::of(kind);
    let mut found = kind.fetch(tx, Which::After(after, limit + 1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().and_then(|map| kind.key_in(map)).map(str::to_owned);
    Ok((found, next.filter(|_| more)))
}

/// One record.
///
/// # Errors
/// 404.
pub async fn one(tx: &mut Tx, kind: DataKind, key: &str) -> Result<Map> {
    let keys = [key.to_owned()];
    kinds::of(kind).fetch(tx, Which::Keys(&keys)).await?.pop().ok_or_else(|| Fault::not_found(key))
}
