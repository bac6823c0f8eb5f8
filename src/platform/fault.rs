//! Failures of a use case: a refusal with a message for the caller, or an internal error.

use std::io::ErrorKind;

use appeal_api::{MoveRef, Problem, code};
use appeal_domain::Finding;
use appeal_domain::lifecycle::Forbidden;
use appeal_i18n::Lang;

/// An error of the database.
pub type DbError = sqlx::Error;

/// A refusal as codes; `i18n` has the text under `problem-<message>` and its attribute `.hint`.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable code of the problem.
    pub code: &'static str,
    /// Message id without the prefix `problem-`; by default the code with hyphens.
    pub message: String,
    /// Arguments of the message.
    pub args: Vec<(&'static str, String)>,
    /// Findings, if the input is invalid.
    pub findings: Vec<Finding>,
    /// Possible moves, if the requested one is forbidden.
    pub moves: Vec<MoveRef>,
    /// Seconds after which a retry makes sense, if known.
    pub retry_after: Option<u64>,
}

/// The error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A refusal that is reported to the caller.
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
    /// The database failed.
    #[error("database: {0}")]
    Db(#[from] DbError),
    /// A file could not be read or written.
    #[error("files: {0}")]
    Io(#[from] std::io::Error),
    /// An internal error.
    #[error("internal: {0}")]
    Internal(String),
}

/// Result of a use case.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// Creates a refusal whose message has the name of the code.
    pub fn refuse(status: u16, code: &'static str) -> Refusal {
        Refusal {
            status,
            code,
            message: code.replace('_', "-"),
            args: Vec::new(),
            findings: Vec::new(),
            moves: Vec::new(),
            retry_after: None,
        }
    }

    /// 404: does not exist, or is not visible to this person.
    pub fn not_found(what: impl Into<String>) -> Fault {
        Fault::refuse(404, code::NOT_FOUND).arg("what", what).into()
    }

    /// 403: visible, but not permitted.
    pub fn forbidden(message: &str) -> Fault {
        Fault::refuse(403, code::FORBIDDEN).message(message).into()
    }

    /// 409 with its own message.
    pub fn conflict(message: &str) -> Refusal {
        Fault::refuse(409, code::CONFLICT).message(message)
    }

    /// 422 with findings.
    pub fn invalid(findings: Vec<Finding>) -> Fault {
        let mut refusal = Fault::refuse(422, code::INVALID);
        refusal.findings = findings;
        refusal.into()
    }

    /// 409: the life cycle does not permit the move.
    pub fn forbidden_move(forbidden: &Forbidden) -> Fault {
        let mut refusal = Fault::refuse(409, code::FORBIDDEN_MOVE)
            .arg("action", forbidden.action.as_str())
            .arg("status", forbidden.status.map_or("-", |s| s.as_str()));
        refusal.moves = forbidden
            .open
            .iter()
            .map(|m| MoveRef {
                who: m.who.as_str().to_owned(),
                action: m.action.as_str().to_owned(),
                to: m.to.as_str().to_owned(),
            })
            .collect();
        refusal.into()
    }

    /// Returns whether the disk is full.
    pub fn is_storage_full(&self) -> bool {
        /// `SQLITE_FULL`.
        const FULL: &str = "13";
        match self {
            Fault::Refused(refusal) => refusal.code == code::STORAGE_FULL,
            Fault::Db(DbError::Database(error)) => error.code().as_deref() == Some(FULL),
            Fault::Io(error) => matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded),
            Fault::Db(_) | Fault::Internal(_) => false,
        }
    }

    /// Converts to a problem document with messages. Internal errors reveal no details.
    pub fn problem(&self, lang: Lang) -> Problem {
        let refusal = match self {
            Fault::Refused(refusal) => (**refusal).clone(),
            Fault::Db(error) if is_busy(error) => Fault::refuse(503, code::UNAVAILABLE),
            fault if fault.is_storage_full() => Fault::refuse(507, code::STORAGE_FULL),
            Fault::Db(_) | Fault::Io(_) | Fault::Internal(_) => Fault::refuse(500, code::INTERNAL),
        };
        let args: Vec<(&str, &str)> = refusal.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let id = format!("problem-{}", refusal.message);
        let title = appeal_i18n::t(lang, &format!("problem-title-{}", refusal.code.replace('_', "-")), &[]);
        Problem {
            kind: "about:blank".to_owned(),
            status: refusal.status,
            title,
            code: refusal.code.to_owned(),
            detail: appeal_i18n::t(lang, &id, &args),
            hint: appeal_i18n::attribute(lang, &id, "hint", &args),
            errors: appeal_i18n::findings(lang, &refusal.findings),
            moves: refusal.moves,
            possible_at: refusal
                .args
                .iter()
                .find(|(name, _)| *name == "possible_at")
                .and_then(|(_, at)| at.parse().ok()),
        }
    }
}

fn is_busy(error: &DbError) -> bool {
    match error {
        DbError::Database(e) => matches!(e.code().as_deref(), Some("5" | "261" | "517")),
        DbError::PoolTimedOut => true,
        _ => false,
    }
}

impl Refusal {
    /// Adds an argument of the message.
    pub fn arg(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Sets the number of seconds after which a retry makes sense.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Sets a message other than that of the code.
    pub fn message(mut self, message: &str) -> Self {
        self.message = message.to_owned();
        self
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(Box::new(refusal))
    }
}
