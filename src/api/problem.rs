//! Errors of the API: RFC 9457 problem details with a stable `code`.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use appeal_domain::{Severity, Word};

/// Media type of a problem (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A finding of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApiFinding {
    pub severity: Word<Severity>,
    /// Stable code of the finding.
    pub code: String,
    pub field: String,
    /// `line:column` in a text, or the path of a file.
    pub at: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub remedy: String,
}

/// A possible move of the life cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoveRef {
    /// `applicant`, `operator`, `supervisor` or `platform`.
    pub who: String,
    pub action: String,
    /// The resulting status.
    pub to: String,
}

/// An error response (RFC 9457).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`; `code` identifies the problem.
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    pub title: String,
    /// Stable code; see [`code`].
    pub code: String,
    /// What happened, in the language requested with `Accept-Language`.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Findings, if the input is invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ApiFinding>,
    /// Possible moves, if the requested move is forbidden.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<MoveRef>,
    /// When the request becomes possible, if only time is missing.
    pub possible_at: Option<jiff::Timestamp>,
}

fn blank() -> String {
    "about:blank".to_owned()
}

/// Stable codes of problems.
pub mod code {
    /// 400: malformed request: invalid JSON or an unknown parameter.
    pub const BAD_REQUEST: &str = "bad_request";
    /// 400: the cursor was not issued by this platform.
    pub const BAD_CURSOR: &str = "bad_cursor";
    /// 401: the token is missing, unknown, expired or revoked.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// 401: unknown login or wrong password; deliberately not distinguished.
    pub const WRONG_CREDENTIALS: &str = "wrong_credentials";
    /// 401 when signing in, 422 otherwise: wrong one-time code.
    pub const WRONG_CODE: &str = "wrong_code";
    /// 401 when signing in, 409 otherwise: the code has expired; start again.
    pub const CODE_EXPIRED: &str = "code_expired";
    /// 403: too many wrong passwords or codes; see `Retry-After`.
    pub const SIGN_IN_LOCKED: &str = "sign_in_locked";
    /// 403: too many codes requested; see `Retry-After`.
    pub const TOO_MANY_CODES: &str = "too_many_codes";
    /// 409: this platform cannot send messages this way.
    pub const CHANNEL_UNAVAILABLE: &str = "channel_unavailable";
    /// 403: the object is visible, but the person may not do this.
    pub const FORBIDDEN: &str = "forbidden";
    /// 403: the scope of the token does not permit this.
    pub const SCOPE: &str = "scope";
    /// 403: a session signed in within the last ten minutes is required.
    pub const SESSION_REQUIRED: &str = "session_required";
    /// 403: the account must be confirmed first.
    pub const ACCOUNT_UNCONFIRMED: &str = "account_unconfirmed";
    /// 403: the account is blocked.
    pub const ACCOUNT_BLOCKED: &str = "account_blocked";
    /// 404: does not exist or is not visible to the person.
    pub const NOT_FOUND: &str = "not_found";
    /// 405: the path does not support the method.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// 408: the request body stopped arriving.
    pub const REQUEST_TIMEOUT: &str = "request_timeout";
    /// 409: the life cycle does not permit the move.
    pub const FORBIDDEN_MOVE: &str = "forbidden_move";
    /// 409: conflicts with the state of another object.
    pub const CONFLICT: &str = "conflict";
    /// 409: no grounds for an escalation or a repeat yet.
    pub const NO_GROUNDS: &str = "no_grounds";
    /// 410: the cursor was issued before a restore.
    pub const CURSOR_GONE: &str = "cursor_gone";
    /// 412: the object was changed in the meantime (`If-Match`).
    pub const CHANGED_MEANWHILE: &str = "changed_meanwhile";
    /// 413: the request body is too large.
    pub const TOO_LARGE: &str = "too_large";
    /// 415: unsupported media type of the body.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "unsupported_media_type";
    /// 422: invalid input; see `errors`.
    pub const INVALID: &str = "invalid";
    /// 422: mistyped number: the check digit is wrong.
    pub const NUMBER_MISTYPED: &str = "number_mistyped";
    /// 422: an upload named in the request does not exist; upload it first.
    pub const UPLOAD_MISSING: &str = "upload_missing";
    /// 422: the bytes do not match their digest.
    pub const DIGEST_MISMATCH: &str = "digest_mismatch";
    /// 422: the idempotency key was used with a different body.
    pub const IDEMPOTENCY_REUSED: &str = "idempotency_key_reused";
    /// 429: too many requests; see `Retry-After`.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// 429: the person has too many streams of changes open.
    pub const TOO_MANY_STREAMS: &str = "too_many_streams";
    /// 500: internal error of the platform.
    pub const INTERNAL: &str = "internal";
    /// 507: the disk of the platform is full.
    pub const STORAGE_FULL: &str = "storage_full";
    /// 503: the platform is starting, stopping or busy; see `Retry-After`.
    pub const UNAVAILABLE: &str = "unavailable";
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}
