//! The state of the platform at a glance, and a check of everything it keeps: the database itself, the digest of every
//! file, the chain of every journal. Memory does not grow with what is checked.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::args;
use crate::fault::{Fault, Result};
use crate::service::uploads::path_of;
use crate::store::db::Tx;
use crate::store::{journal, meta};
use appeal_api::*;
use appeal_domain::journal::{Link, verify};
use appeal_domain::{AccountState, Status};

/// Rows read at once.
const PAGE: i64 = 500;

async fn count(tx: &mut Tx, sql: &str, args: Vec<crate::store::db::Arg>) -> Result<u64> {
    Ok(u64::try_from(tx.one(sql, args).await?.int("n")?).unwrap_or(0))
}

/// Number of the newest migration.
pub async fn schema(tx: &mut Tx) -> Result<i64> {
    let row = tx.one("SELECT max(version) AS n FROM _sqlx_migrations WHERE success", Vec::new()).await?;
    Ok(row.int_opt("n")?.unwrap_or(0))
}

async fn by_word(tx: &mut Tx, sql: &str, words: Vec<&'static str>) -> Result<BTreeMap<String, u64>> {
    let mut counts: BTreeMap<String, u64> = words.into_iter().map(|w| (w.to_owned(), 0)).collect();
    for row in tx.all(sql, Vec::new()).await? {
        counts.insert(row.text("word")?, u64::try_from(row.int("n")?).unwrap_or(0));
    }
    Ok(counts)
}

/// How the platform is; with `verify`, whether everything it keeps is whole.
pub async fn status(tx: &mut Tx, files: &Path, now: Timestamp, verify: bool) -> Result<PlatformStatus> {
    let statuses: Vec<&'static str> = Status::ALL.iter().map(|s| s.as_str()).collect();
    let appeals =
        by_word(tx, "SELECT status AS word, count(*) AS n FROM appeals GROUP BY status", statuses).await?;
    let people =
        by_word(tx, "SELECT state AS word, count(*) AS n FROM people GROUP BY state", AccountState::words())
            .await?;
    let overdue = count(
        tx,
        "SELECT count(*) AS n FROM appeals WHERE status IN \
         ('submitted', 'redirected', 'in_progress', 'clarification_required', 'under_review') \
         AND due_at < CASE WHEN status = 'clarification_required' THEN status_since ELSE $1 END",
        args![now],
    )
    .await?;
    let totals =
        tx.one("SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM files", Vec::new()).await?;
    let database = tx
        .one(
            "SELECT p.page_count * s.page_size AS n FROM pragma_page_count p, pragma_page_size s",
            Vec::new(),
        )
        .await?;
    let outbox = OutboxTotals {
        pending: count(
            tx,
            "SELECT count(*) AS n FROM messages WHERE state IN ('pending', 'sending')",
            Vec::new(),
        )
        .await?,
        failed: count(tx, "SELECT count(*) AS n FROM messages WHERE state = 'failed'", Vec::new()).await?,
    };
    let last_backup = tx
        .first(
            "SELECT id, at, bytes, verified_at FROM backups WHERE state <> 'started' ORDER BY at DESC LIMIT 1",
            Vec::new(),
        )
        .await?
        .map(|row| {
            Ok::<_, Fault>(BackupRef {
                id: row.text("id")?,
                at: row.time("at")?,
                bytes: u64::try_from(row.int_opt("bytes")?.unwrap_or(0)).unwrap_or(0),
                verified_at: row.time_opt("verified_at")?,
            })
        })
        .transpose()?;
    let jobs_ran_at = meta::get(tx, "jobs_ran")
        .await?
        .and_then(|ran| ran.parse().ok())
        .and_then(|ran| Timestamp::from_microsecond(ran).ok());
    let integrity = if verify { Some(check(tx, Some(files)).await?) } else { None };
    Ok(PlatformStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: "sqlite".to_owned(),
        schema: schema(tx).await?,
        now,
        database_bytes: u64::try_from(database.int("n")?).unwrap_or(0),
        files: FileTotals {
            count: u64::try_from(totals.int("n")?).unwrap_or(0),
            bytes: u64::try_from(totals.int("bytes")?).unwrap_or(0),
        },
        appeals,
        overdue,
        people,
        outbox,
        last_backup,
        jobs_ran_at,
        integrity,
    })
}

