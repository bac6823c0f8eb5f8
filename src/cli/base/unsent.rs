//! What a person has written is not lost when sending fails: before anything is sent it is kept, with the idempotency key
//! under which it goes out, in a file of the state directory that is its owner's alone. It is removed when it has
//! arrived; otherwise the command that goes on is told, under the same key, so that nothing is done twice.
//!
//! An appeal is kept as a record for `create --from FILE`, and changes to one for `edit --from FILE`; the text of any other
//! command as it is, for its `--text-file`.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::outcome::Outcome;
use crate::cli::record::Record;
use appeal_api::EditAppeal;
use appeal_i18n::t;

/// Names in a directory that is not ours alone begin with this.
const PREFIX: &str = "appeal-unsent-";

/// Where texts are kept: `appeal/unsent` in the XDG state directory.
pub fn directory() -> Option<PathBuf> {
    crate::config::paths::state_dir().map(|dir| dir.join("unsent"))
}

/// What was written for the command that runs.
#[derive(Debug, Default)]
pub struct Unsent {
    /// The command line, to go on with; none where nothing is sent.
    command: Option<Vec<OsString>>,
    /// The command takes an idempotency key.
    keyed: bool,
    /// The key of this run.
    key: String,
    items: Vec<Item>,
    /// Files of ours that the command was given: they go when what they say has arrived, and not before.
    sources: Vec<PathBuf>,
}

#[derive(Debug)]
struct Item {
    place: Place,
    next: Next,
    /// Typed for this one command, so that it is nowhere else.
    typed: bool,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    /// No disk took it.
    Nowhere {
        error: String,
        text: String,
    },
}

/// How to go on with it.
#[derive(Debug)]
enum Next {
    /// The same command with the text from the file.
    Text(String),
    /// A record, by a message of the catalogues that takes `path`, and its other arguments.
    Record(&'static str, Vec<(&'static str, String)>),
}

