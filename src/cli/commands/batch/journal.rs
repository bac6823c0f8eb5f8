//! The journal of a batch: what was filed under which key, so that a run that was broken off is taken up where it
//! stopped and nothing is filed twice. JSON Lines, only ever appended to.
//!
//! A line `{"journal":"appeal-batch",…}` opens the part of one platform; an appeal filed there says nothing about
//! another one. One platform may go by several names, so all parts share the random id: what was sent to it under one
//! name is recognised by the platform under another. Every row is written down before it is sent, and again with its number when it is filed. The
//! idempotency key of a row is derived from the journal's own random id and the row's key: where the answer was lost,
//! the next run sends the row under the same key, and the platform gives the first answer.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::index::{self, Offsets, Table};
use crate::cli::base::{Exit, Failure};

/// The word by which a journal is known.
const KIND: &str = "appeal-batch";
/// The status of a row that was filed.
const FILED: &str = "filed";
/// Bytes that are read at once where one line is looked up: most lines are shorter.
const LINE: usize = 512;

/// For each key, its row and the offset of the last line about it.
type LastLines = Table<8, 10>;

/// An appeal that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its number.
    pub number: String,
    /// Digest of the row it was filed from.
    pub digest: String,
    /// The files it was filed with, in the order of the row.
    pub files: Vec<Stamp>,
}

/// A file as it was when its row was sent. Size and time say without reading it that it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it was last changed, in nanoseconds since 1970; none where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtime: Option<i64>,
    /// Its SHA-256.
    pub sha256: String,
}

/// The line that opens the part of a platform.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    journal: String,
    version: u32,
    id: String,
    /// The platform.
    pub place: String,
    /// What the records were read from, as it was named.
    pub input: String,
    /// How the records were made into appeals.
    #[serde(default, skip_serializing_if = "Options::is_plain")]
    pub options: Options,
    /// When it was opened.
    pub at: jiff::Timestamp,
}

/// What a run was told that decides on what is filed, so that another one can do the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The file with the records; none for stdin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Warnings are errors.
    pub strict: bool,
    /// The file with the template of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_template: Option<PathBuf>,
    /// The template of subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_template: Option<String>,
}

impl Options {
    fn is_plain(&self) -> bool {
        *self == Options::default()
    }
}

/// A line about a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Which row it was.
    pub row: u64,
    /// Its key.
    pub key: String,
    digest: String,
    /// Its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<Stamp>,
    /// `sending`, `filed`, `failed` or `unknown`.
    pub status: String,
    /// The number, once it is filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What the platform said, as results have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// When.
    pub at: jiff::Timestamp,
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
    /// Its files.
    pub files: &'a [Stamp],
}

/// An open journal; nobody else has it open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    /// The file that says who holds it.
    held: Option<PathBuf>,
    id: String,
    /// The file as it was read, while it is not open for writing.
    read: Option<File>,
    /// Lines about rows that were filed, by their keys.
    filed: Offsets,
    /// The same, by the numbers of the appeals.
    numbers: Offsets,
    any_filed: Option<String>,
    header: Option<Header>,
    /// What is loaded of the file.
    loaded: Loaded,
}

/// How far a journal was read. It is only ever appended to, so the next reading goes on from there.
#[derive(Debug, Default)]
struct Loaded {
    /// Bytes.
    to: u64,
    /// The last part is of the place that is asked for.
    ours: bool,
    /// The other places, each with the last number that was filed there.
    others: Vec<(String, Option<String>)>,
    /// Which file it was.
    file: Option<(u64, u64)>,
}

impl Journal {
    /// Reads the journal at this path, for what was filed at `place`. Nothing is written and nothing is made.
    ///
    /// # Errors
    /// It cannot be read, or is no journal (exit 3); another run has it open (exit 6).
    pub fn read(path: &Path, place: &str) -> Result<Journal, Failure> {
        let mut journal = Journal::none(path);
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
        options: &Options,
        now: jiff::Timestamp,
    ) -> Result<Journal, Failure> {
        Journal::none(path).take_up(place, input, options, now)
    }

    /// Opens what was [read](Journal::read) for writing, makes it where it is not there, and takes up the part of
    /// `place`: what came to it meanwhile is read too. What is written here is on the disk when this returns.
    ///
    /// # Errors
    /// As [`Journal::read`]; it cannot be written.
    pub fn take_up(
        mut self,
        place: &str,
        input: &str,
        options: &Options,
        now: jiff::Timestamp,
    ) -> Result<Journal, Failure> {
        let path = self.path.clone();
        let path = path.as_path();
        let journal = &mut self;
        let open = open_regular(path, OpenOptions::new().read(true).append(true).create(true));
        let mut file = open.map_err(|error| journal.broken(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(holder_of(path)).unwrap_or_default();
                let holder = if holder.trim().is_empty() { "?" } else { holder.trim() };
                let path = path.display().to_string();
                return Err(Failure::told(
                    Exit::Conflict,
                    "journal_busy",
                    "batch-journal-busy",
                    &[("path", &path), ("holder", holder)],
                ));
            }
            // A file system without locks is no reason not to file.
            Err(TryLockError::Error(_)) => {}
        }
        let current = journal.load(&file, place)?;
        let broken = |error: io::Error| broken_at(path, &error);
        // For who comes second; that it cannot be written is no reason not to file.
        let _ = fs::write(holder_of(path), holder_line(now));
        journal.held = Some(holder_of(path));
        mend(&mut file).map_err(broken)?;
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
                options: options.clone(),
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
        self.file = Some(file);
        self.read = None;
        Ok(self)
    }

