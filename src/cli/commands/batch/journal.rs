//! The journal of a batch: what was filed under which key. An interrupted run continues from it, and nothing is filed
//! twice. JSON Lines, only ever appended to.
//!
//! A line `{"journal":"appeal-batch",…}` starts a section: the lines after it are about one platform, and what was
//! filed on one platform says nothing about another. All sections share a random id, because one platform may have
//! several names and recognises what was sent under another one. Every row is written before it is sent, and again with
//! its number when it is filed. The idempotency key of a row is derived from the random id and the row's key. If an
//! answer is lost, the next run sends the row under the same key, and the platform repeats its first answer.
//!
//! Only the journal has to survive a crash. The offsets in memory are read again by every run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use sha2::{Digest, Sha256};

use super::index::{self, Offsets, Table};
use crate::cli::base::{Exit, Failure};
use appeal_domain::Field;
use appeal_i18n::message;

/// Identifies the file as a journal.
const KIND: &str = "appeal-batch";
/// Status of a filed row.
const FILED: &str = "filed";
/// Bytes read at once to look up a line. Most lines are shorter.
const LINE: usize = 512;

/// The row of each key, and the offset of its last line.
type LastLines = Table<8, 10>;

/// A filed appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its number.
    pub number: String,
    /// Digest of the row.
    pub digest: String,
    /// Its files, in the order of the row.
    pub files: Vec<FileStamp>,
}

/// A file when its row was sent. If size and time are unchanged, it is not read again.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970, if the system provides it.
    pub mtime: Option<i64>,
    /// Its SHA-256.
    pub sha256: String,
}

/// The first line of a section.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    journal: String,
    version: u32,
    id: String,
    /// The platform.
    pub place: String,
    /// The input as the user named it.
    pub input: String,
    /// The edition of the fields by which columns are read. Version 0.1 named none.
    #[serde(default = "first_edition")]
    edition: u32,
    /// The options that determine the appeals.
    #[serde(default, skip_serializing_if = "BatchOptions::is_plain")]
    pub options: BatchOptions,
    /// When the section was started.
    pub at: jiff::Timestamp,
}

/// Options of a run that determine what is filed, so that `batch retry` can do the same.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchOptions {
    /// The file with the records; none for stdin.
    pub file: Option<PathBuf>,
    /// Treat warnings as errors.
    pub strict: bool,
    /// The template of texts: a file.
    pub text_template: Option<PathBuf>,
    /// The template of subjects.
    pub subject_template: Option<String>,
}

const fn first_edition() -> u32 {
    1
}

impl BatchOptions {
    fn is_plain(&self) -> bool {
        *self == BatchOptions::default()
    }
}

/// A line about a row.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Its number in the file.
    pub row: u64,
    /// Its key.
    pub key: String,
    digest: String,
    /// Its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileStamp>,
    /// `sending`, `filed`, `failed` or `unknown`.
    pub status: String,
    /// The number of the appeal, once it is filed.
    pub number: Option<String>,
    /// The error, in the form of results.
    pub error: Option<Value>,
    /// The time.
    pub at: jiff::Timestamp,
}

/// The content of a line about a row.
#[derive(Debug, Clone, Copy)]
pub struct RowEntry<'a> {
    /// Its number in the file.
    pub row: u64,
    /// Its key.
    pub key: &'a str,
    /// The digest of its content.
    pub digest: &'a str,
    /// Its files.
    pub files: &'a [FileStamp],
}

/// An open journal, locked against other runs.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    /// The file that names the process with the lock.
    held: Option<PathBuf>,
    id: String,
    /// The file, if it is open for reading only.
    read: Option<File>,
    /// Offsets of `filed` lines by key.
    filed: Offsets,
    /// Offsets of `filed` lines by number.
    numbers: Offsets,
    any_filed: Option<String>,
    header: Option<Header>,
    /// The edition of its first section; `None` while it is empty.
    edition: Option<u32>,
    /// The position up to which the file was read.
    loaded: LoadState,
}

