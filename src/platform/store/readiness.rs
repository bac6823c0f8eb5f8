//! Whether the platform can write, for `/readyz`: a full disk or a directory that was moved shows only then.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::writer::Keep;
use super::{Database, meta};
use crate::fault::{Fault, Result};

/// Anybody may ask, so a result is used again for this long.
const FRESH: Duration = Duration::from_secs(2);
/// Number of bytes that are written to each directory.
const PROBE: usize = 64 * 1024;

/// The last check, and the directories that it writes to.
pub struct Readiness {
    directories: Vec<PathBuf>,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// The directories of the database at this path, and of the files.
    pub fn of(database: &Path, files: &Path) -> Readiness {
        let beside = database.parent().filter(|dir| !dir.as_os_str().is_empty());
        let mut directories = vec![beside.unwrap_or(Path::new(".")).to_owned()];
        // Created with the first upload.
        directories.extend(files.is_dir().then(|| files.to_owned()));
        Readiness { directories, last: Mutex::new(None) }
    }

    /// Checks whether the platform can write.
    ///
    /// # Errors
    /// It cannot.
    pub async fn check(&self, db: &Database) -> Result<()> {
        let mut last = self.last.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < FRESH
        {
            return if ready { Ok(()) } else { Err(Fault::Internal("not ready a moment ago".to_owned())) };
        }
        let checked = self.try_writes(db).await;
        *last = Some((Instant::now(), checked.is_ok()));
        checked
    }

    async fn try_writes(&self, db: &Database) -> Result<()> {
        db.run(Keep::Nothing, |tx| Box::pin(meta::set(tx, "probe", ""))).await?;
        let directories = self.directories.clone();
        let written = tokio::task::spawn_blocking(move || {
            directories.iter().try_for_each(|directory| {
                let mut file = tempfile::tempfile_in(directory)?;
                file.write_all(&[0; PROBE])?;
                file.sync_all()
            })
        });
        Ok(written.await.map_err(|error| Fault::Internal(error.to_string()))??)
    }
}
