//! Changes as they happen: `GET /v1/events` (Server-Sent Events) and its polling equivalent `GET /v1/changes`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use appeal_domain::{Status, Word};

/// A change of an appeal, as printed by `watch` and `changes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Opaque; encodes epoch and position in commit order.
    pub cursor: String,
    pub at: Timestamp,
    pub number: String,
    /// What happened, such as `created`, `taken`, `answered`, `commented`.
    pub event: String,
    /// The status after the change.
    pub status: Word<Status>,
    /// Login of the person who made the change, or `platform`.
    pub actor: String,
    /// One line of text.
    pub summary: String,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changes {
    pub items: Vec<Change>,
    /// Cursor for the next request: the last change examined, whether it was included or not.
    pub cursor: String,
    /// Whether more changes are available now.
    pub more: bool,
}

/// Parameters for listing changes.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ChangesQuery {
    /// A cursor. Without one, the page is empty and holds the current cursor.
    pub after: Option<String>,
    /// RFC 3339 time to start from, in place of a cursor.
    pub since: Option<String>,
    /// Comma-separated numbers of appeals; by default all visible appeals.
    pub numbers: Option<String>,
    pub limit: Option<u32>,
}
