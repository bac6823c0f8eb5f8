//! Keeps texts until they are received. A text is stored before it is sent, with its idempotency key, and removed after
//! it was received. If sending fails, `appeal unsent send ID` sends it under the same key, so that nothing is done
//! twice.

pub mod store;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use self::store::{Draft, Entry, File, State};
use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::outcome::Outcome;
use appeal_api::code;
use appeal_i18n::t;

/// The text of the running command.
#[derive(Debug, Default)]
pub struct Unsent {
    /// Texts are stored: the command makes changes, and this is not a dry run.
    armed: bool,
    /// The entry to store; set once the command has described it.
    entry: Option<Entry>,
    /// The state on disk.
    stored: Where,
    /// The text exists nowhere else: it was typed in an editor or at prompts, or piped in at a terminal.
    typed: bool,
    /// The command sends or edits a text that was stored before.
    resumed: bool,
    /// Files of ours that were passed to the command; deleted once their content was received.
    sources: Vec<PathBuf>,
}

#[derive(Debug, Default)]
enum Where {
    #[default]
    NotStored,
    Stored(PathBuf),
    /// No directory is writable; the error.
    Nowhere(String),
}

/// The hint for the case that the signal thread ends the process.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// Returns the hint to print if the process is ended at once.
pub fn last_words() -> Option<String> {
    LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Unsent {
    /// Starts to store texts.
    pub fn arm(&mut self) {
        self.armed = true;
    }

    /// Returns whether texts are stored.
    pub fn is_armed(&self) -> bool {
        self.armed
    }

    /// Describes the entry. Nothing is stored before there is a text.
    pub fn begin(&mut self, entry: Entry) {
        if self.armed && !self.resumed {
            self.entry = Some(entry);
        }
    }

    /// Resumes a stored text, which stays stored until it is received. Returns the entry, with the text that was left
    /// in the editor.
    pub fn resume(&mut self, path: &Path, entry: Entry) -> Entry {
        let draft = entry.draft.clone();
        let entry = entry.with_draft();
        if self.armed {
            self.entry = Some(entry.clone());
            self.stored = Where::Stored(path.to_owned());
            self.resumed = true;
            self.note_last();
        }
        if let Some(draft) = draft.filter(|_| self.armed) {
            self.change(|_| {});
            if self.is_stored() {
                // The text is in the entry now. If the file cannot be deleted, it is only left over.
                let _ = std::fs::remove_file(draft.path);
            }
        }
        entry
    }

    /// Leaves the stored text as it is, however the command ends.
    pub fn release(&mut self) {
        *self = Self { armed: self.armed, ..Self::default() };
        self.note_last();
    }

    /// Stores the text of a flag (`--text`). `typed` if it exists nowhere else.
    pub fn text(&mut self, flag: &str, text: &str, typed: bool) {
        if text.trim().is_empty() {
            return;
        }
        self.typed |= typed;
        self.change(|entry| {
            entry.body.insert(member(flag), text.into());
        });
    }

    /// Stores a whole body in place of the previous one. `typed` if it exists nowhere else.
    pub fn keep(&mut self, body: Map<String, Value>, files: Vec<File>, state: State, typed: bool) {
        self.typed |= typed;
        self.change(|entry| {
            entry.body = body;
            entry.files = files;
            entry.state = state;
        });
    }

    fn change(&mut self, change: impl FnOnce(&mut Entry)) {
        let Some(entry) = self.entry.as_mut().filter(|_| self.armed) else { return };
        change(entry);
        let own = match &self.stored {
            Where::Stored(path) => Some(path.as_path()),
            Where::NotStored | Where::Nowhere(_) => None,
        };
        self.stored = match store::write(entry, own) {
            Ok(path) => Where::Stored(path),
            Err(error) => Where::Nowhere(error.to_string()),
        };
        self.note_last();
    }

    /// Creates a file for an editor with this text. It is stored with the entry until the text is written.
    ///
    /// # Errors
    /// No directory is writable.
    pub fn draft(&mut self, flag: &str, initial: &str) -> io::Result<Editing> {
        let Some(entry) = self.entry.as_ref().filter(|_| self.armed) else {
            let mut file = tempfile::Builder::new().prefix("appeal-").suffix(".txt").tempfile()?;
            io::Write::write_all(&mut file, initial.as_bytes())?;
            return Ok(Editing::Passing(file.into_temp_path()));
        };
        let before = entry.state;
        let path = store::draft(&entry.key, initial)?;
        self.typed = true;
        let draft = Draft { member: member(flag), path: path.clone() };
        self.change(|entry| {
            entry.draft = Some(draft);
            entry.state = State::Unfinished;
        });
        Ok(Editing::Stored { path, before })
    }

    /// Takes the text from the editor, exactly as it is sent.
    pub fn written(&mut self, editing: &Editing, text: &str) {
        let Editing::Stored { path, before } = editing else { return };
        self.change(|entry| {
            if let Some(draft) = entry.draft.take() {
                entry.body.insert(draft.member, text.into());
            }
            entry.state = *before;
        });
        // The text is in the entry now. If the file cannot be deleted, it is only left over.
        let _ = std::fs::remove_file(path);
    }

    /// Discards what was written in the editor.
    pub fn abandoned(&mut self, editing: &Editing) {
        let Editing::Stored { path, before } = editing else { return };
        // If the file cannot be deleted, it is only left over.
        let _ = std::fs::remove_file(path);
        if !self.resumed && self.entry.as_ref().is_none_or(|entry| entry.title().is_none()) {
            return self.discard();
        }
        self.change(|entry| {
            entry.draft = None;
            entry.state = *before;
        });
    }

    /// Whether `appeal unsent send` can send what was written.
    pub fn is_stored(&self) -> bool {
        matches!(self.stored, Where::Stored(_))
    }

    /// Returns whether the command sends or edits a text that was stored before.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// The command was given this file. If it is ours, it is removed once its content was received.
    pub fn source(&mut self, path: &Path) {
        if self.armed && store::is_ours(path) {
            self.sources.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        }
    }

    /// Removes what was stored.
    fn discard(&mut self) {
        if let Where::Stored(path) = std::mem::take(&mut self.stored) {
            let draft = self.entry.as_ref().and_then(|entry| entry.draft.as_ref());
            // If the file cannot be deleted, sending it again has no effect, because of its key.
            let _ = store::remove(&path, draft);
        }
        self.note_last();
    }

    /// The text was received: removes what was stored, and the files of ours that were passed to the command.
    pub fn arrived(&mut self) {
        self.discard();
        self.remove_sources();
    }

    fn remove_sources(&mut self) {
        for path in std::mem::take(&mut self.sources) {
            // If the file cannot be deleted, sending it again has no effect, because of its key.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Called when the command has ended. Removes a text that was received; otherwise the failure says how to send it. A
    /// text that is also stored elsewhere and would be rejected again is not kept.
    pub fn settle(&mut self, result: &mut Result<Outcome, Failure>) {
        let failure = match result {
            Ok(_) => return self.arrived(),
            Err(failure) if failure.exit == Exit::Done => return self.arrived(),
            Err(failure) => failure,
        };
        if matches!(self.stored, Where::NotStored) {
            return;
        }
        if is_final(failure) {
            if !self.typed && !self.resumed {
                return self.discard();
            }
            // A text that was still being written was not refused as a whole.
            if self.entry.as_ref().is_some_and(|entry| entry.state == State::Unsent) {
                self.change(|entry| entry.state = State::Refused);
            }
        }
        if !self.resumed && self.is_stored() {
            // The content of these files is in the new entry.
            self.remove_sources();
        }
        let Some((hint, detail)) = self.hint() else { return };
        // Lists of findings or moves are not mixed with other objects; the hint has the id in any case.
        if failure.details.is_empty() {
            failure.details.push(detail);
        }
        failure.add_hint(hint);
    }

    /// Returns the hint for users, and the same for programs.
    fn hint(&self) -> Option<(String, Value)> {
        let entry = self.entry.as_ref()?;
        let lang = failure::lang();
        match &self.stored {
            Where::NotStored => None,
            Where::Stored(path) => {
                let id = store::id(path);
                let command = format!("appeal unsent send {id}");
                let hint = match entry.state {
                    State::Unsent => t!(lang, "unsent-send", id),
                    State::Unfinished => t!(lang, "unsent-continue", id),
                    State::Refused => t!(lang, "unsent-correct", id),
                };
                Some((hint, json!({ "unsent": id, "kept": path.to_string_lossy(), "command": command })))
            }
            Where::Nowhere(error) => {
                let text = entry.text().map_or_else(
                    || serde_json::to_string_pretty(&entry.body).unwrap_or_default(),
                    str::to_owned,
                );
                let hint = t!(lang, "unsent-nowhere", error, text);
                Some((hint, json!({ "text": text })))
            }
        }
    }

    fn note_last(&self) {
        let words = self.hint().map(|(hint, _)| hint);
        *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }
}

/// Returns the member of the body that a flag sets.
fn member(flag: &str) -> String {
    flag.trim_start_matches('-').to_owned()
}

/// Returns whether sending the same text again would fail again: it is invalid or not allowed, or it refers to
/// something that does not exist or is in the wrong state. Not if signing in helps, if the appeal was changed in the
/// meantime and has to be read again, if it is too early, or if a file was still being written.
fn is_final(failure: &Failure) -> bool {
    match failure.exit {
        Exit::Invalid => failure.code != appeal_client::FILE_CHANGED,
        Exit::Usage | Exit::NotFound => true,
        Exit::Denied => failure.code != code::UNAUTHENTICATED,
        Exit::Conflict => {
            let early = failure.details.iter().any(|detail| detail.get("possible_at").is_some());
            failure.code != code::CHANGED_MEANWHILE && !early
        }
        Exit::Done
        | Exit::Failed
        | Exit::Unreachable
        | Exit::TimedOut
        | Exit::Partial
        | Exit::Setup
        | Exit::Interrupted => false,
    }
}

/// A file that is open in an editor.
#[derive(Debug)]
pub enum Editing {
    /// Kept until its text is stored.
    Stored {
        path: PathBuf,
        /// The state before the editor was opened.
        before: State,
    },
    /// Removed when dropped.
    Passing(tempfile::TempPath),
}

impl Editing {
    /// Returns its path.
    pub fn path(&self) -> &Path {
        match self {
            Editing::Stored { path, .. } => path,
            Editing::Passing(path) => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_can_pass_is_not_final() {
        let failure = |exit, code: &str| Failure::new(exit, code, "");
        for (exit, code, is) in [
            (Exit::Invalid, code::INVALID, true),
            (Exit::Invalid, appeal_client::FILE_CHANGED, false),
            (Exit::NotFound, code::NOT_FOUND, true),
            (Exit::Denied, code::FORBIDDEN, true),
            (Exit::Denied, code::UNAUTHENTICATED, false),
            (Exit::Conflict, code::FORBIDDEN_MOVE, true),
            (Exit::Conflict, code::CHANGED_MEANWHILE, false),
            (Exit::Unreachable, "unreachable", false),
            (Exit::TimedOut, "timeout", false),
        ] {
            assert_eq!(is_final(&failure(exit, code)), is, "{exit:?} {code}");
        }
        let mut early = failure(Exit::Conflict, code::NO_GROUNDS);
        early.details.push(json!({ "possible_at": "2026-12-04T14:00:00Z" }));
        assert!(!is_final(&early));
    }
}
