//! Sharing an appeal, and the revision a review asks for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::FileRef;
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

/// What is done about a review. Without a text it is taken into revision, with one it is completed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Revise {
    /// What was changed because of the review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The final document; only with a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}
