//! Temporary files next to the file that they become, so that a file is complete or not there at all. Those of processes
//! that were killed are removed by the next process that creates one in the same directory.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// Beginning and end of the names.
pub const PREFIX: &str = ".appeal-";
pub const SUFFIX: &str = ".part";

/// Nothing takes so long to write.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// Creates a temporary file in a directory, readable by its owner only.
///
/// # Errors
/// The directory cannot be written.
pub fn create(dir: &Path) -> io::Result<NamedTempFile> {
    sweep(dir);
    tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(dir)
}

/// Removes temporary files and directories that were left behind a day ago or earlier. What cannot be removed stays.
pub fn sweep(dir: &Path) {
    let now = SystemTime::now();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if !name.starts_with(PREFIX) || !name.ends_with(SUFFIX) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > STALE) {
            let path = entry.path();
            let _ =
                if metadata.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_behind_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - 2 * STALE;
        let left = |name: &str, modified: SystemTime| {
            let file = std::fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(modified).unwrap();
        };
        left(".appeal-old.part", old);
        left(".appeal-fresh.part", SystemTime::now());
        left("other.part", old);
        let _new = create(dir.path()).unwrap();
        let there = |name: &str| dir.path().join(name).exists();
        assert!(!there(".appeal-old.part") && there(".appeal-fresh.part") && there("other.part"));
    }
}
