//! The caller of a request, and what their role and token permit.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::fault::{Fault, Result};
use appeal_api::code;
use appeal_domain::*;

/// The actor of automatic changes; this login cannot sign in.
pub const PLATFORM: &str = "platform";

/// How long after signing in a session may change the account.
pub const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// The address of the client, as far as the connection and trusted proxies tell.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// How the caller was authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// An access token, issued for unattended use.
    Token,
    /// A session, opened at this time by signing in.
    Session(Timestamp),
    /// A session of this process, whose user can read the database anyway.
    Local,
}

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
    pub authentication: Authentication,
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

    /// Fails with 403 unless the person signed in a short time ago. A token, or a session that was left open, must not
    /// be enough to take the account over.
    pub fn need_fresh_session(&self, now: Timestamp) -> Result<()> {
        match self.authentication {
            Authentication::Local => Ok(()),
            Authentication::Session(since) if now.duration_since(since) < FRESH => Ok(()),
            Authentication::Session(_) => {
                Err(Fault::refuse(403, code::SESSION_REQUIRED).message("session-required-again").into())
            }
            Authentication::Token => Err(Fault::refuse(403, code::SESSION_REQUIRED).into()),
        }
    }

    /// Returns whether the person belongs to the authority's staff.
    pub fn is_authority(&self) -> bool {
        matches!(self.role, Role::Operator | Role::Supervisor | Role::Admin)
    }
}
