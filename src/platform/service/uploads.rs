//! Files go up first (T3): they stream to a temporary file, are checked there, and take their place by digest before
//! their row is committed, so that what the database names is on the disk.

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

/// Temporary files of uploads that broke are kept this long.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// An upload on its way.
pub struct Receiving {
    file: tokio::fs::File,
    path: TempPath,
    inspector: Inspector,
}

/// An upload that arrived whole and was looked at, not yet in its place.
pub struct Received {
    path: TempPath,
    /// What it is.
    pub inspected: Inspected,
}

impl Receiving {
    /// Opens a temporary file beside the kept ones. It vanishes unless the upload is kept.
    pub async fn begin(files: &Path) -> Result<Receiving> {
        let dir = temporary(files);
        let (file, path) = blocking(move || {
            create_dir(&dir)?;
            Ok(NamedTempFile::new_in(&dir)?.into_parts())
        })
        .await?;
        Ok(Receiving { file: tokio::fs::File::from_std(file), path, inspector: Inspector::new() })
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.inspector.update(chunk);
        self.file.write_all(chunk).await?;
        Ok(())
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.inspector.size()
    }

    /// Everything has arrived: flushes it to the disk and looks at it.
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

/// Puts an upload in its place and notes who brought it. True when it was not there before.
pub async fn keep(app: &App, caller: &Caller, received: Received) -> Result<bool> {
    let Received { path, inspected } = received;
    let place = path_of(app.files(), &inspected.sha256);
    let target = place.clone();
    let fresh = blocking(move || {
        let fresh = !target.exists();
        let dir = target.parent().unwrap_or(&target).to_owned();
        let known = dir.exists();
        create_dir(&dir)?;
        // The same bytes may be there already; replacing them by themselves harms nobody who reads them.
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
                // A sweep removes files under the write lock too; one may have come between the two steps. The
                // request may simply be repeated.
                if !place.exists() {
                    return Err(Fault::refuse(503, code::UNAVAILABLE).into());
                }
                Ok(())
            })
        })
        .await?;
    Ok(fresh)
}

/// Whether the caller may attach these bytes without sending them.
pub async fn has(app: &App, caller: &Caller, sha256: &str) -> Result<bool> {
    let found = app.read(async |tx| uploads::find(tx, caller, sha256).await).await?;
    // Bytes that were lost with a disk can be sent again.
    Ok(found.is_some() && tokio::fs::try_exists(path_of(app.files(), sha256)).await?)
}

/// What is wrong with an upload under the name it will have; without a name only its size is judged.
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

/// The finding about bytes that nobody looked at, because there are too many of them.
pub fn too_large(name: Option<&str>, size: u64) -> Vec<Finding> {
    let unseen = Inspected { size, sha256: String::new(), sniffed: Sniffed::Pdf, intact: Ok(()) };
    let mut findings = judge(name, &unseen);
    findings.retain(|f| f.code == "file-too-large");
    findings
}

/// Removes uploads that nobody attached in time, and what uploads that broke have left.
pub async fn sweep(app: &App) -> Result<()> {
    let now = app.now();
    // Looking first is free of the write lock; most of the time there is nothing.
    let due = app
        .db()
        .read(move |tx| {
            Box::pin(async move {
                // What a backup under way names stays until it is made.
                if backups::is_under_way(tx, now).await? {
                    return Ok(false);
                }
                uploads::is_expiry_due(tx, now).await
            })
        })
        .await?;
    if !due {
        return Ok(());
    }
    let gone = app.db().write(move |tx| Box::pin(uploads::expire(tx, now))).await?;
    let places: Vec<(String, PathBuf)> =
        gone.into_iter().map(|sha256| (sha256.clone(), path_of(app.files(), &sha256))).collect();
    // In a transaction of its own, which changes nothing: the write lock keeps a new upload of the same bytes from
    // being noted while its file is removed, and no failing commit can bring back rows without files.
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
        .await?;
    let dir = temporary(app.files());
    blocking(move || remove_stale(&dir, SystemTime::from(now))).await
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
        // It may have ended and vanished meanwhile.
        let Ok(modified) = entry.metadata().and_then(|m| m.modified()) else { continue };
        if now.duration_since(modified).is_ok_and(|age| age > STALE) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Opens a kept file.
///
/// # Errors
/// It is not there.
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
