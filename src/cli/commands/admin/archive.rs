//! Archives of a platform, as used by backup, restore, export and import.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::texts::unreadable;
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_files::backup::{Archive, Manifest};
use appeal_i18n::{message, t};

/// An archive.
pub const ARCHIVE: Shape = Shape {
    columns: &[
        Column::new("path", Cell::Text),
        Column::new("made_at", Cell::Time),
        Column::new("size", Cell::Size),
        Column::new("appeals", Cell::Number),
        Column::new("files", Cell::Number),
    ],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("aside", Cell::Text),
        Column::new("broken", Cell::Join),
    ],
    key: "path",
};

pub fn file_failure(path: &Path, error: &io::Error) -> Failure {
    unreadable(&path.display().to_string(), error)
}

pub fn described(path: &Path, size: u64, manifest: &Manifest) -> serde_json::Value {
    let files = manifest.entries.keys().filter(|n| n.starts_with(appeal_files::backup::FILES)).count();
    json!({
        "path": path.display().to_string(),
        "id": manifest.id,
        "made_at": manifest.made_at,
        "size": size,
        "appeals": manifest.rows.get("appeals").copied().unwrap_or(0),
        "files": files,
        "schema": manifest.schema,
        "broken": manifest.broken,
    })
}

pub fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Receives an archive and checks it.
pub async fn receive(
    ctx: &mut Context,
    what: &str,
    dir: &Path,
) -> Result<(tempfile::NamedTempFile, String, Manifest), Failure> {
    let client = ctx.client().await?;
    let progress = ctx.out.progress(None, &t!(ctx.lang, "admin-receiving"));
    let received = client.admin_archive(what, dir, &|done| progress.set(done)).await;
    progress.finish();
    let (file, id) = received?;
    let path = file.path().to_owned();
    let checked = tokio::task::spawn_blocking(move || -> io::Result<_> {
        let mut archive = Archive::open(&path)?;
        let problems = archive.verify()?;
        Ok((archive.manifest, problems))
    });
    let (manifest, problems) = checked.await.map_err(io::Error::other)?.map_err(|e| file_failure(dir, &e))?;
    broken(&problems)?;
    Ok((file, id, manifest))
}

pub fn keep(file: tempfile::NamedTempFile, path: &Path, force: bool) -> Result<(), Failure> {
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map_err(|e| file_failure(path, &e.error))?;
    #[cfg(unix)]
    std::fs::File::open(folder_of(path))
        .and_then(|dir| dir.sync_all())
        .map_err(|e| file_failure(path, &e))?;
    Ok(())
}

pub fn free(path: &Path, force: bool) -> Result<(), Failure> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(file_failure(path, &io::ErrorKind::AlreadyExists.into()));
    }
    Ok(())
}

/// Fails with exit code 1 and the list of problems, if there are any.
///
/// # Errors
/// There are problems.
pub fn broken(problems: &[String]) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let count = problems.len().to_string();
    let mut failure = Failure::from_message(Exit::Failed, "damaged", message!("failure-damaged", count));
    failure.details = problems.iter().map(|p| json!({ "problem": p })).collect();
    // The hint is for users, the details are for programs.
    failure.hint = Some(problems.join("\n"));
    Err(failure)
}
