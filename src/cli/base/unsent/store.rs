//! Files of unsent texts: one JSON file each, readable by the owner only, in the state directory or, if that cannot be
//! written, in the directory of temporary files. Files of version 0.1 are read too.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::cli::base::exit::Exit;
use crate::cli::base::failure::Failure;
use crate::cli::base::globals::Platform;
use appeal_i18n::message;

/// Prefix of our files in a directory that other programs use too.
const PREFIX: &str = "appeal-unsent-";

/// Number of digits of an id.
const DIGITS: usize = 8;

/// The state of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Complete, but sending failed.
    Unsent,
    /// The editor or the prompts were interrupted: it is only sent after a review.
    Unfinished,
    /// Refused; it would be refused again as it is.
    Refused,
}

impl State {
    /// The vocabulary of the states, for labels.
    pub const VOCABULARY: &str = "unsent state";
}

/// A text that was not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The command that it was written for: `comment`, `operator answer`.
    pub command: String,
    /// Number of the appeal or draft, or login of the account; absent for a new appeal.
    #[serde(default)]
    pub number: Option<String>,
    /// The idempotency key it is sent under.
    pub key: String,
    /// The platform it is meant for.
    #[serde(flatten)]
    pub platform: Platform,
    pub state: State,
    /// What is sent, without its files.
    pub body: Map<String, Value>,
    /// Files that are sent with it.
    #[serde(default)]
    pub files: Vec<File>,
    /// The editor is open, or was when the process was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// When it was first stored.
    pub kept_at: Timestamp,
}

/// A file that is sent with a text.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub path: PathBuf,
    /// Code of the document that the file is.
    pub document: Option<String>,
}

/// A file that is open in an editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The member of the body with the text.
    pub member: String,
    pub path: PathBuf,
}

impl File {
    /// Returns the file with its absolute path, because the text may be sent from another directory.
    pub fn new(path: &Path, document: Option<String>) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // A name that is not UTF-8 must not prevent the text from being stored.
        Self { path: path.to_string_lossy().into_owned().into(), document }
    }
}

/// Members of a body that can be its text.
const MEMBERS: [&str; 4] = ["text", "reason", "remarks", "note"];

impl Entry {
    /// Returns the member of the body with the text.
    pub fn member(&self) -> &str {
        let drafted = self.draft.as_ref().map(|draft| draft.member.as_str());
        drafted
            .or_else(|| MEMBERS.into_iter().find(|member| self.body.contains_key(*member)))
            .unwrap_or(MEMBERS[0])
    }

    /// Returns the text, if there is one.
    pub fn text(&self) -> Option<&str> {
        self.body.get(self.member()).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }

    /// Returns a title: the subject, or else the first line of the text.
    pub fn title(&self) -> Option<&str> {
        let subject = self.body.get("subject").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        subject.or_else(|| self.text()?.lines().find(|line| !line.trim().is_empty()))
    }

    /// Replaces the text with what is in the file of the editor.
    pub fn with_draft(mut self) -> Self {
        if let Some(draft) = self.draft.take()
            && let Ok(text) = std::fs::read_to_string(&draft.path)
            && !text.trim().is_empty()
        {
            self.body.insert(draft.member, without_last_newline(&text).into());
        }
        self
    }

    /// Returns whether both have the same content, whenever they were stored.
    fn says_the_same(&self, other: &Self) -> bool {
        let Self { command, number, key, platform, state: _, body, files, draft, kept_at: _ } = self;
        *command == other.command
            && *number == other.number
            && *key == other.key
            && *platform == other.platform
            && *body == other.body
            && *files == other.files
            && *draft == other.draft
    }
}

/// A text without the newline that editors add at its end.
pub fn without_last_newline(text: &str) -> &str {
    match text.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => text,
    }
}

/// A stored text and its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: String,
    pub path: PathBuf,
    pub content: Content,
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Entry(Box<Entry>),
    /// Changes to an appeal, stored by version 0.1 without the number.
    Changes(Map<String, Value>),
    /// The text of a flag, stored by version 0.1 without the command.
    Text {
        flag: String,
        key: String,
        text: String,
    },
}