/// How to go on, for a process that is ended from a signal's thread.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// What is to be said where the process ends at once.
pub fn last_words() -> Option<String> {
    LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Unsent {
    /// From here on what is written is kept. `command` is the command line; `keyed` where it takes an idempotency key.
    pub fn arm(&mut self, command: Vec<OsString>, keyed: bool, key: String) {
        self.command = Some(command);
        self.keyed = keyed;
        self.key = key;
    }

    /// Keeps a text that a flag (`--text`) gave. `typed` where it is nowhere else.
    pub fn text(&mut self, flag: &str, text: &str, typed: bool) {
        if self.command.is_none() || text.trim().is_empty() {
            return;
        }
        let name = format!("{}-{}", self.key(), flag.trim_start_matches('-'));
        let place = self
            .write(&name, "txt", text.as_bytes())
            .unwrap_or_else(|error| Place::Nowhere { error: error.to_string(), text: text.to_owned() });
        self.items.push(Item { place, next: Next::Text(flag.to_owned()), typed });
        self.note_last();
    }

    /// A file to write a text in, with what it begins with. Where nothing is kept it goes with its holder.
    ///
    /// # Errors
    /// No disk takes it.
    pub fn draft(&mut self, flag: &str, initial: &str) -> io::Result<Draft> {
        if self.command.is_none() {
            let mut file = tempfile::Builder::new().prefix("appeal-").suffix(".txt").tempfile()?;
            file.write_all(initial.as_bytes())?;
            return Ok(Draft::Passing(file.into_temp_path()));
        }
        let name = format!("{}-{}", self.key(), flag.trim_start_matches('-'));
        let path = match self.write(&name, "txt", initial.as_bytes())? {
            Place::File(path) => path,
            Place::Nowhere { error, .. } => return Err(io::Error::other(error)),
        };
        let next = Next::Text(flag.to_owned());
        self.items.push(Item { place: Place::File(path.clone()), next, typed: true });
        self.note_last();
        Ok(Draft::Kept(path))
    }

    /// What was written in a draft is done: this is the text, exactly as it is sent.
    pub fn written(&mut self, draft: &Draft, text: &str) {
        if let Draft::Kept(path) = draft
            && std::fs::read(path).is_ok_and(|there| there != text.as_bytes())
            && let Some(dir) = path.parent()
        {
            // The text with a newline too many is better than none.
            let _ = whole(dir, text.as_bytes()).and_then(|file| Ok(file.persist(path)?));
        }
    }

    /// There is nothing in a draft that anybody would miss.
    pub fn drop_draft(&mut self, draft: &Draft) {
        if let Draft::Kept(path) = draft {
            let _ = std::fs::remove_file(path);
            self.items.retain(|item| !matches!(&item.place, Place::File(kept) if kept == path));
            self.note_last();
        }
    }

    /// The command was given this file. One of ours is gone when what it says has arrived; of a trial run nothing arrives.
    pub fn source(&mut self, path: &Path) {
        if self.command.is_some() && is_ours(path) {
            self.sources.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        }
    }

    /// The same, for the text of a flag: where it fails again, the same file is told again.
    pub fn text_source(&mut self, flag: &str, path: &Path) {
        if self.command.is_some() && is_ours(path) {
            self.source(path);
            let next = Next::Text(flag.to_owned());
            let place = Place::File(self.sources.last().cloned().unwrap_or_else(|| path.to_owned()));
            self.items.push(Item { place, next, typed: true });
            self.note_last();
        }
    }

    /// Keeps a record under its key, in place of what was kept before. A file that the command was given stays as it is:
    /// it is told again where it says the same, and otherwise there is a second one. `message` tells how to go on, with
    /// `path` and `args`.
    pub fn record(
        &mut self,
        record: &Record,
        key: &str,
        message: (&'static str, Vec<(&'static str, String)>),
        typed: bool,
    ) {
        let mut record = record.clone();
        record.key = Some(key.to_owned());
        if let Ok(here) = std::env::current_dir() {
            record.resolve(&here);
        }
        self.values(&record.to_json(), key, Next::Record(message.0, message.1), typed);
    }

    /// Keeps the changes to an appeal, for `edit NUMBER --from FILE`, in place of what was kept before.
    pub fn edit(&mut self, number: &str, edit: &EditAppeal) {
        if self.command.is_some() {
            let value = serde_json::to_value(edit).unwrap_or_default();
            let next = Next::Record("kept-edit", vec![("number", number.to_owned())]);
            let name = format!("{}-edit", self.key());
            self.values(&value, &name, next, true);
        }
    }

    fn values(&mut self, value: &serde_json::Value, name: &str, next: Next, typed: bool) {
        let place = match self.sources.iter().find(|source| says(source, value)) {
            Some(source) => Place::File(source.clone()),
            None => {
                let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
                self.write(name, "json", text.as_bytes())
                    .unwrap_or_else(|error| Place::Nowhere { error: error.to_string(), text })
            }
        };
        let before = std::mem::take(&mut self.items);
        for item in before {
            if let (Place::File(old), Place::File(new)) = (&item.place, &place)
                && old != new
            {
                self.remove(old);
            }
        }
        self.items.push(Item { place, next, typed });
        self.note_last();
    }

    /// Nothing would be lost: what was kept is not needed.
    pub fn discard(&mut self) {
        for item in std::mem::take(&mut self.items) {
            if let Place::File(path) = &item.place {
                self.remove(path);
            }
        }
        self.note_last();
    }

    /// It has arrived: what was kept goes, and so do files of ours that the command was given.
    pub fn arrived(&mut self) {
        let sources = std::mem::take(&mut self.sources);
        self.discard();
        for path in sources {
            // One that stays is only a file too many: its key does nothing twice.
            let _ = std::fs::remove_file(path);
        }
    }

    /// The command has ended: what has arrived goes, and of what has not the failure tells where it is and how to go on.
    pub fn settle(&mut self, result: &mut Result<Outcome, Failure>) {
        match result {
            Ok(_) => self.arrived(),
            Err(failure) if failure.exit == Exit::Done => self.arrived(),
            // A command line that is wrong is typed again, and with it what stands in it.
            Err(failure) if failure.exit == Exit::Usage && !self.items.iter().any(|item| item.typed) => {
                self.discard();
            }
            Err(failure) => {
                // A list of findings or of open moves stays a list of these; the hint has the path all the same.
                let alone = failure.details.is_empty();
                for item in &self.items {
                    let (told, detail) = self.told(item);
                    failure.hint = Some(match failure.hint.take() {
                        Some(hint) => format!("{hint}\n{told}"),
                        None => told,
                    });
                    failure.details.extend(detail.filter(|_| alone));
                }
            }
        }
    }

    /// How to go on, for people and for programs.
    fn told(&self, item: &Item) -> (String, Option<serde_json::Value>) {
        let lang = failure::lang();
        match (&item.place, &item.next) {
            (Place::File(path), Next::Text(flag)) => {
                let command = self.command_with(flag, path);
                let shown = path.to_string_lossy();
                let told =
                    t(lang, "kept-text", &[("path", &quoted(path.as_os_str())), ("command", &command)]);
                (told, Some(json!({ "kept": shown, "command": command })))
            }
            (Place::File(path), Next::Record(id, args)) => {
                let shown = quoted(path.as_os_str());
                let flags = place_flags(self.command.as_deref().unwrap_or_default());
                let mut all: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
                all.extend([("path", shown.as_str()), ("flags", &flags)]);
                (t(lang, id, &all), Some(json!({ "kept": path.to_string_lossy() })))
            }
            (Place::Nowhere { error, text }, _) if item.typed => {
                let told = t(lang, "kept-nowhere", &[("error", error), ("text", text)]);
                (told, Some(json!({ "text": text })))
            }
            (Place::Nowhere { error, .. }, _) => (t(lang, "kept-failed", &[("error", error)]), None),
        }
    }

    fn note_last(&self) {
        let words = self.items.last().map(|item| self.told(item).0);
        *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    /// The command line with the text from this file, under the same key.
    fn command_with(&self, flag: &str, path: &Path) -> String {
        let words = self.command.as_deref().unwrap_or_default();
        let key = self.keyed.then(|| self.key());
        let here = std::env::current_dir().unwrap_or_default();
        let words: Vec<String> =
            continued(words, flag, path, key.as_deref(), &here).iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }

    /// The key of the command: the one on its command line, else the process's own.
    fn key(&self) -> String {
        let words = self.command.as_deref().unwrap_or_default();
        let mut words = words.iter().map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            match word.strip_prefix("--idempotency-key") {
                Some("") => return words.next().map_or_else(|| self.key.clone(), |key| key.into_owned()),
                Some(rest) if rest.starts_with('=') => return rest[1..].to_owned(),
                _ => {}
            }
        }
        self.key.clone()
    }

    /// Removes a file that was kept, unless the command was given it.
    fn remove(&self, path: &Path) {
        if !self.is_source(path) {
            // One that stays is only a file too many.
            let _ = std::fs::remove_file(path);
        }
    }

    /// The command was given this file, and it is one of ours.
    fn is_source(&self, path: &Path) -> bool {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.sources.contains(&real)
    }

    /// Writes it where texts are kept, else where temporary files are.
    fn write(&self, name: &str, ending: &str, bytes: &[u8]) -> io::Result<Place> {
        let own = |path: &Path| {
            !self.is_source(path)
                && self.items.iter().any(|item| matches!(&item.place, Place::File(kept) if kept == path))
        };
        let name = plain(name);
        let ours = directory().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)).and_then(|dir| {
            private_dir(&dir)?;
            settle_in(&dir, &name, ending, bytes, own)
        });
        ours.or_else(|error| {
            let name = format!("{PREFIX}{name}");
            settle_in(&std::env::temp_dir(), &name, ending, bytes, own).map_err(|_| error)
        })
        .map(Place::File)
    }
}

