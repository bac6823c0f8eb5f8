//! Restoring a backup while no platform is running there, and verifying one without restoring it (O4).

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::caller::PLATFORM;
use super::fault::{DbError, Fault};
use super::service::admin::status;
use super::store::admin_log::{self, NewEntry};
use super::store::{backups, blobs, meta, sqlite, uploads};
use appeal_api::Integrity;
use appeal_files::backup::{Archive, ArchiveKind, DATABASE, FILES, Manifest, digest_of_entry};

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database contains data, and moving it aside was not permitted.
    #[error("{}: there is data already", .0.display())]
    Occupied(PathBuf),
    /// Another process has the database open.
    #[error("{}: a platform has it open", .0.display())]
    InUse(PathBuf),
    /// The archive is damaged, or not a backup.
    #[error("{0}")]
    Unfit(String),
    /// The content of the archive is damaged.
    #[error("the backup is damaged")]
    Damaged(Integrity),
    /// An error of the file system.
    #[error("{}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
    /// An error of the database.
    #[error("{0}")]
    Database(String),
}

/// The result of a restore.
#[derive(Debug)]
pub struct Restored {
    /// Manifest of the backup.
    pub manifest: Manifest,
    /// Result of the integrity check.
    pub integrity: Integrity,
    /// Where the previous data was moved to.
    pub aside: Option<PathBuf>,
}

impl From<Fault> for RestoreError {
    fn from(fault: Fault) -> Self {
        RestoreError::Database(fault.to_string())
    }
}

