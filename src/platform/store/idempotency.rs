//! Responses stored under idempotency keys, in the transaction of their effect.

use jiff::Timestamp;

use super::db::Tx;
use crate::args;
use crate::fault::Result;

/// The scope of a key: the same key of another person or route is a different one.
#[derive(Debug, Clone, Copy)]
pub struct KeyRef<'a> {
    pub person_id: &'a str,
    /// Method and path.
    pub route: &'a str,
    pub key: &'a str,
}

/// A stored response.
#[derive(Debug)]
pub struct Stored {
    /// Hexadecimal SHA-256 of the request's body.
    pub digest: String,
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
}

/// Returns the response stored under a key.
pub async fn find(tx: &mut Tx, key: KeyRef<'_>) -> Result<Option<Stored>> {
    let sql = "SELECT digest, status, body FROM idempotency WHERE person_id = $1 AND route = $2 AND key = $3";
    let Some(row) = tx.first(sql, args![key.person_id, key.route, key.key]).await? else { return Ok(None) };
    Ok(Some(Stored {
        digest: row.text("digest")?,
        status: u16::try_from(row.int("status")?).unwrap_or(200),
        body: row.text("body")?,
    }))
}

/// Stores a response. The key of a filing is kept as long as the appeal.
pub async fn keep(tx: &mut Tx, key: KeyRef<'_>, answer: &Stored, filing: bool, now: Timestamp) -> Result<()> {
    let KeyRef { person_id, route, key } = key;
    let Stored { digest, status, body } = answer;
    tx.run(
        "INSERT INTO idempotency (person_id, route, key, digest, status, body, created_at, filing) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![person_id, route, key, digest, i64::from(*status), body, now, filing],
    )
    .await?;
    Ok(())
}

/// Deletes keys from before this time, except those of filings.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.run("DELETE FROM idempotency WHERE filing = 0 AND created_at < $1", args![before]).await?;
    Ok(())
}