/// A file that a text is written in.
#[derive(Debug)]
pub enum Draft {
    /// One that stays until its text has arrived.
    Kept(PathBuf),
    /// One that goes when it is dropped.
    Passing(tempfile::TempPath),
}

impl Draft {
    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Draft::Kept(path) => path,
            Draft::Passing(path) => path,
        }
    }
}

/// The words of a command with the text of `flag` from `path`. Paths of files to attach are made whole, since a command
/// that is typed again may be typed elsewhere.
fn continued(words: &[OsString], flag: &str, path: &Path, key: Option<&str>, here: &Path) -> Vec<OsString> {
    let file_flag = format!("{flag}-file");
    let given = |word: &str, flag: &str| word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='));
    let mut out: Vec<OsString> = Vec::with_capacity(words.len() + 4);
    let mut words = words.iter();
    let mut rest = Vec::new();
    let mut has_key = false;
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text == "--" && !out.is_empty() {
            rest.push(word.clone());
            rest.extend(words.by_ref().cloned());
        } else if text == flag || text == file_flag {
            words.next();
        } else if given(&text, flag) || given(&text, &file_flag) {
        } else if text == "--attach" {
            out.push(word.clone());
            out.extend(words.next().map(|file| here.join(file).into_os_string()));
        } else if let Some(file) = text.strip_prefix("--attach=") {
            out.push(format!("--attach={}", here.join(file).display()).into());
        } else {
            has_key |= text == "--idempotency-key" || given(&text, "--idempotency-key");
            out.push(word.clone());
        }
    }
    out.push(file_flag.into());
    out.push(path.as_os_str().to_owned());
    if let Some(key) = key.filter(|_| !has_key) {
        out.extend(["--idempotency-key".into(), key.into()]);
    }
    out.extend(rest);
    out
}

/// Flags that choose the platform and who one is there.
const PLACE_FLAGS: [&str; 6] = ["--server", "--profile", "--as", "--data-dir", "--database", "--token-file"];