/// How far a journal was read. It only grows, so the next read continues there.
#[derive(Debug, Default)]
struct LoadState {
    /// Bytes.
    to: u64,
    /// Whether the last section is about the requested platform.
    ours: bool,
    /// Other platforms, each with the last number filed there.
    others: Vec<(String, Option<String>)>,
    /// Identifies the file, even if it is renamed.
    file: Option<(u64, u64)>,
}

impl Journal {
    /// Reads what was filed at the platform `place`. Writes nothing, and creates nothing if there is no journal.
    ///
    /// # Errors
    /// It cannot be read or is not a journal (exit 3); another run has it open (exit 6).
    pub fn read(path: &Path, place: &str) -> Result<Journal, Failure> {
        let mut journal = Journal::empty(path);
        match open_regular(path, OpenOptions::new().read(true)) {
            Ok(file) => {
                journal.load(&file, place)?;
                journal.read = Some(file);
                Ok(journal)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(journal),
            Err(error) => Err(journal.broken(&error)),
        }
    }

    #[cfg(test)]
    pub fn open(
        path: &Path,
        place: &str,
        input: &str,
        options: &BatchOptions,
        now: jiff::Timestamp,
    ) -> Result<Journal, Failure> {
        Journal::empty(path).open_for_writing(place, input, options, now)
    }

    /// Opens the journal for writing, creates it if necessary, and continues the section of `place`. Reads the lines
    /// that were added since [`Journal::read`]. A new section is on the disk when this returns.
    ///
    /// # Errors
    /// Those of [`Journal::read`]; it cannot be written.
    pub fn open_for_writing(
        mut self,
        place: &str,
        input: &str,
        options: &BatchOptions,
        now: jiff::Timestamp,
    ) -> Result<Journal, Failure> {
        let path = self.path.clone();
        let path = path.as_path();
        let journal = &mut self;
        let open = open_regular(path, private(OpenOptions::new().read(true).append(true).create(true)));
        let mut file = open.map_err(|error| journal.broken(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(holder_of(path)).unwrap_or_default();
                let holder = if holder.trim().is_empty() { "?" } else { holder.trim() };
                let path = path.display().to_string();
                return Err(Failure::from_message(
                    Exit::Conflict,
                    "journal_busy",
                    message!("batch-journal-busy", path, holder),
                ));
            }
            // If the file system has no locks, rows are filed anyway.
            Err(TryLockError::Error(_)) => {}
        }
        let current = journal.load(&file, place)?;
        let broken = |error: io::Error| broken_at(path, &error);
        // This is only information for other processes, so rows are filed even if it cannot be written.
        let _ = fs::write(holder_of(path), holder_line(now));
        journal.held = Some(holder_of(path));
        end_torn_line(&mut file).map_err(broken)?;
        if journal.id.is_empty() {
            journal.id = uuid::Uuid::new_v4().to_string();
        }
        let current = current && journal.header.as_ref().is_some_and(|header| header.options == *options);
        if !current {
            let header = Header {
                journal: KIND.to_owned(),
                version: 1,
                id: journal.id.clone(),
                place: place.to_owned(),
                input: input.to_owned(),
                edition: journal.edition(),
                options: options.clone(),
                at: now,
            };
            append(&mut file, &header).map_err(broken)?;
            file.sync_all().map_err(broken)?;
            // The new name is durable only after its directory is synced as well.
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if let Ok(folder) = File::open(folder) {
                let _ = folder.sync_all();
            }
        }
        self.file = Some(file);
        self.read = None;
        Ok(self)
    }

    /// The other platforms in the journal, the last one first, each with the last number filed there. Empty if the
    /// journal has a section of the platform it was read for.
    pub fn other_places(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = if self.header.is_none() { self.loaded.others.as_slice() } else { &[] };
        let named = others.iter().rev().filter(|(place, _)| !place.is_empty());
        named.filter_map(|(place, filed)| Some((place.as_str(), filed.as_deref()?)))
    }

    fn empty(path: &Path) -> Journal {
        Journal {
            path: path.to_owned(),
            file: None,
            held: None,
            id: String::new(),
            read: None,
            filed: Offsets::default(),
            numbers: Offsets::default(),
            any_filed: None,
            header: None,
            edition: None,
            loaded: LoadState::default(),
        }
    }

    /// The edition of the fields by which columns are read: the one of the version that began the journal.
    pub fn edition(&self) -> u32 {
        self.edition.unwrap_or_else(Field::edition)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The row that was filed under this number.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn row_of(&self, number: &str) -> Result<Option<u64>, Failure> {
        let line = self.line(&self.numbers, number, |line| line.number.as_deref() == Some(number))?;
        Ok(line.map(|line| line.row))
    }

    /// What was filed under this key.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn filed(&self, key: &str) -> Result<Option<Filed>, Failure> {
        let line = self.line(&self.filed, key, |line| line.key == key)?;
        Ok(line.and_then(|Line { digest, files, number, .. }| Some(Filed { number: number?, digest, files })))
    }

    /// The last `filed` line that `is` accepts, among those whose offset is stored under the digest of `text`.
    fn line(
        &self,
        offsets: &Offsets,
        text: &str,
        is: impl Fn(&Line) -> bool,
    ) -> Result<Option<Line>, Failure> {
        let Some(mut file) = self.file.as_ref().or(self.read.as_ref()) else { return Ok(None) };
        let mut bytes = Vec::new();
        for offset in offsets.candidates(index::digest(text)) {
            bytes.clear();
            file.seek(SeekFrom::Start(index::unpack(offset))).map_err(|error| self.broken(&error))?;
            let read = BufReader::with_capacity(LINE, file).read_until(b'\n', &mut bytes);
            read.map_err(|error| self.broken(&error))?;
            if let Ok(line) = serde_json::from_slice::<Line>(&bytes)
                && line.status == FILED
                && is(&line)
            {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    /// Any appeal that was filed at this platform.
    pub fn any_filed(&self) -> Option<&str> {
        self.any_filed.as_deref()
    }

    /// The idempotency key of a row.
    pub fn idempotency_key(&self, key: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(self.id.as_bytes());
        digest.update([0]);
        digest.update(key.as_bytes());
        format!("batch-{}", &hex::encode(digest.finalize())[..40])
    }

    /// Records rows before they are sent. They are on the disk when this returns.
    ///
    /// # Errors
    /// The journal cannot be written; nothing may be sent.
    pub fn record_sending(&mut self, entries: &[RowEntry<'_>], now: jiff::Timestamp) -> Result<(), Failure> {
        for entry in entries {
            self.write(*entry, "sending", None, None, now)?;
        }
        let result = self.file.as_ref().map_or(Ok(()), File::sync_data);
        result.map_err(|error| self.broken(&error))
    }

    /// Records that a row was filed.
    ///
    /// # Errors
    /// The journal cannot be written. The row is filed all the same, and its idempotency key prevents a second filing.
    pub fn record_filed(
        &mut self,
        entry: RowEntry<'_>,
        number: &str,
        now: jiff::Timestamp,
    ) -> Result<(), Failure> {
        let offset = self.write(entry, FILED, Some(number), None, now)?;
        self.remember(entry.key, number, offset);
        Ok(())
    }

    fn remember(&mut self, key: &str, number: &str, offset: u64) {
        self.filed.add(index::digest(key), index::pack(offset));
        self.numbers.add(index::digest(number), index::pack(offset));
    }

    /// Records that a row was refused or that its outcome is unknown.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn record_failed(
        &mut self,
        entry: RowEntry<'_>,
        status: &str,
        error: &Value,
        now: jiff::Timestamp,
    ) -> Result<(), Failure> {
        self.write(entry, status, None, Some(error), now)?;
        Ok(())
    }

    /// Syncs the journal to the disk.
    ///
    /// # Errors
    /// The sync failed.
    pub fn sync(&self) -> Result<(), Failure> {
        let result = self.file.as_ref().map_or(Ok(()), File::sync_data);
        result.map_err(|error| self.broken(&error))
    }

    /// Appends a line; returns its offset.
    fn write(
        &mut self,
        entry: RowEntry<'_>,
        status: &str,
        number: Option<&str>,
        error: Option<&Value>,
        at: jiff::Timestamp,
    ) -> Result<u64, Failure> {
        let line = Line {
            row: entry.row,
            key: entry.key.to_owned(),
            digest: entry.digest.to_owned(),
            files: entry.files.to_vec(),
            status: status.to_owned(),
            number: number.map(str::to_owned),
            error: error.cloned(),
            at,
        };
        let result = self.file.as_mut().map_or(Ok(0), |file| append(file, &line));
        result.map_err(|error| self.broken(&error))
    }

    /// Reads the lines that were not read yet. True if the last section is about this platform.
    fn load(&mut self, mut file: &File, place: &str) -> Result<bool, Failure> {
        let broken = |error: io::Error| broken_at(&self.path, &error);
        let metadata = file.metadata().map_err(broken)?;
        let id = file_id(&metadata);
        if self.loaded.to > 0 && (id != self.loaded.file || metadata.len() < self.loaded.to) {
            // The file was replaced by another one.
            *self = Journal::empty(&self.path);
        }
        self.loaded.file = id;
        file.seek(SeekFrom::Start(self.loaded.to)).map_err(|error| self.broken(&error))?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|error| self.broken(&error))?;
            let first = self.loaded.to == 0;
            // A crash truncated this line before the row was recorded.
            if !line.ends_with(b"\n") {
                let other = first && !line.is_empty();
                return if other { Err(self.not_a_journal()) } else { Ok(self.loaded.ours) };
            }
            let offset = self.loaded.to;
            self.loaded.to += line.len() as u64;
            if let Ok(header) = serde_json::from_slice::<Header>(&line) {
                if header.journal != KIND || header.version != 1 {
                    return Err(self.not_a_journal());
                }
                self.edition.get_or_insert(header.edition);
                self.loaded.ours = header.place == place;
                if self.loaded.ours {
                    self.id.clone_from(&header.id);
                    self.header = Some(header);
                } else {
                    if self.id.is_empty() {
                        self.id.clone_from(&header.id);
                    }
                    self.loaded.others.retain(|(other, _)| *other != header.place);
                    self.loaded.others.push((header.place, None));
                }
            } else if first {
                return Err(self.not_a_journal());
            } else if is_header(&line) {
                // The platform of the following lines is unknown.
                self.loaded.ours = false;
                self.loaded.others.push((String::new(), None));
            } else if let Ok(Line { key, number: Some(number), status, .. }) = serde_json::from_slice(&line)
                && status == FILED
            {
                if !self.loaded.ours {
                    if let Some((_, filed)) = self.loaded.others.last_mut() {
                        *filed = Some(number);
                    }
                    continue;
                }
                self.any_filed.get_or_insert_with(|| number.clone());
                self.remember(&key, &number, offset);
            }
        }
    }

    fn not_a_journal(&self) -> Failure {
        let path = self.path.display().to_string();
        Failure::from_message(Exit::Invalid, "journal_other", message!("batch-journal-other", path))
    }

    fn broken(&self, error: &io::Error) -> Failure {
        broken_at(&self.path, error)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(held) = &self.held {
            let _ = fs::remove_file(held);
        }
    }
}

fn broken_at(path: &Path, error: &io::Error) -> Failure {
    let path = path.display().to_string();
    Failure::from_message(Exit::of_file(error), "journal", message!("batch-journal-broken", path, error))
}

/// Opens a regular file, or creates one. Reading a device would never end, and opening a pipe might never return.
fn open_regular(path: &Path, options: &OpenOptions) -> io::Result<File> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
        _ => options.open(path),
    }
}

