//! Exit codes: the table that scripts rely on, and the one place where errors become codes.

use appeal_api::{Problem, code};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Unexpected failure: a bug, a disk error.
    Failed = 1,
    /// Usage: unknown flag, missing value, a value outside a flag's fixed vocabulary.
    Usage = 2,
    /// Invalid input: a text, a file, a number or a record failed its checks; nothing was filed.
    Invalid = 3,
    /// Not signed in, or this may not be done (401, 403).
    Denied = 4,
    /// Not found, or not visible to this person (404).
    NotFound = 5,
    /// The state does not allow it, or it was changed in the meantime.
    Conflict = 6,
    /// The platform could not be reached or kept failing.
    Unreachable = 7,
    /// The time given ran out.
    TimedOut = 8,
    /// Part of a batch failed.
    Partial = 9,
    /// No platform chosen, or the configuration or the data directory cannot be used.
    Setup = 10,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// Every code of the table.
    pub const ALL: [Exit; 12] = [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::Invalid,
        Exit::Denied,
        Exit::NotFound,
        Exit::Conflict,
        Exit::Unreachable,
        Exit::TimedOut,
        Exit::Partial,
        Exit::Setup,
        Exit::Interrupted,
    ];

    /// The number the process exits with.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns the exit code of an error of the client.
    pub fn of(error: &appeal_client::Error) -> Exit {
        match error {
            appeal_client::Error::Problem(problem) => Exit::of_problem(problem),
            appeal_client::Error::Unreachable { .. } => Exit::Unreachable,
            appeal_client::Error::Files(_) | appeal_client::Error::FileChanged { .. } => Exit::Invalid,
            // A missing or unreadable file that was named is wrong input; a full disk is not.
            appeal_client::Error::File { error, .. } => Exit::of_file(error),
            appeal_client::Error::Protocol(_) | appeal_client::Error::Digest { .. } => Exit::Failed,
        }
    }

    /// Returns the exit code of a problem of the platform.
    pub fn of_problem(problem: &Problem) -> Exit {
        match problem.status {
            401 | 403 => Exit::Denied,
            404 => Exit::NotFound,
            // 410 means that a cursor is from before a restore.
            409 | 410 | 412 => Exit::Conflict,
            408 | 429 | 500..=599 => Exit::Unreachable,
            400..=499 if problem.code == code::METHOD_NOT_ALLOWED => Exit::Failed,
            400..=499 => Exit::Invalid,
            _ => Exit::Failed,
        }
    }

    /// Returns the exit code of a named file that cannot be used.
    pub fn of_file(error: &std::io::Error) -> Exit {
        use std::io::ErrorKind::*;
        match error.kind() {
            NotFound | PermissionDenied | IsADirectory | NotADirectory | InvalidInput | InvalidData
            | AlreadyExists | InvalidFilename => Exit::Invalid,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16, code: &str) -> Problem {
        Problem {
            kind: "about:blank".into(),
            status,
            title: String::new(),
            code: code.into(),
            detail: String::new(),
            hint: None,
            errors: vec![],
            moves: vec![],
            possible_at: None,
        }
    }

    #[test]
    fn every_status_has_its_code() {
        for (status, code, exit) in [
            (400, code::BAD_REQUEST, Exit::Invalid),
            (401, code::UNAUTHENTICATED, Exit::Denied),
            (403, code::FORBIDDEN, Exit::Denied),
            (403, code::ACCOUNT_BLOCKED, Exit::Denied),
            (404, code::NOT_FOUND, Exit::NotFound),
            (409, code::FORBIDDEN_MOVE, Exit::Conflict),
            (409, code::NO_GROUNDS, Exit::Conflict),
            (410, code::CURSOR_GONE, Exit::Conflict),
            (412, code::CHANGED_MEANWHILE, Exit::Conflict),
            (413, code::TOO_LARGE, Exit::Invalid),
            (422, code::INVALID, Exit::Invalid),
            (422, code::NUMBER_MISTYPED, Exit::Invalid),
            (429, code::RATE_LIMITED, Exit::Unreachable),
            (500, code::INTERNAL, Exit::Unreachable),
            (503, code::UNAVAILABLE, Exit::Unreachable),
        ] {
            assert_eq!(Exit::of_problem(&problem(status, code)), exit, "{status} {code}");
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_table() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|e| e.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]);
    }
}