/// The flags of a command line that choose the platform, as a shell takes them; each with a space before it.
fn place_flags(words: &[OsString]) -> String {
    let mut found = String::new();
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if PLACE_FLAGS.contains(&&*text) {
            let value = words.next().map(|value| quoted(value)).unwrap_or_default();
            found.push_str(&format!(" {text} {value}"));
        } else if text.split_once('=').is_some_and(|(flag, _)| PLACE_FLAGS.contains(&flag)) {
            found.push_str(&format!(" {}", quoted(word)));
        }
    }
    found
}

/// A word as a shell takes it.
pub fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let bare = |c: char| c.is_alphanumeric() || "/._-~+:@%=,".contains(c);
    if !word.is_empty() && !word.starts_with('~') && word.chars().all(bare) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A key as the name of a file. Keys that differ have names that differ.
fn plain(key: &str) -> String {
    let name: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(100).collect();
    if name == key {
        return name;
    }
    use sha2::Digest as _;
    let digest = hex::encode(sha2::Sha256::digest(key.as_bytes()));
    format!("{name}-{}", &digest[..8])
}

/// Writes a whole file under this name, or the next that is free: what somebody else has kept there is left alone.
fn settle_in(
    dir: &Path,
    name: &str,
    ending: &str,
    bytes: &[u8],
    own: impl Fn(&Path) -> bool,
) -> io::Result<PathBuf> {
    let mut file = whole(dir, bytes)?;
    for number in 1..1000 {
        let path = match number {
            1 => dir.join(format!("{name}.{ending}")),
            _ => dir.join(format!("{name}-{number}.{ending}")),
        };
        if own(&path) || std::fs::read(&path).is_ok_and(|there| there == bytes) {
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

/// A file that is its owner's alone, on the disk with all its bytes, and without a name of its own yet.
fn whole(dir: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".appeal-").suffix(".part").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The file says exactly this.
fn says(path: &Path, value: &serde_json::Value) -> bool {
    let there = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    there.is_some_and(|there: serde_json::Value| there == *value)
}

/// A file that this tool has kept.
fn is_ours(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let within = |dir: PathBuf| dir.canonicalize().is_ok_and(|dir| path.parent() == Some(dir.as_path()));
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    directory().is_some_and(within) || named && within(std::env::temp_dir())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str, flag: &str, key: Option<&str>) -> String {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        let words = continued(&words, flag, Path::new("/s/k.txt"), key, Path::new("/here"));
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_same_command_goes_on_with_the_text_from_the_file() {
        let after = "appeal comment N --attach /here/a.pdf --text-file /s/k.txt --idempotency-key k";
        for before in [
            "appeal comment N --text hello --attach a.pdf",
            "appeal comment --text=hello N --attach a.pdf",
            "appeal comment N --text-file - --attach a.pdf",
            "appeal comment N --attach a.pdf --text-file=-",
            "appeal comment N --attach a.pdf",
        ] {
            assert_eq!(line(before, "--text", Some("k")), after, "{before}");
        }
        assert_eq!(
            line("appeal comment --idempotency-key=z --text x -- N", "--text", Some("z")),
            "appeal comment --idempotency-key=z --text-file /s/k.txt -- N"
        );
        assert_eq!(line("appeal edit N --text x", "--text", None), "appeal edit N --text-file /s/k.txt");
    }

    #[test]
    fn the_platform_that_was_chosen_is_chosen_again() {
        let words: Vec<OsString> = [
            "appeal",
            "--server",
            "http://x",
            "create",
            "--text",
            "a b",
            "--data-dir=/a b",
            "--",
            "--as",
            "y",
        ]
        .map(OsString::from)
        .to_vec();
        assert_eq!(place_flags(&words), " --server http://x '--data-dir=/a b'");
        assert_eq!(place_flags(&[]), "");
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, shown) in
            [("a", "a"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("~x", "'~x'"), ("$x", "'$x'")]
        {
            assert_eq!(quoted(OsStr::new(word)), shown);
        }
    }

    #[test]
    fn keys_that_differ_have_names_that_differ() {
        assert_eq!(plain("a-1"), "a-1");
        assert_ne!(plain("a/1"), plain("a_1"));
        assert_ne!(plain(&"a".repeat(101)), plain(&"a".repeat(102)));
    }

    #[test]
    fn what_is_kept_under_a_name_is_not_replaced_by_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let keep = |bytes: &[u8]| settle_in(dir.path(), "k", "txt", bytes, |_| false).unwrap();
        let first = keep(b"one");
        assert_eq!(keep(b"one"), first);
        let second = keep(b"two");
        assert_ne!(first, second);
        assert_eq!(std::fs::read(&first).unwrap(), b"one");
        assert_eq!(std::fs::read(&second).unwrap(), b"two");
        assert_eq!(settle_in(dir.path(), "k", "txt", b"three", |_| true).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&second).unwrap().permissions().mode() & 0o077, 0);
        }
    }
}
