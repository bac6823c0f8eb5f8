//! The error of a command: an exit code, a stable code, a message and a hint.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::cli::base::exit::Exit;
use crate::output;
use appeal_api::ApiFinding;
use appeal_domain::Finding;
use appeal_i18n::{Lang, Message, message};

/// `?` converts errors where no context is available, so the language of failures is a property of the process. It is
/// set when the flags have been read.
static RUSSIAN: AtomicBool = AtomicBool::new(false);

/// Sets the language of failures.
pub fn speak(lang: Lang) {
    RUSSIAN.store(lang == Lang::Ru, Ordering::Relaxed);
}

/// The language of failures.
pub fn lang() -> Lang {
    if RUSSIAN.load(Ordering::Relaxed) { Lang::Ru } else { Lang::En }
}

/// Why a command ends without success.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// Stable code for scripts, in snake case.
    pub code: String,
    /// What happened, one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Findings, open moves and the like, as JSON objects.
    pub details: Vec<Value>,
    /// The command has reported the error itself, so nothing more is printed.
    pub reported: bool,
}

impl Failure {
    /// Returns a failure with this message.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            details: Vec::new(),
            reported: false,
        }
    }

    /// Returns a failure with a message of the catalogues; the message `<id>-hint`, if any, is its hint.
    pub fn from_message(exit: Exit, code: &str, message: Message) -> Self {
        Self { hint: message.hint(lang()), ..Self::new(exit, code, message.text(lang())) }
    }

    /// Wrong usage of a flag (`--text`).
    pub fn usage(flag: &str, message: impl std::fmt::Display) -> Self {
        let mut failure = Self::new(Exit::Usage, "usage", format!("{flag}: {message}"));
        failure.details.push(json!({ "flag": flag }));
        failure
    }

    /// Wrong usage of a flag, with a message of the catalogues.
    pub fn usage_message(flag: &str, message: Message) -> Self {
        Self::usage(flag, message.text(lang()))
    }

    /// A script has to give this flag.
    pub fn missing(flag: &str) -> Self {
        let mut failure = Self::from_message(Exit::Usage, "usage", message!("failure-missing", flag));
        failure.details.push(json!({ "flag": flag }));
        failure
    }

    /// The input failed its checks.
    pub fn invalid(findings: Vec<ApiFinding>) -> Self {
        let mut failure = Self::from_message(Exit::Invalid, "invalid", message!("failure-invalid"));
        failure.details = findings.iter().filter_map(|f| serde_json::to_value(f).ok()).collect();
        failure
    }

    /// The input failed these checks.
    pub fn invalid_findings(findings: &[Finding]) -> Self {
        Self::invalid(appeal_i18n::findings(lang(), findings))
    }

    /// The command has reported the error itself; only the exit code is left.
    pub fn silent(exit: Exit) -> Self {
        Self { reported: true, ..Self::new(exit, "", "") }
    }

    /// Combines several failures: the exit code and the code are those of the most severe, the message lists all of
    /// them, one per line. `None` if there are no failures.
    pub fn of_several(failures: Vec<Failure>) -> Option<Self> {
        let worst = failures.iter().rev().max_by_key(|failure| failure.exit.code())?;
        let messages: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
        let mut whole = Self::new(worst.exit, &worst.code, messages.join("\n"));
        whole.hint.clone_from(&worst.hint);
        whole.details = failures.into_iter().flat_map(|failure| failure.details).collect();
        Some(whole)
    }

    /// Replaces the hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Replaces the hint by a message of the catalogues.
    pub fn hint_message(self, message: Message) -> Self {
        self.hint(message.text(lang()))
    }

    /// Adds a hint after the existing one.
    pub fn add_hint(&mut self, hint: impl Into<String>) {
        let hint = hint.into();
        self.hint = Some(match self.hint.take() {
            Some(before) => format!("{before}\n{hint}"),
            None => hint,
        });
    }

    /// The failure as the printer takes it.
    pub fn view(&self) -> output::ErrorView<'_> {
        output::ErrorView {
            code: &self.code,
            message: &self.message,
            hint: self.hint.as_deref(),
            details: &self.details,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

fn values<T: serde::Serialize>(items: &[T]) -> impl Iterator<Item = Value> {
    items.iter().filter_map(|item| serde_json::to_value(item).ok())
}

impl From<appeal_client::Error> for Failure {
    fn from(error: appeal_client::Error) -> Self {
        let exit = Exit::of(&error);
        if let appeal_client::Error::Files(findings) = &error {
            return Failure::invalid_findings(findings);
        }
        let (message, hint) = error.describe(lang());
        let mut failure = Failure::new(exit, error.code(), message);
        failure.hint = (!hint.is_empty()).then_some(hint);
        if let appeal_client::Error::Problem(problem) = error {
            failure.details.extend(values(&problem.errors));
            failure.details.extend(values(&problem.moves));
            if let Some(at) = problem.possible_at {
                failure.details.push(json!({ "possible_at": at }));
            }
            if !problem.moves.is_empty() {
                // The hint of the platform refers to its own message. Here, the moves are listed above it.
                failure.hint = None;
            }
            if failure.hint.is_none() && problem.status == 401 {
                failure.hint = Some(appeal_i18n::t!(lang(), "failure-sign-in-hint"));
            }
        }
        failure
    }
}

impl From<output::Error> for Failure {
    fn from(error: output::Error) -> Self {
        match error {
            // The reader has closed stdout, as `head -1` does: not a failure.
            output::Error::Closed => Failure::silent(Exit::Done),
            output::Error::Interrupted => Failure::interrupted(),
            output::Error::Io(error) => error.into(),
            output::Error::Usage { flag, message } => Failure::usage_message(flag, message),
            output::Error::Jq(message) => {
                // A filter that does not fit the result is wrong usage, not a bug.
                Failure::from_message(Exit::Usage, "jq", message!("failure-jq", error = message))
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        // A closed stdout is [`output::Error::Closed`], a success. A broken pipe to a child process is a failure.
        Failure::from_message(Exit::Failed, "io", message!("failure-io", error))
    }
}

impl Failure {
    /// Ctrl-C.
    pub fn interrupted() -> Self {
        Failure::from_message(Exit::Interrupted, "interrupted", message!("failure-interrupted"))
    }

    /// `--timeout` ran out.
    pub fn timed_out() -> Self {
        Failure::from_message(Exit::TimedOut, "timeout", message!("failure-timeout"))
    }
}

impl From<crate::config::Error> for Failure {
    fn from(error: crate::config::Error) -> Self {
        use crate::config::Error::*;
        match &error {
            UnknownKey(key) => {
                Failure::from_message(Exit::Usage, "usage", message!("failure-config-key", key))
            }
            BadValue { key, message } => Failure::usage_message(key, message.clone()),
            Io { .. } | Malformed { .. } => {
                Failure::from_message(Exit::Setup, "config", message!("failure-config", error))
            }
        }
    }
}

impl From<crate::config::credentials::Error> for Failure {
    fn from(error: crate::config::credentials::Error) -> Self {
        use crate::config::credentials::Error::*;
        match &error {
            Loose { path, mode } => Failure::from_message(
                Exit::Setup,
                "token_file",
                message!("failure-token-loose", path = path.display(), mode = format!("{mode:o}")),
            ),
            Keyring { place } => {
                Failure::from_message(Exit::Setup, "keyring", message!("failure-keyring", place))
            }
            Nowhere => Failure::from_message(Exit::Setup, "config", message!("failure-no-home")),
            Unreadable { .. } | Empty { .. } | NotToken { .. } | Malformed { .. } => {
                Failure::from_message(Exit::Setup, "token_file", message!("failure-token", error))
            }
        }
    }
}
