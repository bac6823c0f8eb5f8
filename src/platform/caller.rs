//! The caller of a request, and what their role and token permit.

use super::fault::{Fault, Result};
use appeal_api::code;
use appeal_domain::*;

/// The actor of automatic changes; this login cannot sign in.
pub const PLATFORM: &str = "platform";

/// Returns the scopes that a role can have.
pub fn scopes_of(role: Role) -> Vec<Scope> {
    match role {
        Role::Individual | Role::Representative | Role::Intermediary => vec![Scope::Read, Scope::File],
        Role::Operator | Role::Supervisor => vec![Scope::Read, Scope::File, Scope::Operate, Scope::Report],
        Role::Analyst => vec![Scope::Read, Scope::Report],
        Role::Admin => vec![Scope::Read, Scope::File, Scope::Operate, Scope::Report, Scope::Admin],
    }
}

/// The signed-in person, with everything that determines permissions.
#[derive(Debug, Clone)]
pub struct Caller {
    pub person_id: String,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub state: AccountState,
    pub scopes: Vec<Scope>,
    /// Codes of the departments an operator works for.
    pub departments: Vec<String>,
    /// Levels a supervisor decides on.
    pub levels: Vec<Level>,
    /// INNs of the organizations the person may file for.
    pub organizations: Vec<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
    pub region: Option<String>,
    /// Why the account is blocked, if a reason was given.
    pub blocked_reason: Option<String>,
}

impl Caller {
    /// Fails with 403 unless the token has this scope. Filing and operating include reading, because an appeal cannot
    /// be followed, supplemented or answered without being seen.
    pub fn need(&self, scope: Scope) -> Result<()> {
        let covers = |own: &Scope| match own {
            Scope::Admin => true,
            Scope::File | Scope::Operate => *own == scope || scope == Scope::Read,
            Scope::Read | Scope::Report => *own == scope,
        };
        if self.scopes.iter().any(covers) {
            return Ok(());
        }
        Err(Fault::refuse(403, code::SCOPE).arg("scope", scope.as_str()).into())
    }

    /// Fails with 403 unless the token has every scope of the role: a token limited to one task must not change the
    /// account itself.
    pub fn need_everything(&self) -> Result<()> {
        scopes_of(self.role).into_iter().try_for_each(|scope| self.need(scope))
    }

    /// Returns whether the person belongs to the authority's staff.
    pub fn is_authority(&self) -> bool {
        matches!(self.role, Role::Operator | Role::Supervisor | Role::Admin)
    }
}