    /// The other places that it has parts of, the last one first, each with the last number that was filed there; none
    /// where it has a part of the place it was read for.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = if self.header.is_none() { self.loaded.others.as_slice() } else { &[] };
        let named = others.iter().rev().filter(|(place, _)| !place.is_empty());
        named.filter_map(|(place, filed)| Some((place.as_str(), filed.as_deref()?)))
    }

    fn none(path: &Path) -> Journal {
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
            loaded: Loaded::default(),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The row that it says was filed here under this number.
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

    /// The last line about a row that was filed which belongs to a digest and which is the right one.
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

    /// Any appeal that it says was filed here.
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
        let offset = self.write(entry, FILED, Some(number), None, now)?;
        self.keep(entry.key, number, offset);
        Ok(())
    }

    fn keep(&mut self, key: &str, number: &str, offset: u64) {
        self.filed.add(index::digest(key), index::pack(offset));
        self.numbers.add(index::digest(number), index::pack(offset));
    }

    /// A row was refused, or its outcome is not known.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn failed(
        &mut self,
        entry: Entry<'_>,
        status: &str,
        error: &Value,
        now: jiff::Timestamp,
    ) -> Result<(), Failure> {
        self.write(entry, status, None, Some(error), now)?;
        Ok(())
    }

    /// Sees to it that everything written is on the disk.
    ///
    /// # Errors
    /// It is not.
    pub fn sync(&self) -> Result<(), Failure> {
        let result = self.file.as_ref().map_or(Ok(()), File::sync_data);
        result.map_err(|error| self.broken(&error))
    }

    /// Appends a line; returns its offset.
    fn write(
        &mut self,
        entry: Entry<'_>,
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

    /// Reads the lines that were not read yet; true where the last part is this place's.
    fn load(&mut self, mut file: &File, place: &str) -> Result<bool, Failure> {
        let broken = |error: io::Error| broken_at(&self.path, &error);
        let metadata = file.metadata().map_err(broken)?;
        let which = which(&metadata);
        if self.loaded.to > 0 && (which != self.loaded.file || metadata.len() < self.loaded.to) {
            // Another file under the same name: what was read is not in it.
            *self = Journal::none(&self.path);
        }
        self.loaded.file = which;
        file.seek(SeekFrom::Start(self.loaded.to)).map_err(|error| self.broken(&error))?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|error| self.broken(&error))?;
            let first = self.loaded.to == 0;
            // A line without an end was cut short by a crash: what it says was not yet certain.
            if !line.ends_with(b"\n") {
                let other = first && !line.is_empty();
                return if other { Err(self.other()) } else { Ok(self.loaded.ours) };
            }
            let offset = self.loaded.to;
            self.loaded.to += line.len() as u64;
            if let Ok(header) = serde_json::from_slice::<Header>(&line) {
                if header.journal != KIND || header.version != 1 {
                    return Err(self.other());
                }
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
                return Err(self.other());
            } else if is_header(&line) {
                // Whose the lines behind it are cannot be known any more.
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
                self.keep(&key, &number, offset);
            }
        }
    }

    fn other(&self) -> Failure {
        let path = self.path.display().to_string();
        Failure::told(Exit::Invalid, "journal_other", "batch-journal-other", &[("path", &path)])
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
    Failure::told(
        Exit::of_file(error),
        "journal",
        "batch-journal-broken",
        &[("path", &path), ("error", &error.to_string())],
    )
}

/// Opens what is a file or not there yet: a device would never end, and a pipe would never begin.
fn open_regular(path: &Path, options: &OpenOptions) -> io::Result<File> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
        _ => options.open(path),
    }
}

/// A header, as far as it can be read.
fn is_header(line: &[u8]) -> bool {
    line.starts_with(b"{\"journal\"")
}

/// Which file it is, whatever its name.
#[cfg(unix)]
fn which(metadata: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn which(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// Where it is written who holds a journal: beside it, since nothing is ever overwritten in the journal itself.
fn holder_of(path: &Path) -> PathBuf {
    // The same file for all the names that a journal goes by.
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

/// Goes through a journal: its last header, and the last line about each row of that part's platform, by row. Nothing
/// is made.
///
/// # Errors
/// It is not there (exit 5), cannot be read, or is no journal (exit 3).
pub fn scan(path: &Path, mut each: impl FnMut(Line) -> Result<(), Failure>) -> Result<Header, Failure> {
    let file = open_regular(path, OpenOptions::new().read(true)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let path = path.display().to_string();
            Failure::told(Exit::NotFound, "no_journal", "batch-no-journal", &[("path", &path)])
        }
        _ => broken_at(path, &error),
    })?;
    let other = || {
        let path = path.display().to_string();
        Failure::told(Exit::Invalid, "journal_other", "batch-journal-other", &[("path", &path)])
    };
    let broken = |error: io::Error| broken_at(path, &error);
    // The last part decides which platform it is about.
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

/// One line in one write: what appends at the same time cannot come between. Returns the offset of the line.
fn append(file: &mut File, line: &impl Serialize) -> io::Result<u64> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    Ok(file.seek(SeekFrom::End(0))?.saturating_sub(bytes.len() as u64))
}

#[cfg(test)]
mod tests;
