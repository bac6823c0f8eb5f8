//! The signed-in person.

use serde::{Deserialize, Serialize};

use super::appeal::{CardContacts, OrganizationRef};
use appeal_domain::*;

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Me {
    pub login: String,
    pub name: String,
    pub role: Word<Role>,
    pub state: Word<AccountState>,
    /// What to do next if the account is not active.
    pub next_step: Option<String>,
    /// Why the account is blocked.
    #[serde(default)]
    pub blocked_reason: Option<String>,
    pub contacts: CardContacts,
    /// Organizations the person may file for.
    pub organizations: Vec<OrganizationRef>,
    /// The region of the profile, as written.
    #[serde(default)]
    pub region: Option<String>,
    /// Codes of the departments an operator works for.
    pub departments: Vec<String>,
    /// Levels a supervisor decides on.
    pub levels: Vec<Word<Level>>,
    /// Scopes of the current token.
    pub scopes: Vec<Word<Scope>>,
    /// When the current token expires; absent for a session of the embedded platform.
    #[serde(default)]
    pub token_expires_at: Option<jiff::Timestamp>,
}
