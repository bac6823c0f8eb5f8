//! Changes in the order of their commits: the writer appends them in the transaction of the change itself, where
//! positions are handed out one after another.

use jiff::Timestamp;
use serde_json::Value;

use super::db::Tx;
use crate::args;
use crate::domain::Status;
use crate::platform::fault::Result;

/// A change to announce.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    pub appeal_id: &'a str,
    pub at: Timestamp,
    /// What happened: `created`, `taken`, `answered`, `commented`, … Its words are in `i18n` under `event-<name>`,
    /// underscores as hyphens.
    pub event: &'a str,
    /// The status after it.
    pub status: Status,
    /// Login of who did it, or `platform`.
    pub actor: &'a str,
    /// Values for the words: an object of texts and numbers.
    pub detail: Value,
    /// Only for the authority's people.
    pub internal: bool,
}

/// Appends a change; gives its position.
pub async fn append(tx: &mut Tx, event: &NewEvent<'_>) -> Result<i64> {
    let row = tx
        .one(
            "INSERT INTO events (appeal_id, at, event, status, actor, detail, internal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING position",
            args![
                event.appeal_id,
                event.at,
                event.event,
                event.status.as_str(),
                event.actor,
                event.detail.to_string(),
                event.internal,
            ],
        )
        .await?;
    Ok(row.int("position")?)
}
