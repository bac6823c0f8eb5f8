//! A file that remembers how far a feed of changes was read: the cursor and a newline. It is replaced whole, so that a
//! crash leaves either the old place or the new one.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Exit, Failure};

/// Longest cursor file, in bytes: far above any cursor, so that a wrong file named by mistake is not read in.
const LONGEST: u64 = 4096;

/// The file of `--cursor-file`.
#[derive(Debug, Clone)]
pub struct CursorFile {
    path: PathBuf,
}

impl CursorFile {
    /// The file at this path; it need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cursor in it; none where the file is not there or empty.
    ///
    /// # Errors
    /// It cannot be read, or holds something that is no cursor: it is left as it is (exit 3).
    pub fn read(&self) -> Result<Option<String>, Failure> {
        let place = self.path.display().to_string();
        let meta = match std::fs::metadata(&self.path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.broken(&error)),
        };
        if !meta.is_file() || meta.len() > LONGEST {
            return Err(Failure::told(
                Exit::Invalid,
                "cursor_file",
                "cursor-file-other",
                &[("path", &place)],
            ));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|error| self.broken(&error))?;
        let cursor = text.trim();
        if cursor.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Failure::told(
                Exit::Invalid,
                "cursor_file",
                "cursor-file-other",
                &[("path", &place)],
            ));
        }
        Ok(Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()))
    }

    /// When it was last written; none where it is not there.
    pub fn written_at(&self) -> Option<Timestamp> {
        let at = std::fs::metadata(&self.path).ok()?.modified().ok()?;
        Timestamp::try_from(at).ok()
    }

    /// Puts the cursor into it: written beside it, synchronised, renamed over it.
    ///
    /// # Errors
    /// The folder cannot be written (exit 3 where the path is wrong, 1 for a full disk).
    pub fn write(&self, cursor: &str) -> Result<(), Failure> {
        self.replace(cursor).map_err(|error| self.broken(&error))
    }

    fn replace(&self, cursor: &str) -> std::io::Result<()> {
        // A link stays a link, and the file it leads to is replaced.
        let target = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".cursor-").tempfile_in(folder)?;
        writeln!(file, "{cursor}")?;
        file.as_file().sync_all()?;
        file.persist(&target).map_err(|error| error.error)?;
        // The name itself lasts only when its folder is on the disk too; where a folder cannot be synchronised, the
        // file system has no notion of it.
        if let Ok(folder) = std::fs::File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn broken(&self, error: &std::io::Error) -> Failure {
        super::texts::unreadable(&self.path.display().to_string(), error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn what_is_not_there_or_empty_has_no_cursor() {
        let dir = folder();
        let file = CursorFile::new(dir.path().join("cursor"));
        assert_eq!(file.read().unwrap(), None);
        std::fs::write(file.path(), "\n").unwrap();
        assert_eq!(file.read().unwrap(), None);
    }

    #[test]
    fn another_file_is_refused_and_left_alone() {
        let dir = folder();
        let path = dir.path().join("letter.txt");
        for content in ["two words\n".to_owned(), "x".repeat(5000)] {
            std::fs::write(&path, &content).unwrap();
            assert_eq!(CursorFile::new(&path).read().unwrap_err().exit, Exit::Invalid);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(CursorFile::new(dir.path()).read().unwrap_err().exit, Exit::Invalid);
    }

    #[test]
    fn a_failed_write_leaves_the_old_cursor_and_no_litter() {
        let dir = folder();
        let missing = CursorFile::new(dir.path().join("no").join("such"));
        assert!(missing.write("a").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    /// A reader that looks while the file is replaced again and again sees one of the cursors, whole.
    #[test]
    fn a_reader_never_sees_half_a_cursor() {
        let dir = folder();
        let file = CursorFile::new(dir.path().join("cursor"));
        file.write(&"a".repeat(900)).unwrap();
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for n in 0..200 {
                    let letter = if n % 2 == 0 { "b" } else { "a" };
                    file.write(&letter.repeat(900)).unwrap();
                }
            });
            for _ in 0..400 {
                let seen = file.read().unwrap().unwrap();
                assert_eq!(seen.len(), 900);
                assert!(seen.bytes().all(|b| b == seen.as_bytes()[0]));
            }
        });
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = folder();
        let real = dir.path().join("real");
        std::fs::write(&real, "old\n").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        CursorFile::new(&link).write("new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(cursors in prop::collection::vec("[A-Za-z0-9._:-]{1,80}", 1..8)) {
            let dir = folder();
            let file = CursorFile::new(dir.path().join("cursor"));
            for cursor in &cursors {
                file.write(cursor).unwrap();
                let read = file.read().unwrap();
                prop_assert_eq!(read.as_ref(), Some(cursor));
            }
        }
    }
}
