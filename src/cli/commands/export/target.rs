//! The target of an export: a directory or a ZIP, which appears only when complete.

use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::{NamedTempFile, TempDir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::unwritable;
use crate::cli::base::{Exit, Failure};
use crate::cli::commands::answer::{folder_of, may_write, settle};
use appeal_i18n::{Message, message};

/// Where an export goes.
pub struct Target {
    to: PathBuf,
    force: bool,
    /// The incomplete export, in the same directory as the target, so that it can be renamed.
    work: TempDir,
    zip: Option<ZipWriter<BufWriter<NamedTempFile>>>,
}

/// The directory of a directory export, within the working one.
const TREE: &str = "export";

impl Target {
    /// A target at this path: a ZIP if it ends in `.zip`, otherwise a directory.
    ///
    /// # Errors
    /// It already exists; its parent directory cannot be created or written.
    pub fn open(to: &Path, force: bool) -> Result<Self, Failure> {
        let zipped = may_open(to, force)?;
        let above = folder_of(to);
        std::fs::create_dir_all(above).map_err(|error| unwritable(above, error))?;
        appeal_files::parts::sweep(above);
        let work = tempfile::Builder::new()
            .prefix(".appeal-export-")
            .suffix(".part")
            .tempdir_in(above)
            .map_err(|error| unwritable(above, error))?;
        let zip = if zipped {
            let file = NamedTempFile::new_in(work.path()).map_err(|error| unwritable(work.path(), error))?;
            // The archive may grow over 4 GB; no file in it does without saying so.
            Some(ZipWriter::new(BufWriter::with_capacity(256 * 1024, file)).set_auto_large_file())
        } else {
            let tree = work.path().join(TREE);
            std::fs::create_dir(&tree).map_err(|error| unwritable(&tree, error))?;
            None
        };
        Ok(Self { to: to.to_owned(), force, work, zip })
    }

    /// A directory for downloads in progress.
    pub fn place(&self) -> &Path {
        self.work.path()
    }

    /// Adds a file under a path that is relative and has `/` between its parts.
    ///
    /// # Errors
    /// It cannot be written, or something of that name was added before.
    pub fn add(&mut self, name: &str, at: Timestamp, mut file: NamedTempFile) -> Result<(), Failure> {
        let Some(zip) = &mut self.zip else { return self.put(name, at, file) };
        file.rewind()?;
        // What is compressed already only takes time.
        let packed = [".json", ".csv", ".doc"].iter().any(|ending| name.ends_with(ending));
        let options = SimpleFileOptions::default()
            .compression_method(if packed { CompressionMethod::Deflated } else { CompressionMethod::Stored })
            .last_modified_time(stamp(at))
            .unix_permissions(0o644);
        let failed = |error: zip::result::ZipError| Failure::from(std::io::Error::from(error));
        zip.start_file(name, options).map_err(failed)?;
        std::io::copy(&mut file, zip)?;
        Ok(())
    }

    fn put(&self, name: &str, at: Timestamp, file: NamedTempFile) -> Result<(), Failure> {
        let path = self.work.path().join(TREE).join(name);
        let above = folder_of(&path);
        std::fs::create_dir_all(above).map_err(|error| unwritable(above, error))?;
        file.as_file().set_modified(SystemTime::from(at))?;
        file.persist_noclobber(&path).map(drop).map_err(|refused| unwritable(&path, refused.error))
    }

    /// Renames the export to its final name.
    ///
    /// # Errors
    /// The name was taken in the meantime; the disk is full.
    pub fn finish(self, at: Timestamp) -> Result<PathBuf, Failure> {
        match self.zip {
            Some(zip) => {
                let buffer = zip.finish().map_err(|error| Failure::from(std::io::Error::from(error)))?;
                let mut file = buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                file.flush()?;
                file.as_file().set_modified(SystemTime::from(at))?;
                file.as_file().sync_all()?;
                settle(file, &self.to, self.force)?;
            }
            None => {
                may_fill(&self.to)?;
                // An empty directory is replaced.
                match std::fs::remove_dir(&self.to) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(unwritable(&self.to, error));
                    }
                    _ => {}
                }
                let tree = self.work.path().join(TREE);
                std::fs::rename(tree, &self.to).map_err(|error| unwritable(&self.to, error))?;
            }
        }
        Ok(self.to)
    }
}

/// Whether an export to this path would be a ZIP.
///
/// # Errors
/// It is there already.
pub fn may_open(to: &Path, force: bool) -> Result<bool, Failure> {
    let zipped = to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    if to.as_os_str().is_empty() || to == Path::new("-") {
        return Err(Failure::usage_message("--to", message!("export-to-special")));
    }
    if zipped {
        may_write(to, force)?;
    } else {
        may_fill(to)?;
    }
    Ok(zipped)
}

/// Rejects a directory that is not empty, and anything that is not a directory.
fn may_fill(dir: &Path) -> Result<(), Failure> {
    let path = dir.display().to_string();
    let refuse = |message: Message| Failure::from_message(Exit::Invalid, "exists", message);
    match std::fs::symlink_metadata(dir) {
        Err(_) => Ok(()),
        Ok(found) if !found.is_dir() => Err(refuse(message!("failure-special-file", path))),
        Ok(_) => match std::fs::read_dir(dir).map_err(|error| unwritable(dir, error))?.next() {
            None => Ok(()),
            Some(_) => Err(refuse(message!("failure-folder-not-empty", path))),
        },
    }
}

/// A moment as ZIPs have it: to two seconds, from 1980 on; in UTC, so that it is the same everywhere.
fn stamp(at: Timestamp) -> DateTime {
    let at = at.to_zoned(TimeZone::UTC);
    let small = |n: i8| u8::try_from(n).unwrap_or_default();
    DateTime::from_date_and_time(
        u16::try_from(at.year()).unwrap_or_default(),
        small(at.month()),
        small(at.day()),
        small(at.hour()),
        small(at.minute()),
        small(at.second()),
    )
    .unwrap_or_default()
}
