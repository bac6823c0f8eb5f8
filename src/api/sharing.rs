//! Sharing an appeal with other people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::{ParticipantRole, Word};

/// With whom to share an appeal, and as what. Who takes part already gets the new role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareWith {
    /// Login of an active account.
    pub with: String,
    pub role: ParticipantRole,
}

/// Somebody an appeal is shared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Share {
    pub login: String,
    pub name: String,
    pub role: Word<ParticipantRole>,
    /// Since when with this role.
    pub added_at: Option<Timestamp>,
    /// Login of who shared it.
    pub added_by: Option<String>,
}
