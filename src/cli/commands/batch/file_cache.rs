//! Files named in rows: each is checked once, even if many rows name it. Also detects whether the files of a filed row
//! have changed since.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::journal::{FileStamp, Filed};
use crate::cli::record::Record;
use appeal_domain::{AttachmentPolicy, Finding};
use appeal_files::Checked;

/// Maximum number of remembered files.
const KNOWN: usize = 8192;

/// Results of file checks. Cleared when there are too many.
#[derive(Debug, Default)]
pub struct FileCache {
    known: Mutex<HashMap<PathBuf, Known>>,
}

#[derive(Debug)]
struct Known {
    size: u64,
    mtime: Option<i64>,
    policy: AttachmentPolicy,
    outcome: Result<Checked, Vec<Finding>>,
}

impl FileCache {
    /// Checks a file as [`appeal_files::check_path`] does, unless it was checked before and has not changed.
    ///
    /// # Errors
    /// Every finding.
    pub fn check(&self, path: &Path, policy: &AttachmentPolicy) -> Result<Checked, Vec<Finding>> {
        let Ok(metadata) = fs::metadata(path) else { return appeal_files::check_path(path, policy) };
        let (size, mtime) = (metadata.len(), mtime(&metadata));
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(path)
            && mtime.is_some()
            && (known.size, known.mtime) == (size, mtime)
            && known.policy == *policy
        {
            return known.outcome.clone();
        }
        drop(known);
        let outcome = appeal_files::check_path(path, policy);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.clear();
        }
        let value = Known { size, mtime, policy: policy.clone(), outcome: outcome.clone() };
        known.insert(path.to_owned(), value);
        outcome
    }

    /// The SHA-256 of a file, remembered or computed.
    fn sha256(&self, path: &Path, metadata: &Metadata) -> io::Result<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Known { size, mtime: at, outcome: Ok(file), .. }) = known.get(path)
            && at.is_some()
            && (*size, *at) == (metadata.len(), mtime(metadata))
        {
            return Ok(file.sha256.clone());
        }
        drop(known);
        let mut file = File::open(path)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(hex::encode(digest.finalize())),
                Ok(read) => digest.update(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// When a file was last changed, in nanoseconds since 1970.
fn mtime(metadata: &Metadata) -> Option<i64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}

/// What the journal records about a checked file.
pub fn stamp(file: &Checked) -> FileStamp {
    let metadata = fs::metadata(&file.path).ok().filter(|metadata| metadata.len() == file.size);
    FileStamp { size: file.size, mtime: metadata.as_ref().and_then(mtime), sha256: file.sha256.clone() }
}

/// A filed row and its current values.
#[derive(Debug)]
pub struct FiledRow {
    /// Its values.
    pub values: BTreeMap<String, Value>,
    /// The directory that its paths are relative to.
    pub base: PathBuf,
    /// What the journal recorded.
    pub filed: Filed,
    /// Results of file checks.
    pub files: std::sync::Arc<FileCache>,
}

impl FiledRow {
    /// Returns the recorded values, and the first file that has changed since. A deleted file is not a change.
    /// Blocking: reads files whose size or time differ.
    pub fn compare(self) -> (Filed, Option<PathBuf>) {
        if self.filed.files.is_empty() {
            return (self.filed, None);
        }
        let Ok(mut record) = Record::from_map(self.values) else { return (self.filed, None) };
        record.resolve(&self.base);
        let differs = |path: &Path, stamp: &FileStamp| {
            let Some(metadata) = fs::metadata(path).ok().filter(Metadata::is_file) else { return false };
            let same =
                metadata.len() == stamp.size && stamp.mtime.is_some() && stamp.mtime == mtime(&metadata);
            !same && self.files.sha256(path, &metadata).is_ok_and(|sha256| sha256 != stamp.sha256)
        };
        let changed = record
            .files()
            .into_iter()
            .map(|(path, _)| path)
            .zip(&self.filed.files)
            .find(|(path, stamp)| differs(path, stamp))
            .map(|(path, _)| path);
        (self.filed, changed)
    }
}
