//! Entries of the journal and their hash chain (S5).

use serde_json::Value;

use super::appeals::AppealRow;
use super::db::Tx;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_domain::journal::{Entry, Sealed, seal};

/// Number of journals listed at once.
const PAGE: i64 = 500;

/// Appends an entry and updates the end of the chain in the appeal; the caller stores the row.
pub async fn append(
    tx: &mut Tx,
    row: &mut AppealRow,
    at: jiff::Timestamp,
    actor: &str,
    action: &str,
    changes: Value,
    internal: bool,
) -> Result<()> {
    let seq = row.journal_seq + 1;
    let entry = Entry {
        seq: u64::try_from(seq).map_err(|e| Fault::Internal(e.to_string()))?,
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        changes,
        internal,
        salt: rand::random(),
    };
    let Sealed { digest, hash } = seal(row.journal_hash.as_deref(), &entry);
    tx.run(
        "INSERT INTO journal (appeal_id, seq, at, actor, action, changes, internal, salt, digest, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &row.id,
            seq,
            at,
            actor,
            action,
            entry.changes.to_string(),
            internal,
            hex::encode(entry.salt),
            digest,
            &hash,
        ],
    )
    .await?;
    row.journal_seq = seq;
    row.journal_hash = Some(hash);
    Ok(())
}

/// Returns all entries with their seals, oldest first.
pub async fn of(tx: &mut Tx, appeal_id: &str) -> Result<Vec<(Entry, Sealed)>> {
    tx.all(
        "SELECT seq, at, actor, action, changes, internal, salt, digest, hash FROM journal \
         WHERE appeal_id = $1 ORDER BY seq",
        args![appeal_id],
    )
    .await?
    .iter()
    .map(|row| {
        let mut salt = [0; 16];
        hex::decode_to_slice(row.text("salt")?, &mut salt).map_err(|e| Fault::Internal(e.to_string()))?;
        let entry = Entry {
            seq: u64::try_from(row.int("seq")?).map_err(|e| Fault::Internal(e.to_string()))?,
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            changes: row.json("changes")?,
            internal: row.flag("internal")?,
            salt,
        };
        Ok((entry, Sealed { digest: row.text("digest")?, hash: row.text("hash")? }))
    })
    .collect()
}

/// The end of an appeal's journal, according to the appeal.
#[derive(Debug)]
pub struct JournalEnd {
    pub appeal_id: String,
    pub number: String,
    pub seq: u64,
    pub hash: Option<String>,
}

/// Returns a page of the ends of journals of the appeals after this one.
pub async fn ends(tx: &mut Tx, after: &str) -> Result<Vec<JournalEnd>> {
    let sql = "SELECT id, number, journal_seq, journal_hash FROM appeals WHERE id > $1 ORDER BY id LIMIT $2";
    tx.all(sql, args![after, PAGE])
        .await?
        .iter()
        .map(|row| {
            Ok(JournalEnd {
                appeal_id: row.text("id")?,
                number: row.text("number")?,
                seq: u64::try_from(row.int("journal_seq")?).unwrap_or(0),
                hash: row.text_opt("journal_hash")?,
            })
        })
        .collect()
}
