//! The journal of a batch: what was filed under which key, so that a run that was broken off is taken up where it
//! stopped and nothing is filed twice. JSON Lines, only ever appended to.
//!
//! A line `{"journal":"appeal-batch",…}` opens the part of one platform; an appeal filed there says nothing about
//! another one. Every row is written down before it is sent, and again with its number when it is filed. The
//! idempotency key of a row is derived from the journal's own random id and the row's key: where the answer was lost,
//! the next run sends the row under the same key, and the platform gives the first answer.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cli::{Exit, Failure};

/// The word by which a journal is known.
const KIND: &str = "appeal-batch";

/// An appeal that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its number.
    pub number: String,
    /// Digest of the row it was filed from.
    pub digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    journal: String,
    version: u32,
    id: String,
    place: String,
    input: String,
    at: jiff::Timestamp,
}

/// A line about a row.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    row: u64,
    key: String,
    digest: String,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    at: jiff::Timestamp,
}

/// A row on its way into the journal.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Which row it is.
    pub row: u64,
    /// Its key.
    pub key: &'a str,
    /// The digest of its content.
    pub digest: &'a str,
}

/// An open journal; nobody else has it open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    id: String,
    filed: HashMap<String, Filed>,
}

impl Journal {
    /// Reads the journal at this path, for what was filed at `place`. Nothing is written and nothing is made.
    ///
    /// # Errors
    /// It cannot be read, or is no journal (exit 3); another run has it open (exit 6).
    pub fn read(path: &Path, place: &str) -> Result<Journal, Failure> {
        let mut journal =
            Journal { path: path.to_owned(), file: None, id: String::new(), filed: HashMap::new() };
        match File::open(path) {
            Ok(file) => {
                journal.load(&file, place)?;
                Ok(journal)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(journal),
            Err(error) => Err(journal.broken(&error)),
        }
    }

    /// Opens the journal for writing, makes it where it is not there, and takes up the part of `place`. What is
    /// written here is on the disk when this returns.
    ///
    /// # Errors
    /// As [`Journal::read`]; it cannot be written.
    pub fn open(path: &Path, place: &str, input: &str, now: jiff::Timestamp) -> Result<Journal, Failure> {
        let mut journal =
            Journal { path: path.to_owned(), file: None, id: String::new(), filed: HashMap::new() };
        let open = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = open.map_err(|error| journal.broken(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.display().to_string();
                return Err(Failure::told(
                    Exit::Conflict,
                    "journal_busy",
                    "batch-journal-busy",
                    &[("path", &path)],
                ));
            }
            // A file system without locks is no reason not to file.
            Err(TryLockError::Error(_)) => {}
        }
        let current = journal.load(&file, place)?;
        let broken = |error: io::Error| Journal { file: None, ..Journal::none(path) }.broken(&error);
        mend(&mut file).map_err(broken)?;
        if journal.id.is_empty() {
            journal.id = uuid::Uuid::new_v4().to_string();
        }
        if !current {
            let header = Header {
                journal: KIND.to_owned(),
                version: 1,
                id: journal.id.clone(),
                place: place.to_owned(),
                input: input.to_owned(),
                at: now,
            };
            append(&mut file, &header).map_err(broken)?;
            file.sync_all().map_err(broken)?;
            // The name lasts only when its folder is on the disk too.
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if let Ok(folder) = File::open(folder) {
                let _ = folder.sync_all();
            }
        }
        journal.file = Some(file);
        Ok(journal)
    }

    fn none(path: &Path) -> Journal {
        Journal { path: path.to_owned(), file: None, id: String::new(), filed: HashMap::new() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was filed under this key.
    pub fn filed(&self, key: &str) -> Option<&Filed> {
        self.filed.get(key)
    }

    /// Any appeal that it says was filed here.
    pub fn any_filed(&self) -> Option<&str> {
        self.filed.values().next().map(|filed| filed.number.as_str())
    }

    /// The idempotency key of a row.
    pub fn idempotency_key(&self, key: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(self.id.as_bytes());
        digest.update([0]);
        digest.update(key.as_bytes());
        format!("batch-{}", &hex::encode(digest.finalize())[..40])
    }

    /// Writes rows down before they are sent; on the disk when this returns.
    ///
    /// # Errors
    /// The journal cannot be written: nothing may be sent.
    pub fn ahead(&mut self, entries: &[Entry<'_>], now: jiff::Timestamp) -> Result<(), Failure> {
        for entry in entries {
            self.write(*entry, "sending", None, None, now)?;
        }
        let result = self.file.as_ref().map_or(Ok(()), File::sync_data);
        result.map_err(|error| self.broken(&error))
    }

    /// A row was filed.
    ///
    /// # Errors
    /// The journal cannot be written. The row is filed all the same, and its idempotency key keeps it from being
    /// filed again.
    pub fn done(&mut self, entry: Entry<'_>, number: &str, now: jiff::Timestamp) -> Result<(), Failure> {
        self.write(entry, "filed", Some(number), None, now)?;
        let filed = Filed { number: number.to_owned(), digest: entry.digest.to_owned() };
        self.filed.insert(entry.key.to_owned(), filed);
        Ok(())
    }

    /// A row was refused, or its outcome is not known.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn failed(
        &mut self,
        entry: Entry<'_>,
        status: &str,
        error: &str,
        now: jiff::Timestamp,
    ) -> Result<(), Failure> {
        self.write(entry, status, None, Some(error), now)
    }

    /// Sees to it that everything written is on the disk.
    ///
    /// # Errors
    /// It is not.
    pub fn sync(&self) -> Result<(), Failure> {
        let result = self.file.as_ref().map_or(Ok(()), File::sync_data);
        result.map_err(|error| self.broken(&error))
    }

    fn write(
        &mut self,
        entry: Entry<'_>,
        status: &str,
        number: Option<&str>,
        error: Option<&str>,
        at: jiff::Timestamp,
    ) -> Result<(), Failure> {
        let line = Line {
            row: entry.row,
            key: entry.key.to_owned(),
            digest: entry.digest.to_owned(),
            status: status.to_owned(),
            number: number.map(str::to_owned),
            error: error.map(str::to_owned),
            at,
        };
        let result = self.file.as_mut().map_or(Ok(()), |file| append(file, &line));
        result.map_err(|error| self.broken(&error))
    }

    /// Reads all lines; true where the last part is this place's.
    fn load(&mut self, file: &File, place: &str) -> Result<bool, Failure> {
        let mut ours = false;
        let mut first = true;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|error| self.broken(&error))?;
            // A line without an end was cut short by a crash: what it says was not yet certain.
            if !line.ends_with(b"\n") {
                return if first && !line.is_empty() { Err(self.other()) } else { Ok(ours) };
            }
            if let Ok(header) = serde_json::from_slice::<Header>(&line) {
                if header.journal != KIND || header.version != 1 {
                    return Err(self.other());
                }
                ours = header.place == place;
                if ours {
                    self.id = header.id;
                }
            } else if first {
                return Err(self.other());
            } else if ours
                && let Ok(Line { key, digest, number: Some(number), status, .. }) =
                    serde_json::from_slice(&line)
                && status == "filed"
            {
                self.filed.insert(key, Filed { number, digest });
            }
            first = false;
        }
    }

    fn other(&self) -> Failure {
        let path = self.path.display().to_string();
        Failure::told(Exit::Invalid, "journal_other", "batch-journal-other", &[("path", &path)])
    }

    fn broken(&self, error: &io::Error) -> Failure {
        let path = self.path.display().to_string();
        Failure::told(
            Exit::of_file(error),
            "journal",
            "batch-journal-broken",
            &[("path", &path), ("error", &error.to_string())],
        )
    }
}

/// Ends a line that a crash cut short, so that the next one stands alone.
fn mend(file: &mut File) -> io::Result<()> {
    let end = file.seek(SeekFrom::End(0))?;
    if end == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::Start(end - 1))?;
    let mut last = [0u8];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// One line in one write: what appends at the same time cannot come between.
fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> jiff::Timestamp {
        "2026-11-10T12:00:00Z".parse().unwrap()
    }

