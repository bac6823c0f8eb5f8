//! Changes as they happen: `GET /v1/events` (Server-Sent Events) and its polling twin `GET /v1/changes`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::{Status, Word};

/// One change of one appeal, as `watch` and `changes` print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Opaque: epoch and position, in commit order.
    pub cursor: String,
    pub at: Timestamp,
    pub number: String,
    /// What happened, such as `created`, `taken`, `answered`, `commented`.
    pub event: String,
    /// The status after it.
    pub status: Word<Status>,
    /// Login of who did it, or `platform`.
    pub actor: String,
    /// One line for people.
    pub summary: String,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changes {
    pub items: Vec<Change>,
    /// Where to go on: the last change seen, shown or not.
    pub cursor: String,
    /// There is more right now.
    pub more: bool,
}

/// Which changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ChangesQuery {
    /// A cursor; from now on where absent (an empty page with the present cursor).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Instead of a cursor: from this time on, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Numbers, comma-separated; all visible appeals where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
