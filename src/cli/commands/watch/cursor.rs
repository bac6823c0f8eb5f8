//! A file that stores the position in a feed of changes: the cursor and a newline. It is replaced atomically, so a crash
//! leaves either the old position or the new one. Only one run at a time can use it: two would print the same changes
//! twice and overwrite each other's position.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::cli::base::{Exit, Failure};
use appeal_i18n::message;

/// Maximum size of a cursor file, in bytes: far above any cursor, so that another file named by mistake is not read.
const LONGEST: u64 = 4096;

/// Suffix of temporary files that replace the cursor file.
const SUFFIX: &str = ".new";

/// The file of `--cursor-file`.
#[derive(Debug)]
pub struct CursorFile {
    path: PathBuf,
    /// A locked cursor file.
    held: Mutex<Option<File>>,
}

impl CursorFile {
    /// Returns the file at this path, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), held: Mutex::new(None) }
    }

    /// Locks the file until this value is dropped, and checks that it can be written: otherwise every run would print
    /// the same changes again. Removes temporary files left by a killed run.
    ///
    /// # Errors
    /// Another run has locked it (exit 6); its directory does not exist or cannot be written (exit 3).
    pub fn claim(&self) -> Result<(), Failure> {
        let locked = self.lock_existing()?;
        let (folder, _) = self.target();
        self.beside(&folder).map_err(|error| self.broken(&error))?;
        if locked {
            self.tidy(&folder);
        }
        Ok(())
    }

    /// Locks the file if it exists; false if it does not exist yet.
    fn lock_existing(&self) -> Result<bool, Failure> {
        // The holder replaces the file and locks the new one before it unlocks the old one. If the file is not at the
        // path any more, it was replaced.
        for _ in 0..100 {
            // Opening a pipe would block.
            if std::fs::metadata(&self.path).is_ok_and(|meta| !meta.is_file()) {
                return Err(self.other());
            }
            let file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(self.broken(&error)),
            };
            match file.try_lock() {
                Ok(()) if is_at(&file, &self.path) => {
                    self.hold(file);
                    return Ok(true);
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(self.busy()),
                // If the file system has no locks, the changes are followed anyway.
                Err(TryLockError::Error(_)) => return Ok(true),
            }
        }
        Err(self.busy())
    }

    fn hold(&self, file: File) {
        // Not kept open on systems that cannot replace an open file.
        if cfg!(unix) {
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        }
    }

    fn is_held(&self) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn busy(&self) -> Failure {
        let path = self.path.display().to_string();
        Failure::from_message(Exit::Conflict, "cursor_busy", message!("cursor-file-busy", path))
    }

    fn other(&self) -> Failure {
        let path = self.path.display().to_string();
        Failure::from_message(Exit::Invalid, "cursor_file", message!("cursor-file-other", path))
    }

    /// Returns the directory and the path of the file. A symbolic link is kept, and its target is replaced.
    fn target(&self) -> (PathBuf, PathBuf) {
        let target = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        (folder.to_owned(), target)
    }

    /// Creates a temporary file next to it, removed unless it is persisted.
    fn beside(&self, folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix(&self.prefix()).suffix(SUFFIX).tempfile_in(folder)
    }

    fn prefix(&self) -> std::ffi::OsString {
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(self.target().1.file_name().unwrap_or_default());
        prefix.push(".");
        prefix
    }

    /// Removes leftover temporary files.
    fn tidy(&self, folder: &Path) {
        let prefix = self.prefix();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            let random = name
                .strip_prefix(prefix.as_encoded_bytes())
                .and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
            if random.is_some_and(|r| r.len() == 6 && r.iter().all(u8::is_ascii_alphanumeric)) {
                // If it cannot be removed, it is only left over.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// The stored cursor; `None` if the file does not exist or is empty.
    ///
    /// # Errors
    /// The file cannot be read or does not hold a cursor; it is left unchanged (exit 3).
    pub fn read(&self) -> Result<Option<String>, Failure> {
        let meta = match std::fs::metadata(&self.path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.broken(&error)),
        };
        if !meta.is_file() || meta.len() > LONGEST {
            return Err(self.other());
        }
        let text = std::fs::read_to_string(&self.path).map_err(|error| self.broken(&error))?;
        let cursor = text.trim();
        if cursor.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(self.other());
        }
        Ok(Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()))
    }

    /// Time of the last write; `None` if the file does not exist.
    pub fn written_at(&self) -> Option<Timestamp> {
        let at = std::fs::metadata(&self.path).ok()?.modified().ok()?;
        Timestamp::try_from(at).ok()
    }

    /// Stores the cursor atomically: writes a temporary file, syncs it and renames it.
    ///
    /// # Errors
    /// The directory cannot be written (exit 3 for a wrong path, 1 for a full disk); another run started to use the file
    /// first (exit 6).
    pub fn write(&self, cursor: &str) -> Result<(), Failure> {
        if cfg!(unix) && !self.is_held() {
            self.lock_existing()?;
        }
        self.replace(cursor).map_err(|error| self.broken(&error))
    }

    fn replace(&self, cursor: &str) -> std::io::Result<()> {
        let (folder, target) = self.target();
        let mut file = self.beside(&folder)?;
        writeln!(file, "{cursor}")?;
        file.as_file().sync_all()?;
        // Locked before it becomes visible, so that it is never unlocked in between. On systems without locks there is
        // nothing to keep.
        let _ = file.as_file().try_lock();
        let file = file.persist(&target).map_err(|error| error.error)?;
        self.hold(file);
        // The new name is durable only after its directory is synced; if a directory cannot be synced, the file system
        // does not support it.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn broken(&self, error: &std::io::Error) -> Failure {
        crate::cli::args::texts::unreadable(&self.path.display().to_string(), error)
    }
}

