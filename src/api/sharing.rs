//! Sharing an appeal with other people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::{ParticipantRole, Word};

/// Shares an appeal with a person in a role. A person who already has access gets the new role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareWith {
    /// Login of an active account.
    pub with: String,
    pub role: ParticipantRole,
}

/// A person an appeal is shared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Share {
    pub login: String,
    pub name: String,
    pub role: Word<ParticipantRole>,
    /// Since when the person has this role.
    pub added_at: Option<Timestamp>,
    /// Login of the person who shared it.
    pub added_by: Option<String>,
}
