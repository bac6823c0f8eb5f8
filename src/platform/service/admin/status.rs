//! The state of the platform, and the integrity check of all its data: the database itself, the digest of every file,
//! the hash chain of every journal. Memory does not grow with the amount of data.

use std::path::Path;

use jiff::Timestamp;

use crate::fault::{Fault, Result};
use crate::store::blobs::{digest_of_file, path_of};
use crate::store::db::Tx;
use crate::store::journal::{self, JournalEnd};
use crate::store::{backups, meta, status, uploads};
use appeal_api::*;
use appeal_domain::journal::{Link, verify};

/// Returns the state of the platform; with `verify`, including the result of the integrity check.
pub async fn status(tx: &mut Tx, files: &Path, now: Timestamp, verify: bool) -> Result<PlatformStatus> {
    let totals = status::totals(tx, now).await?;
    let jobs_ran_at = meta::get(tx, meta::JOBS_RAN)
        .await?
        .and_then(|ran| ran.parse().ok())
        .and_then(|ran| Timestamp::from_microsecond(ran).ok());
    let integrity = if verify { Some(check(tx, Some(files)).await?) } else { None };
    Ok(PlatformStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: "sqlite".to_owned(),
        schema: status::schema(tx).await?,
        now,
        database_bytes: totals.database_bytes,
        files: totals.files,
        appeals: totals.appeals,
        overdue: totals.overdue,
        people: totals.people,
        outbox: totals.outbox,
        last_backup: backups::newest(tx).await?,
        jobs_ran_at,
        integrity,
    })
}

/// Checks the database, every journal and, if a directory is given, every file in it.
pub async fn check(tx: &mut Tx, files: Option<&Path>) -> Result<Integrity> {
    let mut found = Integrity::default();
    for problem in status::problems(tx).await? {
        found.problem(format!("database: {problem}"));
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
        let ends = journal::ends(tx, &after).await?;
        let Some(last) = ends.last() else { return Ok(()) };
        after.clone_from(&last.appeal_id);
        for JournalEnd { appeal_id, number, seq, hash } in ends {
            found.appeals += 1;
            let chain = match journal::of(tx, &appeal_id).await {
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
            if end.as_ref().map_or(0, |(seq, _)| *seq) != seq || end.map(|(_, hash)| hash) != hash {
                found.problem(format!("{number}: the journal does not end where the appeal says"));
            }
        }
    }
}

async fn check_files(tx: &mut Tx, files: &Path, found: &mut Integrity) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = uploads::stored(tx, &after).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (sha256, size) in page {
            let path = path_of(files, &sha256);
            let read = tokio::task::spawn_blocking(move || digest_of_file(&path));
            match read.await.map_err(|e| Fault::Internal(e.to_string()))? {
                Ok((actual, length)) if actual == sha256 && length == size => {
                    found.files += 1;
                }
                Ok(_) => found.problem(format!("file {sha256}: its bytes are not what they were")),
                Err(error) => found.problem(format!("file {sha256}: {error}")),
            }
        }
    }
    let lost = status::versions_without_file(tx).await?;
    if lost > 0 {
        found.problem(format!("database: {lost} versions of attachments name no file"));
    }
    Ok(())
}