/// Returns whether the path leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
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
        std::fs::write(&file.path, "\n").unwrap();
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

    /// A reader that opens the file while it is replaced repeatedly always sees a complete cursor.
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
    fn one_run_at_a_time_uses_it() {
        let dir = folder();
        let path = dir.path().join("cursor");
        std::fs::write(&path, "old\n").unwrap();
        let first = CursorFile::new(&path);
        first.claim().unwrap();
        let second = || CursorFile::new(&path).claim().map_err(|failure| failure.exit);
        assert_eq!(second(), Err(Exit::Conflict));
        // Still true after the file was replaced.
        first.write("new").unwrap();
        first.write("newer").unwrap();
        assert_eq!(second(), Err(Exit::Conflict));
        assert_eq!(CursorFile::new(&path).read().unwrap().as_deref(), Some("newer"));
        drop(first);
        assert_eq!(second(), Ok(()));
        // If the file did not exist when both runs started, the first writer owns it.
        let path = dir.path().join("other");
        let (first, second) = (CursorFile::new(&path), CursorFile::new(&path));
        first.claim().unwrap();
        second.claim().unwrap();
        first.write("1").unwrap();
        assert_eq!(second.write("2").map_err(|failure| failure.exit), Err(Exit::Conflict));
        assert_eq!(first.read().unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let dir = folder();
        for name in ["cursor", ".cursor.Ab12Cd.new", ".cursor.new", ".cursor.notes.new", ".other.Ab12Cd.new"]
        {
            std::fs::write(dir.path().join(name), "x\n").unwrap();
        }
        CursorFile::new(dir.path().join("cursor")).claim().unwrap();
        let mut left: Vec<String> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [".cursor.new", ".cursor.notes.new", ".other.Ab12Cd.new", "cursor"]);
        let missing = CursorFile::new(dir.path().join("none").join("cursor"));
        assert_eq!(missing.claim().map_err(|failure| failure.exit), Err(Exit::Invalid));
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
