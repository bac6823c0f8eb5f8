//! Uploaded files by digest, and who may attach them.

use jiff::{SignedDuration, Timestamp};

use super::db::Tx;
use crate::args;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use appeal_api::{FileRef, code};
use appeal_files::Inspected;

/// How long an unused upload is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Number of stored files listed at once.
const PAGE: i64 = 500;

/// An uploaded file that the caller may attach.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// In bytes.
    pub size: u64,
    /// Media type, detected from the content.
    pub media_type: String,
    /// Result of the inspection, to be checked against a name with [`appeal_files::judge`].
    pub inspected: Inspected,
}

/// Returns the file named in a request, if the caller uploaded it or has it in one of their own appeals.
///
/// # Errors
/// 422 `upload_missing`, with the digest.
pub async fn claim(tx: &mut Tx, caller: &Caller, file: &FileRef) -> Result<Claimed> {
    let sha256 = file.sha256.to_ascii_lowercase();
    match find(tx, caller, &sha256).await? {
        Some(inspected) => Ok(Claimed {
            size: inspected.size,
            media_type: inspected.sniffed.media_type().to_owned(),
            inspected,
        }),
        None => Err(Fault::refuse(422, code::UPLOAD_MISSING)
            .arg("sha256", sha256)
            .arg("name", file.name.clone())
            .into()),
    }
}

/// Returns the inspection of a file that the caller may attach.
pub async fn find(tx: &mut Tx, caller: &Caller, sha256: &str) -> Result<Option<Inspected>> {
    let row = tx
        .first(
            "SELECT f.inspected FROM files f WHERE f.sha256 = $1 AND ( \
               EXISTS (SELECT 1 FROM uploads u WHERE u.person_id = $2 AND u.sha256 = f.sha256) \
               OR EXISTS (SELECT 1 FROM attachment_versions v JOIN attachments t ON t.id = v.attachment_id \
                          JOIN appeals a ON a.id = t.appeal_id WHERE v.sha256 = f.sha256 \
                          AND (v.added_by = $3 OR (a.applicant_id = $2 AND t.internal = 0))))",
            args![sha256, &caller.person_id, &caller.login],
        )
        .await?;
    Ok(row.map(|r| r.json("inspected")).transpose()?)
}

/// Records that this person uploaded these bytes, which are stored already.
pub async fn record(tx: &mut Tx, person_id: &str, inspected: &Inspected, now: Timestamp) -> Result<()> {
    let body = serde_json::to_string(inspected).map_err(|e| Fault::Internal(e.to_string()))?;
    let size = i64::try_from(inspected.size).map_err(|e| Fault::Internal(e.to_string()))?;
    tx.run(
        "INSERT INTO files (sha256, size, inspected) VALUES ($1, $2, $3) \
         ON CONFLICT (sha256) DO UPDATE SET inspected = excluded.inspected",
        args![&inspected.sha256, size, body],
    )
    .await?;
    tx.run(
        "INSERT INTO uploads (person_id, sha256, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (person_id, sha256) DO UPDATE SET created_at = excluded.created_at",
        args![person_id, &inspected.sha256, now],
    )
    .await?;
    Ok(())
}

/// Returns whether an unused upload has expired.
pub async fn is_expiry_due(tx: &mut Tx, now: Timestamp) -> Result<bool> {
    let sql = "SELECT 1 AS due FROM uploads WHERE created_at < $1 LIMIT 1";
    Ok(tx.first(sql, args![expired_before(now)?]).await?.is_some())
}

fn expired_before(now: Timestamp) -> Result<Timestamp> {
    now.checked_sub(KEPT).map_err(|e| Fault::Internal(e.to_string()))
}

/// Deletes expired unused uploads; returns the digests of files that are no longer referenced.
pub async fn expire(tx: &mut Tx, now: Timestamp) -> Result<Vec<String>> {
    let limit = expired_before(now)?;
    let old = tx.all("SELECT DISTINCT sha256 FROM uploads WHERE created_at < $1", args![limit]).await?;
    if old.is_empty() {
        return Ok(Vec::new());
    }
    tx.run("DELETE FROM uploads WHERE created_at < $1", args![limit]).await?;
    let mut gone = Vec::new();
    for row in old {
        let sha256 = row.text("sha256")?;
        let removed = tx
            .run(
                "DELETE FROM files WHERE sha256 = $1 \
                 AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.sha256 = files.sha256) \
                 AND NOT EXISTS (SELECT 1 FROM attachment_versions v WHERE v.sha256 = files.sha256) \
                 AND NOT EXISTS (SELECT 1 FROM identity_documents d WHERE d.sha256 = files.sha256)",
                args![&sha256],
            )
            .await?;
        if removed > 0 {
            gone.push(sha256);
        }
    }
    Ok(gone)
}

/// Returns whether an upload or an attachment still refers to this file.
pub async fn is_kept(tx: &mut Tx, sha256: &str) -> Result<bool> {
    Ok(tx.first("SELECT 1 AS kept FROM files WHERE sha256 = $1", args![sha256]).await?.is_some())
}

/// Returns a page of stored files with their sizes, after the given digest.
pub async fn stored(tx: &mut Tx, after: &str) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT sha256, size FROM files WHERE sha256 > $1 ORDER BY sha256 LIMIT $2";
    let rows = tx.all(sql, args![after, PAGE]).await?;
    rows.iter().map(|row| Ok((row.text("sha256")?, u64::try_from(row.int("size")?).unwrap_or(0)))).collect()
}