/// Returns the directory: `appeal/unsent` in the XDG state directory.
pub fn directory() -> Option<PathBuf> {
    crate::config::paths::state_dir().map(|dir| dir.join("unsent"))
}

/// Returns whether this file is one of ours.
pub fn is_ours(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let within = |dir: PathBuf| dir.canonicalize().is_ok_and(|dir| path.parent() == Some(dir.as_path()));
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    directory().is_some_and(within) || named && within(std::env::temp_dir())
}

/// Returns the id of a file.
pub fn id(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    stem.strip_prefix(PREFIX).unwrap_or(&stem).to_owned()
}

/// Returns the first candidate for the id of a text with this key.
fn id_of_key(key: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(key.as_bytes()))[..DIGITS].to_owned()
}

/// Writes the entry to `own`, or to a new file. A command repeated with the same key and content reuses the file of the
/// earlier run.
///
/// # Errors
/// The file cannot be written.
pub fn write(entry: &Entry, own: Option<&Path>) -> io::Result<PathBuf> {
    let mut bytes = serde_json::to_vec_pretty(entry)?;
    bytes.push(b'\n');
    if let Some(path) = own {
        let dir = path.parent().ok_or(io::ErrorKind::NotFound)?;
        whole(dir, &bytes)?.persist(path)?;
        return Ok(path.to_owned());
    }
    let same = |path: &Path| {
        let there = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok());
        there.is_some_and(|there| there.says_the_same(entry))
    };
    place(&id_of_key(&entry.key), "json", &bytes, same)
}

/// Creates a file with this text for an editor.
///
/// # Errors
/// No directory is writable.
pub fn draft(key: &str, text: &str) -> io::Result<PathBuf> {
    place(&id_of_key(key), "txt", text.as_bytes(), |_| false)
}

/// Creates a file in the state directory or, if that fails, in the directory of temporary files.
fn place(id: &str, ending: &str, bytes: &[u8], same: impl Fn(&Path) -> bool) -> io::Result<PathBuf> {
    let ours = directory().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)).and_then(|dir| {
        private_dir(&dir)?;
        settle_in(&dir, id, ending, bytes, &same)
    });
    ours.or_else(|error| {
        let name = format!("{PREFIX}{id}");
        settle_in(&std::env::temp_dir(), &name, ending, bytes, &same).map_err(|_| error)
    })
}

/// Creates a file under this name, or under the next one that is free or satisfies `same`.
fn settle_in(
    dir: &Path,
    name: &str,
    ending: &str,
    bytes: &[u8],
    same: impl Fn(&Path) -> bool,
) -> io::Result<PathBuf> {
    let mut file = whole(dir, bytes)?;
    for number in 1..1000 {
        let path = match number {
            1 => dir.join(format!("{name}.{ending}")),
            _ => dir.join(format!("{name}-{number}.{ending}")),
        };
        if same(&path) {
            file.persist(&path)?;
            return Ok(path);
        }
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => file = taken.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Creates a complete, synced temporary file that only its owner can read.
fn whole(dir: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = appeal_files::parts::create(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn private_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)
}

/// Returns all unsent texts, the oldest first.
///
/// # Errors
/// The directory cannot be read.
pub fn all() -> io::Result<Vec<Stored>> {
    let mut found = Vec::new();
    if let Some(dir) = directory() {
        gather(&dir, "", &mut found)?;
    }
    gather(&std::env::temp_dir(), PREFIX, &mut found)?;
    // A file that is open in an editor belongs to an entry.
    let drafts: Vec<PathBuf> = found
        .iter()
        .filter_map(|stored| match &stored.content {
            Content::Entry(entry) => entry.draft.as_ref().map(|draft| draft.path.clone()),
            Content::Changes(_) | Content::Text { .. } => None,
        })
        .collect();
    found.retain(|stored| !drafts.contains(&stored.path));
    found.sort_by_cached_key(|stored| (stored.kept_at(), stored.id.clone()));
    Ok(found)
}

impl Stored {
    /// Returns when it was stored.
    pub fn kept_at(&self) -> Timestamp {
        match &self.content {
            Content::Entry(entry) => entry.kept_at,
            Content::Changes(_) | Content::Text { .. } => modified(&self.path),
        }
    }

    /// Removes the file, and that of the editor.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        match &self.content {
            Content::Entry(entry) => remove(&self.path, entry.draft.as_ref()),
            Content::Changes(_) | Content::Text { .. } => remove(&self.path, None),
        }
    }
}