/// A file that is created is for its owner only: a journal has numbers, keys and what was refused.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// True for a header, even if it cannot be parsed.
fn is_header(line: &[u8]) -> bool {
    line.starts_with(b"{\"journal\"")
}

/// Identifies a file independently of its name.
#[cfg(unix)]
fn file_id(metadata: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// The file next to the journal that identifies the process holding the lock.
/// Nothing in the journal itself is ever overwritten.
fn holder_of(path: &Path) -> PathBuf {
    // All names of a journal lead to the same file.
    let mut name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(".holder");
    name.into()
}

fn holder_line(now: jiff::Timestamp) -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let who = [user.trim(), host.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    format!("pid {} ({}, {now:.0})\n", std::process::id(), who.join("@"))
}

/// Reads a journal: returns its last header, and passes the last line about each row of that platform to `each`, by
/// row. Creates nothing.
///
/// # Errors
/// It does not exist (exit 5), cannot be read, or is not a journal (exit 3).
pub fn scan(path: &Path, mut each: impl FnMut(Line) -> Result<(), Failure>) -> Result<Header, Failure> {
    let file = open_regular(path, OpenOptions::new().read(true)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let path = path.display().to_string();
            Failure::from_message(Exit::NotFound, "no_journal", message!("batch-no-journal", path))
        }
        _ => broken_at(path, &error),
    })?;
    let other = || {
        let path = path.display().to_string();
        Failure::from_message(Exit::Invalid, "journal_other", message!("batch-journal-other", path))
    };
    let broken = |error: io::Error| broken_at(path, &error);
    // The last section determines the platform.
    let mut header: Option<Header> = None;
    let mut reader = BufReader::new(&file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).map_err(broken)? > 0 {
        if let Ok(found) = serde_json::from_slice::<Header>(&line) {
            header = Some(found);
        } else if header.is_none() {
            return Err(other());
        }
        line.clear();
    }
    let header = header.filter(|header| header.journal == KIND && header.version == 1).ok_or_else(other)?;
    let mut last = LastLines::default();
    reader.seek(SeekFrom::Start(0)).map_err(broken)?;
    let (mut place, mut ours) = (0, false);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            break;
        }
        if let Ok(found) = serde_json::from_slice::<Header>(&line) {
            ours = found.place == header.place;
        } else if is_header(&line) {
            ours = false;
        } else if ours && let Ok(Line { row, key, .. }) = serde_json::from_slice(&line) {
            let [a, b, c, d, e] = index::pack(row);
            let [f, g, h, i, j] = index::pack(place);
            last.put(index::digest(&key), [a, b, c, d, e, f, g, h, i, j]);
        }
        place += read as u64;
    }
    for [.., f, g, h, i, j] in last.into_sorted_values() {
        reader.seek(SeekFrom::Start(index::unpack([f, g, h, i, j]))).map_err(broken)?;
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(broken)?;
        each(serde_json::from_slice(&line).map_err(|error| broken(error.into()))?)?;
    }
    Ok(header)
}

/// Ends a line that a crash truncated, so that the next one starts on its own.
fn end_torn_line(file: &mut File) -> io::Result<()> {
    let end = file.seek(SeekFrom::End(0))?;
    if end == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::Start(end - 1))?;
    let mut last = [0u8];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// Appends a line in one write, so that lines of other processes are not mixed in. Returns its offset.
fn append(file: &mut File, line: &impl Serialize) -> io::Result<u64> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    Ok(file.seek(SeekFrom::End(0))?.saturating_sub(bytes.len() as u64))
}

#[cfg(test)]
mod tests;