/// Checks the database, every journal, and, where a directory is given, every file in it.
pub async fn check(tx: &mut Tx, files: Option<&Path>) -> Result<Integrity> {
    let mut found = Integrity::default();
    let rows = tx.all("SELECT integrity_check AS line FROM pragma_integrity_check", Vec::new()).await?;
    for row in rows {
        let line = row.text("line")?;
        if line != "ok" {
            found.problem(format!("database: {line}"));
        }
    }
    let rows = tx
        .all(
            "SELECT \"table\" AS name, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2",
            Vec::new(),
        )
        .await?;
    for row in rows {
        found.problem(format!(
            "database: {} rows of {} name nothing in {}",
            row.int("n")?,
            row.text("name")?,
            row.text("parent")?
        ));
    }
    check_journals(tx, &mut found).await?;
    if let Some(files) = files {
        check_files(tx, files, &mut found).await?;
    }
    found.ok = found.problems.is_empty();
    Ok(found)
}

async fn check_journals(tx: &mut Tx, found: &mut Integrity) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows = tx
            .all(
                "SELECT id, number, journal_seq, journal_hash FROM appeals WHERE id > $1 ORDER BY id LIMIT $2",
                args![&after, PAGE],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.text("id")?;
        for row in &rows {
            let (id, number) = (row.text("id")?, row.text("number")?);
            found.appeals += 1;
            let chain = match journal::of(tx, &id).await {
                Ok(chain) => chain,
                Err(error) => {
                    found.problem(format!("{number}: the journal cannot be read: {error}"));
                    continue;
                }
            };
            found.entries += chain.len() as u64;
            let end = chain.last().map(|(entry, seal)| (entry.seq, seal.hash.clone()));
            let links: Vec<Link> =
                chain.into_iter().map(|(entry, seal)| Link::Full { entry, seal }).collect();
            if let Err(broken) = verify(&links) {
                found.problem(format!("{number}: {broken}"));
                continue;
            }
            let (seq, hash) =
                (u64::try_from(row.int("journal_seq")?).unwrap_or(0), row.text_opt("journal_hash")?);
            if end.as_ref().map_or(0, |(seq, _)| *seq) != seq || end.map(|(_, hash)| hash) != hash {
                found.problem(format!("{number}: the journal does not end where the appeal says"));
            }
        }
    }
}

async fn check_files(tx: &mut Tx, files: &Path, found: &mut Integrity) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows = tx
            .all(
                "SELECT sha256, size FROM files WHERE sha256 > $1 ORDER BY sha256 LIMIT $2",
                args![&after, PAGE],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.text("sha256")?;
        for row in &rows {
            let (sha256, size) = (row.text("sha256")?, row.int("size")?);
            let path = path_of(files, &sha256);
            let read = tokio::task::spawn_blocking(move || digest_of_file(&path));
            match read.await.map_err(|e| Fault::Internal(e.to_string()))? {
                Ok((actual, length)) if actual == sha256 && i64::try_from(length) == Ok(size) => {
                    found.files += 1;
                }
                Ok(_) => found.problem(format!("file {sha256}: its bytes are not what they were")),
                Err(error) => found.problem(format!("file {sha256}: {error}")),
            }
        }
    }
    let lost = count(
        tx,
        "SELECT count(*) AS n FROM attachment_versions v \
         WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.sha256 = v.sha256)",
        Vec::new(),
    )
    .await?;
    if lost > 0 {
        found.problem(format!("database: {lost} versions of attachments name no file"));
    }
    Ok(())
}

/// The hexadecimal SHA-256 of a file, and its length.
pub fn digest_of_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex::encode(digest.finalize()), length));
        }
        length += read as u64;
        digest.update(buffer.get(..read).unwrap_or_default());
    }
}