fn modified(path: &Path) -> Timestamp {
    let at = std::fs::metadata(path).and_then(|found| found.modified()).ok();
    at.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or_default()
}

/// Reads the user's own files with this prefix in a directory.
fn gather(dir: &Path, prefix: &str, found: &mut Vec<Stored>) -> io::Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound || !prefix.is_empty() => return Ok(()),
        // Part of the path is not a directory, so the texts are in the directory of temporary files.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(name) = name.strip_prefix(prefix).filter(|name| !name.starts_with('.')) else { continue };
        if !path.symlink_metadata().is_ok_and(|found| found.is_file() && is_own(&found)) {
            continue;
        }
        // A file that was removed in the meantime has been sent.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if let Some(content) = read(name, text, &path) {
            found.push(Stored { id: id(&path), path, content });
        }
    }
    Ok(())
}

/// Parses a file: an entry, or a file of version 0.1.
fn read(name: &str, text: String, path: &Path) -> Option<Content> {
    let (stem, ending) = name.rsplit_once('.')?;
    if ending == "txt" {
        let (key, flag) = stem.rsplit_once('-').filter(|(_, flag)| MEMBERS.contains(flag))?;
        return Some(Content::Text { flag: flag.to_owned(), key: key.to_owned(), text });
    }
    if let Ok(entry) = serde_json::from_str::<Entry>(&text) {
        return Some(Content::Entry(Box::new(entry)));
    }
    let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&text) else { return None };
    if stem.ends_with("-edit") {
        return Some(Content::Changes(body));
    }
    let key = body.remove("idempotency_key").and_then(|key| key.as_str().map(str::to_owned))?;
    let files = take_files(&mut body);
    Some(Content::Entry(Box::new(Entry {
        command: "create".to_owned(),
        number: None,
        key,
        platform: Platform::default(),
        // Version 0.1 did not record whether it was written for `create` or `operator register`.
        state: State::Unfinished,
        body,
        files,
        draft: None,
        kept_at: modified(path),
    })))
}

/// Removes the files from a record and returns them.
pub fn take_files(record: &mut Map<String, Value>) -> Vec<File> {
    let mut files = Vec::new();
    let path = |value: &Value| value.as_str().map(PathBuf::from);
    if let Some(Value::Array(paths)) = record.remove("attach") {
        files.extend(paths.iter().filter_map(path).map(|path| File::new(&path, None)));
    }
    if let Some(Value::Array(documents)) = record.remove("documents") {
        for (code, file) in documents.iter().filter_map(Value::as_object).flatten() {
            files.extend(path(file).map(|path| File::new(&path, Some(code.clone()))));
        }
    }
    files
}

#[cfg(unix)]
fn is_own(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    // Any user can create files in a temporary directory.
    found.mode() & 0o022 == 0 && std::fs::metadata("/proc/self").map_or(true, |own| own.uid() == found.uid())
}

#[cfg(not(unix))]
fn is_own(_: &std::fs::Metadata) -> bool {
    true
}

