//! Messages and codes of the client's errors.

use super::Error;
use appeal_api::code;
use appeal_i18n::{Lang, Message, message, t};

/// Code of [`Error::FileChanged`].
pub const FILE_CHANGED: &str = "file_changed";

impl Error {
    /// Returns the message and a hint; the hint may be empty. Messages of the platform are already in the requested
    /// language.
    pub fn describe(&self, lang: Lang) -> (String, String) {
        let say = |message: Message| (message.text(lang), message.hint(lang).unwrap_or_default());
        match self {
            Error::Problem(problem) => {
                let hint = match (&problem.hint, self.is_unreachable()) {
                    (Some(hint), _) => hint.clone(),
                    (None, true) => t!(lang, "error-platform-failing-hint"),
                    (None, false) => String::new(),
                };
                let said = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
                (said.clone(), hint)
            }
            Error::Unreachable { place, attempts, last } => {
                say(message!("error-unreachable", place, attempts, last))
            }
            Error::Protocol(what) => say(message!("error-protocol", what)),
            Error::Files(findings) => {
                let files: std::collections::HashSet<_> =
                    findings.iter().filter(|f| f.is_error()).map(|f| f.at.as_ref()).collect();
                let (message, hint) = say(message!("error-files", count = files.len()));
                let described = appeal_i18n::findings(lang, findings);
                let lines = described.iter().map(|f| match &f.at {
                    Some(at) => format!("\n  {at}: {}", f.message),
                    None => format!("\n  {}", f.message),
                });
                (lines.fold(message, |all, line| all + &line), hint)
            }
            Error::File { path, error } => say(message!("error-file", path, kind = kind(error), why = error)),
            Error::FileChanged { path } => say(message!("error-file-changed", path)),
            Error::Digest { name, expected, actual } => say(message!("error-digest", name, expected, actual)),
        }
    }

    /// Returns a stable code for scripts: the code of a problem, or `unreachable`, `protocol`, `invalid`, `file`,
    /// `file_changed` or `digest_mismatch`.
    pub fn code(&self) -> &str {
        match self {
            Error::Problem(problem) => &problem.code,
            Error::Unreachable { .. } => "unreachable",
            Error::Protocol(_) => "protocol",
            Error::Files(_) => code::INVALID,
            Error::File { .. } => "file",
            Error::FileChanged { .. } => FILE_CHANGED,
            Error::Digest { .. } => code::DIGEST_MISMATCH,
        }
    }

    /// Returns whether the platform could not be reached or kept failing (408, 429, 5xx), so that the request itself
    /// may be fine.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Error::Unreachable { .. } => true,
            Error::Problem(problem) => matches!(problem.status, 408 | 429 | 500..=599),
            _ => false,
        }
    }
}

/// The kinds of file errors that have their own messages.
fn kind(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "not-found",
        ErrorKind::PermissionDenied => "denied",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "full",
        ErrorKind::ReadOnlyFilesystem => "read-only",
        ErrorKind::IsADirectory => "directory",
        ErrorKind::NotADirectory => "not-directory",
        ErrorKind::AlreadyExists => "exists",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BadServer;

    fn every() -> Vec<Error> {
        vec![
            Error::Unreachable { place: "https://a.example".into(), attempts: 3, last: "refused".into() },
            Error::Protocol("HTTP 418".into()),
            Error::Files(Vec::new()),
            Error::File { path: "a.pdf".into(), error: std::io::ErrorKind::NotFound.into() },
            Error::FileChanged { path: "a.pdf".into() },
            Error::Digest { name: "a.pdf".into(), expected: "0f".into(), actual: "f0".into() },
        ]
    }

    #[test]
    fn every_error_speaks_both_languages() {
        for error in every() {
            let (en, en_hint) = error.describe(Lang::En);
            let (ru, ru_hint) = error.describe(Lang::Ru);
            for (text, other) in [(&en, &ru), (&en_hint, &ru_hint)] {
                assert!(!text.starts_with("error-") && !text.is_empty(), "{text}");
                assert_ne!(text, other);
            }
            assert!(ru.chars().any(|c| matches!(c, 'а'..='я')), "{ru}");
        }
        for bad in [
            BadServer::Scheme("ftp://x".into()),
            BadServer::Credentials,
            BadServer::Query("https://x?y".into()),
            BadServer::Tls("no roots".into()),
        ] {
            let (en, hint) = bad.describe(Lang::En);
            assert!(!en.starts_with("server-") && !hint.starts_with("server-"), "{en} {hint}");
            assert_ne!(en, bad.describe(Lang::Ru).0);
        }
    }

    #[test]
    fn attempts_agree_in_number() {
        let said = |attempts, lang| {
            Error::Unreachable { place: "local".into(), attempts, last: "x".into() }.describe(lang).0
        };
        assert!(said(1, Lang::En).contains("1 attempt)"), "{}", said(1, Lang::En));
        assert!(said(2, Lang::En).contains("2 attempts)"));
        assert!(said(1, Lang::Ru).contains("1 попытка)"), "{}", said(1, Lang::Ru));
        assert!(said(3, Lang::Ru).contains("3 попытки)"));
        assert!(said(11, Lang::Ru).contains("11 попыток)"));
    }

    #[test]
    fn failing_platforms_count_as_unreachable() {
        let problem = |status| {
            let json = format!(r#"{{"status":{status},"title":"t","code":"c","detail":"d"}}"#);
            Error::Problem(Box::new(serde_json::from_str(&json).unwrap()))
        };
        for status in [408, 429, 500, 503] {
            assert!(problem(status).is_unreachable());
            assert!(!problem(status).describe(Lang::En).1.is_empty());
        }
        for status in [400, 404, 409, 422] {
            assert!(!problem(status).is_unreachable());
        }
    }
}
