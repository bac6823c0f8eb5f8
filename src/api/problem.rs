//! Errors on the wire: RFC 9457 problem details with a stable `code`.

use serde::{Deserialize, Serialize};

use appeal_domain::{Severity, Word};

/// Media type of a problem (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A finding of a check, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApiFinding {
    pub severity: Word<Severity>,
    /// Stable.
    pub code: String,
    pub field: String,
    /// `line:column` in a text, or the path of a file.
    pub at: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// A move of the life cycle that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoveRef {
    /// `applicant`, `operator`, `supervisor` or `platform`.
    pub who: String,
    pub action: String,
    /// The status it leads to.
    pub to: String,
}

/// An error of the platform (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    pub title: String,
    /// Stable; see [`code`].
    pub code: String,
    /// What happened, in the language asked for with `Accept-Language`.
    pub detail: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Findings, for invalid input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ApiFinding>,
    /// Open moves, for a forbidden move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<MoveRef>,
    /// Where only the time is missing: after this moment it is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_at: Option<jiff::Timestamp>,
}

fn blank() -> String {
    "about:blank".to_owned()
}

/// The stable codes of problems.
pub mod code {
    /// 400: the request is not understood: bad JSON, unknown parameter.
    pub const BAD_REQUEST: &str = "bad_request";
    /// 400: a cursor that this platform never gave.
    pub const BAD_CURSOR: &str = "bad_cursor";
    /// 401: no token, or one that is unknown, expired or revoked.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// 401: no such login, or another password: the two look the same.
    pub const WRONG_CREDENTIALS: &str = "wrong_credentials";
    /// 401 when signing in, 422 elsewhere: not the one-time code.
    pub const WRONG_CODE: &str = "wrong_code";
    /// 401 when signing in, 409 elsewhere: no code is awaited any more, begin anew.
    pub const CODE_EXPIRED: &str = "code_expired";
    /// 403: too many wrong passwords or codes; see `Retry-After`.
    pub const SIGN_IN_LOCKED: &str = "sign_in_locked";
    /// 403: too many codes were sent; see `Retry-After`.
    pub const TOO_MANY_CODES: &str = "too_many_codes";
    /// 409: this platform cannot send messages that way.
    pub const CHANNEL_UNAVAILABLE: &str = "channel_unavailable";
    /// 403: it can be seen, but this person may not do this.
    pub const FORBIDDEN: &str = "forbidden";
    /// 403: the token's scope does not cover it.
    pub const SCOPE: &str = "scope";
    /// 403: the account has to be confirmed first.
    pub const ACCOUNT_UNCONFIRMED: &str = "account_unconfirmed";
    /// 403: the account is blocked.
    pub const ACCOUNT_BLOCKED: &str = "account_blocked";
    /// 404: not there, or not visible to this person.
    pub const NOT_FOUND: &str = "not_found";
    /// 405: the path has no such method.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// 409: the life cycle does not allow the move.
    pub const FORBIDDEN_MOVE: &str = "forbidden_move";
    /// 409: the state of something else does not allow it.
    pub const CONFLICT: &str = "conflict";
    /// 409: no ground for escalating or repeating yet.
    pub const NO_GROUNDS: &str = "no_grounds";
    /// 410: a cursor from before a restore.
    pub const CURSOR_GONE: &str = "cursor_gone";
    /// 412: somebody changed it meanwhile (`If-Match`).
    pub const CHANGED_MEANWHILE: &str = "changed_meanwhile";
    /// 413: the request body is too large.
    pub const TOO_LARGE: &str = "too_large";
    /// 415: a body of the wrong media type.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "unsupported_media_type";
    /// 422: the input failed its checks; see `errors`.
    pub const INVALID: &str = "invalid";
    /// 422: the number is mistyped: its check digit is wrong.
    pub const NUMBER_MISTYPED: &str = "number_mistyped";
    /// 422: a named upload is not there; upload it first.
    pub const UPLOAD_MISSING: &str = "upload_missing";
    /// 422: the bytes are not what their digest says.
    pub const DIGEST_MISMATCH: &str = "digest_mismatch";
    /// 422: the same idempotency key with other bytes.
    pub const IDEMPOTENCY_REUSED: &str = "idempotency_key_reused";
    /// 429: too many requests; see `Retry-After`.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// 500: a fault of the platform.
    pub const INTERNAL: &str = "internal";
    /// 503: the platform is starting, stopping or busy; see `Retry-After`.
    pub const UNAVAILABLE: &str = "unavailable";
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}