/// Returns the text with this id or unique prefix of an id.
///
/// # Errors
/// No text matches (exit 5); several match (exit 2).
pub fn find(id: &str) -> Result<Stored, Failure> {
    let mut all = all()?;
    if let Some(at) = all.iter().position(|stored| stored.id == id) {
        return Ok(all.swap_remove(at));
    }
    all.retain(|stored| !id.is_empty() && stored.id.starts_with(id));
    match all.len() {
        0 => Err(Failure::from_message(Exit::NotFound, "not_found", message!("unsent-unknown", id))),
        1 => Ok(all.swap_remove(0)),
        _ => {
            let ids: Vec<&str> = all.iter().map(|stored| stored.id.as_str()).collect();
            let message = message!("unsent-ambiguous", id, ids = ids.join(", "));
            Err(Failure::from_message(Exit::Usage, "usage", message))
        }
    }
}

/// Removes a text and the file of its editor.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path, draft: Option<&Draft>) -> io::Result<()> {
    if let Some(draft) = draft {
        // If this file cannot be deleted, it is only left over.
        let _ = std::fs::remove_file(&draft.path);
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn entry() -> Entry {
        Entry {
            command: "comment".into(),
            number: Some("N".into()),
            key: "k".into(),
            platform: Platform { server: Some("https://x.example/".into()), ..Platform::default() },
            state: State::Unsent,
            body: object(json!({ "text": "Строка\n", "internal": false })),
            files: vec![File { path: "/a.pdf".into(), document: Some("bill".into()) }],
            draft: None,
            kept_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn read_json(name: &str, value: &impl Serialize) -> Option<Content> {
        read(name, serde_json::to_string(value).unwrap(), Path::new(name))
    }

    #[test]
    fn an_entry_is_read_back() {
        assert_eq!(read_json("k.json", &entry()), Some(Content::Entry(Box::new(entry()))));
    }

    #[test]
    fn a_record_of_version_0_1_is_a_new_appeal_to_look_at() {
        let record = json!({
            "subject": "s", "text": "t", "idempotency_key": "k", "attach": ["/a.pdf"],
            "documents": [{ "bill": "/b.pdf" }],
        });
        let Some(Content::Entry(entry)) = read_json("k.json", &record) else { panic!("no entry") };
        assert_eq!((entry.command.as_str(), entry.key.as_str()), ("create", "k"));
        assert_eq!(
            (entry.state, entry.body),
            (State::Unfinished, object(json!({ "subject": "s", "text": "t" })))
        );
        let bill = File { path: "/b.pdf".into(), document: Some("bill".into()) };
        assert_eq!(entry.files, [File { path: "/a.pdf".into(), document: None }, bill]);
    }

    #[test]
    fn changes_and_texts_of_version_0_1_are_told_apart() {
        let edit = json!({ "subject": "s" });
        assert_eq!(read_json("k-edit.json", &edit), Some(Content::Changes(object(edit.clone()))));
        assert_eq!(read_json("k.json", &edit), None);
        let text = Content::Text { flag: "reason".into(), key: "a-b".into(), text: "t".into() };
        assert_eq!(read("a-b-reason.txt", "t".into(), Path::new("x")), Some(text));
    }

    #[test]
    fn a_file_with_something_else_in_it_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let keep = |bytes: &[u8], same: bool| settle_in(dir.path(), "k", "json", bytes, |_| same).unwrap();
        let (first, second) = (keep(b"one", false), keep(b"two", false));
        assert_ne!(first, second);
        assert_eq!(std::fs::read(&first).unwrap(), b"one");
        assert_eq!(keep(b"three", true), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&second).unwrap().permissions().mode() & 0o077, 0);
        }
    }

    #[test]
    fn a_text_that_is_kept_again_says_the_same() {
        let later = Entry { kept_at: Timestamp::MAX, state: State::Refused, ..entry() };
        assert!(later.says_the_same(&entry()));
        assert!(!Entry { key: "other".into(), ..entry() }.says_the_same(&entry()));
    }

    #[test]
    fn what_was_left_in_the_editor_is_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.txt");
        std::fs::write(&path, "Половина\r\n").unwrap();
        let draft = Some(Draft { member: "reason".into(), path });
        let entry = Entry { draft, body: object(json!({ "reason": "" })), ..entry() }.with_draft();
        assert_eq!((entry.text(), entry.member()), (Some("Половина"), "reason"));
    }
}
