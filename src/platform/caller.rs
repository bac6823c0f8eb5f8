//! Who asks, and what their role and token let them do.

use super::fault::{Fault, Result};
use appeal_api::code;
use appeal_domain::*;

/// The actor of what the platform does by itself; nobody can sign in with this login.
pub const PLATFORM: &str = "platform";

/// The scopes that a role can have at all.
pub fn scopes_of(role: Role) -> Vec<Scope> {
    match role {
        Role::Individual | Role::Representative | Role::Intermediary => vec![Scope::Read, Scope::File],
        Role::Operator | Role::Supervisor => vec![Scope::Read, Scope::File, Scope::Operate, Scope::Report],
        Role::Analyst => vec![Scope::Read, Scope::Report],
        Role::Admin => vec![Scope::Read, Scope::File, Scope::Operate, Scope::Report, Scope::Admin],
    }
}

/// The signed-in person, with what decides on permissions.
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
    /// Levels a supervisor decides at.
    pub levels: Vec<Level>,
    /// INNs of the organizations the person may file for.
    pub organizations: Vec<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
    pub region: Option<String>,
    /// Why the account is blocked, when it is and somebody said so.
    pub blocked_reason: Option<String>,
}

impl Caller {
    /// 403 unless the token's scope covers this. Who may file or operate may read what it is about: no appeal can be
    /// followed, supplemented or answered unseen.
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

    /// 403 unless the token may do all that the role may: what decides on the account itself is not done with a token
    /// that was narrowed for one task.
    pub fn need_everything(&self) -> Result<()> {
        scopes_of(self.role).into_iter().try_for_each(|scope| self.need(scope))
    }

    /// One of the authority's people.
    pub fn is_authority(&self) -> bool {
        matches!(self.role, Role::Operator | Role::Supervisor | Role::Admin)
    }
}
