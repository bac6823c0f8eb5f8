//! Uploads (T3): files are streamed to a temporary file, inspected there, and moved to their path by digest before
//! their row is committed, so that every file in the database exists on disk.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::store::blobs::path_of;
use crate::store::sqlite::create_dir;
use crate::store::{backups, uploads};
use appeal_api::code;
use appeal_domain::{AttachmentPolicy, Finding};
use appeal_files::{Inspected, Inspector, Sniffed};

/// How long temporary files of broken uploads are kept.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// An upload in progress.
pub struct Receiving {
    file: tokio::fs::File,
    path: TempPath,
    inspector: Inspector,
}

/// A complete, inspected upload that is not stored yet.
pub struct Received {
    path: TempPath,
    /// Result of the inspection.
    pub inspected: Inspected,
}

impl Receiving {
    /// Creates a temporary file next to the stored ones. It is deleted unless the upload is stored.
    pub async fn begin(files: &Path) -> Result<Receiving> {
        let dir = temporary(files);
        let (file, path) = blocking(move || {
            create_dir(&dir)?;
            Ok(NamedTempFile::new_in(&dir)?.into_parts())
        })
        .await?;
        Ok(Receiving { file: tokio::fs::File::from_std(file), path, inspector: Inspector::new() })
    }

    /// Appends bytes.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.inspector.update(chunk);
        self.file.write_all(chunk).await?;
        Ok(())
    }

    /// Returns the number of bytes so far.
    pub fn size(&self) -> u64 {
        self.inspector.size()
    }

    /// Flushes the complete file to disk and inspects it.
    pub async fn finish(mut self) -> Result<Received> {
        self.file.flush().await?;
        let mut file = self.file.into_std().await;
        let inspector = self.inspector;
        let inspected = blocking(move || {
            file.flush()?;
            file.sync_all()?;
            inspector.finish(file)
        })
        .await?;
        Ok(Received { path: self.path, inspected })
    }
}

/// Stores an upload and records who sent it. Returns whether the file was not stored before.
pub async fn keep(app: &App, caller: &Caller, received: Received) -> Result<bool> {
    let Received { path, inspected } = received;
    let place = path_of(app.files(), &inspected.sha256);
    let target = place.clone();
    let fresh = blocking(move || {
        let fresh = !target.exists();
        let dir = target.parent().unwrap_or(&target).to_owned();
        let known = dir.exists();
        create_dir(&dir)?;
        // The same bytes may exist already; replacing a file by itself does not affect its readers.
        path.persist(&target).map_err(|e| e.error)?;
        sync_dir(&dir)?;
        if !known && let Some(above) = dir.parent() {
            sync_dir(above)?;
        }
        Ok(fresh)
    })
    .await?;
    let (person, now) = (caller.person_id.clone(), app.now());
    app.db()
        .write(move |tx| {
            let (person, inspected, place) = (person.clone(), inspected.clone(), place.clone());
            Box::pin(async move {
                uploads::record(tx, &person, &inspected, now).await?;
                // A cleanup removes files under the write lock too; one may have run between the two steps. The request
                // can simply be repeated.
                if !place.exists() {
                    return Err(Fault::refuse(503, code::UNAVAILABLE).into());
                }
                Ok(())
            })
        })
        .await?;
    Ok(fresh)
}

/// Returns whether the caller may attach these bytes without sending them.
pub async fn has(app: &App, caller: &Caller, sha256: &str) -> Result<bool> {
    let found = app.read(async |tx| uploads::find(tx, caller, sha256).await).await?;
    // Bytes lost with a disk can be sent again.
    Ok(found.is_some() && tokio::fs::try_exists(path_of(app.files(), sha256)).await?)
}

/// Returns findings about an upload under its future name; without a name only its size is checked.
pub fn judge(name: Option<&str>, inspected: &Inspected) -> Vec<Finding> {
    let policy = AttachmentPolicy::default();
    match name {
        Some(name) => appeal_files::judge(name, inspected, &policy),
        None => {
            let mut findings = appeal_files::judge("upload", inspected, &policy);
            findings.retain(|f| matches!(f.code, "file-empty" | "file-too-large"));
            for finding in &mut findings {
                finding.at = None;
            }
            findings
        }
    }
}

/// The finding about an upload that is too large to be inspected.
pub fn too_large(name: Option<&str>, size: u64) -> Vec<Finding> {
    let unseen = Inspected {
        size,
        sha256: String::new(),
        sniffed: Sniffed::Pdf,
        intact: Ok(()),
        oddities: Vec::new(),
    };
    let mut findings = judge(name, &unseen);
    findings.retain(|f| f.code == "file-too-large");
    findings
}

/// Removes uploads that were not attached in time, and remains of broken uploads.
pub async fn sweep(app: &App) -> Result<()> {
    let now = app.now();
    // Files needed by a backup in progress are kept until it is complete.
    if app.db().read(move |tx| Box::pin(backups::is_under_way(tx, now))).await? {
        return Ok(());
    }
    // Killed processes leave them behind, whether there is anything else to do or not.
    let dir = temporary(app.files());
    blocking(move || remove_stale(&dir, SystemTime::from(now))).await?;
    // Checking first avoids the write lock; usually there is nothing to do.
    if !app.db().read(move |tx| Box::pin(uploads::is_expiry_due(tx, now))).await? {
        return Ok(());
    }
    let gone = app.db().write(move |tx| Box::pin(uploads::expire(tx, now))).await?;
    let places: Vec<(String, PathBuf)> =
        gone.into_iter().map(|sha256| (sha256.clone(), path_of(app.files(), &sha256))).collect();
    // In a separate transaction that changes nothing: the write lock prevents a new upload of the same bytes from being
    // recorded while its file is removed, and a failed commit cannot restore rows without files.
    app.db()
        .write(move |tx| {
            let places = places.clone();
            Box::pin(async move {
                for (sha256, place) in &places {
                    if !uploads::is_kept(tx, sha256).await? {
                        remove(place)?;
                    }
                }
                Ok(())
            })
        })
        .await
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_stale(dir: &Path, now: SystemTime) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        // It may have been completed and removed in the meantime.
        let Ok(modified) = entry.metadata().and_then(|m| m.modified()) else { continue };
        if now.duration_since(modified).is_ok_and(|age| age > STALE) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Opens a stored file.
///
/// # Errors
/// The file does not exist.
pub async fn open(files: &Path, sha256: &str) -> std::io::Result<tokio::fs::File> {
    tokio::fs::File::open(path_of(files, sha256)).await
}

fn temporary(files: &Path) -> PathBuf {
    files.join("tmp")
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> std::io::Result<()> {
    std::fs::File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> std::io::Result<()> {
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(Fault::Internal(error.to_string())),
    }
}
