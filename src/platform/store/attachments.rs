//! Files of appeals and their versions (T4).

use jiff::Timestamp;

use super::db::{Row, Tx};
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};

/// The object that a file belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// `appeal`, `comment`, `reply`, `answer`, `escalation`, `outcome`, `review` or `revision`.
    pub kind: &'a str,
    pub id: Option<&'a str>,
    /// Whether it is visible to the authority's staff only.
    pub internal: bool,
}

/// A version of a file to store.
#[derive(Debug, Clone)]
pub struct NewVersion {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    pub note: Option<String>,
}

/// The current version of a file of an appeal, with the data that determines access to it.
#[derive(Debug, Clone)]
pub struct AttachmentRow {
    pub id: String,
    pub owner_kind: String,
    pub document: Option<String>,
    pub internal: bool,
    pub version: u32,
    pub name: String,
    pub size: u64,
    pub sha256: String,
}

/// A version of a file.
#[derive(Debug, Clone)]
pub struct VersionRow {
    pub version: u32,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    pub added_at: Timestamp,
    pub added_by: String,
}

fn unsigned<T: TryFrom<i64>>(row: &Row, column: &str) -> Result<T> {
    T::try_from(row.int(column)?).map_err(|_| Fault::Internal(format!("{column} is out of range")))
}

/// Returns the current files of an appeal.
pub async fn of(tx: &mut Tx, appeal_id: &str) -> Result<Vec<AttachmentRow>> {
    tx.all(
        "SELECT t.id, t.owner_kind, t.document, t.internal, t.version, v.name, v.size, v.sha256 FROM attachments t \
         JOIN attachment_versions v ON v.attachment_id = t.id AND v.version = t.version \
         WHERE t.appeal_id = $1 AND t.removed_at IS NULL ORDER BY t.position",
        args![appeal_id],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(AttachmentRow {
            id: row.text("id")?,
            owner_kind: row.text("owner_kind")?,
            document: row.text_opt("document")?,
            internal: row.flag("internal")?,
            version: unsigned(row, "version")?,
            name: row.text("name")?,
            size: unsigned(row, "size")?,
            sha256: row.text("sha256")?,
        })
    })
    .collect()
}

/// Adds a file to an appeal; returns its id.
pub async fn add(
    tx: &mut Tx,
    appeal_id: &str,
    owner: Owner<'_>,
    document: Option<&str>,
    file: &NewVersion,
    added: (Timestamp, &str),
) -> Result<String> {
    let id = fresh_id();
    tx.run(
        "INSERT INTO attachments (id, appeal_id, position, owner_kind, owner_id, document, internal, version) \
         VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM attachments WHERE appeal_id = $2), \
         $3, $4, $5, $6, 1)",
        args![&id, appeal_id, owner.kind, owner.id, document, owner.internal],
    )
    .await?;
    add_version(tx, &id, 1, file, added).await?;
    Ok(id)
}

async fn add_version(
    tx: &mut Tx,
    id: &str,
    version: u32,
    file: &NewVersion,
    (at, by): (Timestamp, &str),
) -> Result<()> {
    let size = i64::try_from(file.size).map_err(|e| Fault::Internal(e.to_string()))?;
    tx.run(
        "INSERT INTO attachment_versions (attachment_id, version, name, media_type, size, sha256, note, added_at, \
         added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            id,
            version,
            &file.name,
            &file.media_type,
            size,
            &file.sha256,
            file.note.as_deref(),
            at,
            by
        ],
    )
    .await?;
    Ok(())
}

/// Adds a version and makes it current; returns its number.
pub async fn replace(tx: &mut Tx, id: &str, file: &NewVersion, added: (Timestamp, &str)) -> Result<u32> {
    let row = tx
        .one("SELECT max(version) AS newest FROM attachment_versions WHERE attachment_id = $1", args![id])
        .await?;
    let version = unsigned::<u32>(&row, "newest")? + 1;
    add_version(tx, id, version, file, added).await?;
    point(tx, id, version).await?;
    Ok(version)
}

/// Makes a version current.
pub async fn point(tx: &mut Tx, id: &str, version: u32) -> Result<()> {
    tx.run("UPDATE attachments SET version = $1 WHERE id = $2", args![version, id]).await?;
    Ok(())
}

/// Removes a file from its appeal. Its versions are kept for the record.
pub async fn remove(tx: &mut Tx, id: &str, at: Timestamp) -> Result<()> {
    tx.run("UPDATE attachments SET removed_at = $1 WHERE id = $2", args![at, id]).await?;
    Ok(())
}

/// Returns the versions of a file, oldest first.
pub async fn versions(tx: &mut Tx, id: &str) -> Result<Vec<VersionRow>> {
    tx.all(
        "SELECT version, name, media_type, size, sha256, added_at, added_by FROM attachment_versions \
         WHERE attachment_id = $1 ORDER BY version",
        args![id],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(VersionRow {
            version: unsigned(row, "version")?,
            name: row.text("name")?,
            media_type: row.text("media_type")?,
            size: unsigned(row, "size")?,
            sha256: row.text("sha256")?,
            added_at: row.time("added_at")?,
            added_by: row.text("added_by")?,
        })
    })
    .collect()
}