    fn entry(key: &str) -> Entry<'_> {
        Entry { row: 1, key, digest: "d" }
    }

    fn path() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("batch.csv.journal.jsonl");
        (dir, path)
    }

    #[test]
    fn what_was_filed_is_known_to_the_next_run() {
        let (_dir, path) = path();
        let mut journal = Journal::open(&path, "here", "batch.csv", now()).unwrap();
        journal.ahead(&[entry("a"), entry("b")], now()).unwrap();
        journal.done(entry("a"), "2026-1", now()).unwrap();
        let key = journal.idempotency_key("b");
        drop(journal);
        let again = Journal::open(&path, "here", "batch.csv", now()).unwrap();
        assert_eq!(again.filed("a").map(|f| f.number.as_str()), Some("2026-1"));
        assert_eq!(again.filed("b"), None, "sent is not filed");
        assert_eq!(again.idempotency_key("b"), key, "the same key, for the answer that was lost");
        assert_ne!(again.idempotency_key("a"), key);
    }

    #[test]
    fn another_platform_has_its_own_part() {
        let (_dir, path) = path();
        let mut here = Journal::open(&path, "here", "x", now()).unwrap();
        here.done(entry("a"), "1", now()).unwrap();
        let key = here.idempotency_key("a");
        drop(here);
        let mut there = Journal::open(&path, "there", "x", now()).unwrap();
        assert_eq!(there.filed("a"), None);
        assert_ne!(there.idempotency_key("a"), key);
        there.done(entry("b"), "2", now()).unwrap();
        drop(there);
        let mut back = Journal::open(&path, "here", "x", now()).unwrap();
        assert!(back.filed("a").is_some() && back.filed("b").is_none());
        assert_eq!(back.idempotency_key("a"), key);
        back.done(entry("c"), "3", now()).unwrap();
        drop(back);
        let read = Journal::read(&path, "here").unwrap();
        assert!(read.filed("a").is_some() && read.filed("c").is_some());
    }

    #[test]
    fn a_line_cut_short_is_no_line() {
        let (_dir, path) = path();
        let mut journal = Journal::open(&path, "here", "x", now()).unwrap();
        journal.done(entry("a"), "1", now()).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let start = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
        // Wherever the crash was, the next run opens the journal and can go on.
        for end in start..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let mut journal = Journal::open(&path, "here", "x", now()).unwrap();
            assert_eq!(journal.filed("a"), None, "cut at {end}");
            journal.done(entry("b"), "2", now()).unwrap();
            drop(journal);
            assert!(Journal::read(&path, "here").unwrap().filed("b").is_some(), "cut at {end}");
        }
    }

    #[test]
    fn another_file_is_left_alone() {
        let (_dir, path) = path();
        for content in ["subject,text\n", "{\"a\":1}\n", "no line end"] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(Journal::open(&path, "here", "x", now()).unwrap_err().code, "journal_other");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn two_runs_at_once_are_one_too_many() {
        let (_dir, path) = path();
        let _first = Journal::open(&path, "here", "x", now()).unwrap();
        assert_eq!(Journal::open(&path, "here", "x", now()).unwrap_err().exit, Exit::Conflict);
    }

    #[test]
    fn reading_makes_nothing() {
        let (_dir, path) = path();
        assert_eq!(Journal::read(&path, "here").unwrap().filed("a"), None);
        assert!(!path.exists());
    }
}