impl From<DbError> for RestoreError {
    fn from(error: DbError) -> Self {
        RestoreError::Database(error.to_string())
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> RestoreError {
    let path = path.to_owned();
    move |error| RestoreError::Io { path, error }
}

/// Verifies a backup: every digest, the database in it, every journal, and that every referenced file is present.
///
/// # Errors
/// The archive cannot be read, or is not a backup. Damage of the content is not an error but part of the result.
pub async fn verify(archive: &Path) -> Result<(Manifest, Integrity), RestoreError> {
    let dir = tempfile::tempdir().map_err(at(archive))?;
    let (manifest, mut found) = unpack(archive, dir.path(), None).await?;
    check(&dir.path().join(DATABASE), &manifest, &mut found).await?;
    Ok((manifest, found))
}

/// Extracts the database and, if a directory is given, the files; records damage.
async fn unpack(
    archive: &Path,
    dir: &Path,
    files: Option<&Path>,
) -> Result<(Manifest, Integrity), RestoreError> {
    let (path, dir, files) = (archive.to_owned(), dir.to_owned(), files.map(Path::to_owned));
    let unpacked = tokio::task::spawn_blocking(move || -> Result<_, RestoreError> {
        let mut archive = Archive::open(&path).map_err(|e| RestoreError::Unfit(e.to_string()))?;
        if archive.manifest.kind != ArchiveKind::Backup {
            return Err(RestoreError::Unfit("this is an export; appeal admin import takes it".to_owned()));
        }
        let mut found = Integrity::default();
        for name in archive.names() {
            let copied = if name == DATABASE {
                let target = dir.join(DATABASE);
                let mut file = private(&target).map_err(at(&target))?;
                archive.copy(&name, &mut file).and_then(|()| file.sync_all())
            } else if let Some(digest) = digest_of_entry(&name) {
                found.files += 1;
                match &files {
                    Some(files) => blobs::unpack(&mut archive, &name, &blobs::path_of(files, digest)),
                    None => archive.copy(&name, &mut io::sink()),
                }
            } else {
                Err(io::Error::other(format!("{name}: it does not belong here")))
            };
            if let Err(error) = copied {
                if error.kind() != io::ErrorKind::InvalidData {
                    return Err(RestoreError::Io { path: path.clone(), error });
                }
                found.problem(error.to_string());
            }
        }
        Ok((archive.manifest, found))
    });
    unpacked.await.map_err(|e| RestoreError::Database(e.to_string()))?
}

fn private(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Checks an extracted database.
async fn check(database: &Path, manifest: &Manifest, found: &mut Integrity) -> Result<(), RestoreError> {
    if database.exists() {
        match inside(database, manifest).await {
            Ok(inside) => {
                found.appeals = inside.appeals;
                found.entries = inside.entries;
                inside.problems.into_iter().for_each(|p| found.problem(p));
            }
            Err(fault) => found.problem(format!("database: {fault}")),
        }
    } else {
        found.problem(format!("{DATABASE}: it is not in the backup"));
    }
    for sha256 in &manifest.broken {
        found.problem(format!("file {sha256}: it was lost or damaged before the backup was made"));
    }
    found.ok = found.problems.is_empty();
    Ok(())
}

/// Checks a database, and returns the problems and the referenced files that are missing in the backup.
async fn inside(database: &Path, manifest: &Manifest) -> Result<Integrity, Fault> {
    sqlite::read_alone(database, async |tx| {
        let mut found = status::check(tx, None).await?;
        let mut after = String::new();
        loop {
            let page = uploads::stored(tx, &after).await?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after.clone_from(last);
            for (sha256, _) in page {
                let there = manifest.entries.contains_key(&format!("{FILES}{sha256}"));
                if !there && !manifest.broken.contains(&sha256) {
                    found.problem(format!("file {sha256}: it is not in the backup"));
                }
            }
        }
    })
    .await
}

/// Restores a backup as the database of this URL. With `force`, existing data is moved aside first, and files that were
/// lost before the backup was made do not prevent restoring.
///
/// # Errors
/// There is data already, another process has it open, or the backup is damaged; nothing is changed then.
pub async fn restore(
    archive: &Path,
    url: &str,
    force: bool,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    let database = sqlite::path_of(url).map_err(|e| RestoreError::Unfit(e.to_string()))?;
    let files = database.with_file_name("files");
    let home = database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    sqlite::create_dir(&home).map_err(at(&home))?;
    // Prevents other processes from creating or migrating the database in the meantime.
    let _lock = sqlite::lock(&database).await.map_err(|e| RestoreError::Database(e.to_string()))?;
    let (_, occupied) = occupied(url)?;
    if occupied && !force {
        return Err(RestoreError::Occupied(database));
    }
    if database.exists() && !sqlite::fold_in(&database).await {
        return Err(RestoreError::InUse(database));
    }
    let staging = tempfile::Builder::new().prefix("restore-").tempdir_in(&home).map_err(at(&home))?;
    let fresh_files = staging.path().join("files");
    let (manifest, mut integrity) = unpack(archive, staging.path(), Some(&fresh_files)).await?;
    let fresh = staging.path().join(DATABASE);
    check(&fresh, &manifest, &mut integrity).await?;
    if integrity.problems.len() > if force { manifest.broken.len() } else { 0 } {
        return Err(RestoreError::Damaged(integrity));
    }
    renew(&fresh, &manifest, now).await?;
    let aside = if occupied { Some(move_aside(&database, &files, now)?) } else { None };
    if fresh_files.exists() {
        // An empty directory may exist.
        let _ = std::fs::remove_dir(&files);
        std::fs::rename(&fresh_files, &files).map_err(at(&files))?;
    }
    // The database comes last: without it, there is no platform here.
    std::fs::rename(&fresh, &database).map_err(at(&database))?;
    #[cfg(unix)]
    std::fs::File::open(&home).and_then(|dir| dir.sync_all()).map_err(at(&home))?;
    Ok(Restored { manifest, integrity, aside })
}

/// Returns the path of the database of this URL, and whether there is data: the database, or files next to it.
///
/// # Errors
/// It is not the URL of an embedded database.
pub fn occupied(url: &str) -> Result<(PathBuf, bool), RestoreError> {
    let database = sqlite::path_of(url).map_err(|e| RestoreError::Unfit(e.to_string()))?;
    let files = database.with_file_name("files");
    let occupied = database.metadata().is_ok_and(|m| m.len() > 0)
        || std::fs::read_dir(&files).is_ok_and(|mut entries| entries.next().is_some());
    Ok((database, occupied))
}

/// Gives the restored database a new epoch, so that cursors to events it does not contain are refused, and records its
/// origin.
async fn renew(database: &Path, manifest: &Manifest, now: Timestamp) -> Result<(), RestoreError> {
    sqlite::write_alone(database, async |tx| {
        meta::set(tx, meta::EPOCH, &hex::encode(rand::random::<[u8; 4]>())).await?;
        backups::forget_begun(tx).await?;
        let entry = NewEntry {
            at: now,
            actor: PLATFORM,
            action: "restored",
            kind: "platform",
            subject: &manifest.id,
            changes: serde_json::json!({}),
        };
        admin_log::append(tx, entry).await
    })
    .await?;
    Ok(())
}

/// Moves existing data to a directory next to it.
fn move_aside(database: &Path, files: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let name = format!("before-restore-{}", now.strftime("%Y%m%dT%H%M%S%fZ"));
    let aside = database.with_file_name(name);
    sqlite::create_dir(&aside).map_err(at(&aside))?;
    let mut parts = vec![database.to_owned(), files.to_owned()];
    for ending in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        parts.push(name.into());
    }
    for part in parts.iter().filter(|part| part.exists()) {
        let target = aside.join(part.file_name().unwrap_or_default());
        std::fs::rename(part, &target).map_err(at(part))?;
    }
    Ok(aside)
}
