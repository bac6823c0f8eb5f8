//! What a route requires of its caller: account, scopes of the token or a session, and cost of the request. Declared where the route
//! is registered, and checked before anything else is read.

use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::access::usable;
use appeal_domain::{Role, Scope};

/// Maximum size of a JSON body, in bytes: a text of 10 000 characters in the longest escapes, and all other fields.
const BODY_MAX: usize = 1 << 20;
/// Maximum size of data loaded by an administrator, in bytes: tens of thousands of records.
const ADMIN_BODY_MAX: usize = 64 << 20;

/// Cost of a heavy request, in light requests.
const HEAVY: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Who may call a route.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Anyone, without a token.
    Anybody,
    /// Any account, including blocked ones.
    EveryAccount,
    /// Any account that is not blocked.
    Everybody,
    /// Accounts with one of these roles that are not blocked; others are refused with this message.
    Roles(&'static [Role], &'static str),
}

/// The authentication a route requires.
#[derive(Debug, Clone, Copy)]
enum Means {
    /// A token with one of these scopes; if empty, any token.
    OneOf(&'static [Scope]),
    /// A session signed in a short time ago.
    FreshSession,
}

/// The cost of a request, charged to the allowance of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A few rows, or one commit.
    Light,
    /// Uses a core for some time, or reads everything: documents, reports, archives.
    Heavy,
}

impl Cost {
    /// Returns the cost in requests.
    pub fn requests(self) -> NonZeroU32 {
        match self {
            Cost::Light => NonZeroU32::MIN,
            Cost::Heavy => HEAVY,
        }
    }
}

/// What a route requires of its caller.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    who: Who,
    means: Means,
    pub cost: Cost,
    /// Maximum size of a JSON body, in bytes.
    pub body_max: usize,
}

/// Open to anyone.
pub const OPEN: Access = Access::of(Who::Anybody, &[]);
/// Any account, in any state and with any scopes.
pub const EVERY_ACCOUNT: Access = Access::of(Who::EveryAccount, &[]);
/// Any account that is not blocked, with any scopes.
pub const ANY_TOKEN: Access = Access::of(Who::Everybody, &[]);
pub const READ: Access = Access::of(Who::Everybody, &[Scope::Read]);
pub const FILE: Access = Access::of(Who::Everybody, &[Scope::File]);
/// Requires the scope of filing or of operating.
pub const FILE_OR_OPERATE: Access = Access::of(Who::Everybody, &[Scope::File, Scope::Operate]);
/// Changes the account, or its tokens.
pub const FRESH_SESSION: Access = Access { means: Means::FreshSession, ..ANY_TOKEN };
pub const ADMIN: Access = Access {
    body_max: ADMIN_BODY_MAX,
    ..Access::of(Who::Roles(&[Role::Admin], "admin-only"), &[Scope::Admin])
};

impl Access {
    const fn of(who: Who, scopes: &'static [Scope]) -> Access {
        Access { who, means: Means::OneOf(scopes), cost: Cost::Light, body_max: BODY_MAX }
    }

    /// For these roles only; others are refused with this message.
    pub const fn operates(roles: &'static [Role], message: &'static str) -> Access {
        Access::of(Who::Roles(roles, message), &[Scope::Operate])
    }

    /// For these roles only, with the scope of reports.
    pub const fn reports(roles: &'static [Role], message: &'static str) -> Access {
        Access::of(Who::Roles(roles, message), &[Scope::Report])
    }

    /// Marks the route as heavy.
    pub const fn heavy(self) -> Access {
        Access { cost: Cost::Heavy, ..self }
    }

    /// Returns whether the route needs no token.
    pub fn is_open(&self) -> bool {
        matches!(self.who, Who::Anybody)
    }

    /// Returns the scopes of which a token needs one.
    pub fn scopes(&self) -> &'static [Scope] {
        match self.means {
            Means::OneOf(scopes) => scopes,
            Means::FreshSession => &[],
        }
    }

    /// Returns whether a token is not enough.
    pub fn needs_session(&self) -> bool {
        matches!(self.means, Means::FreshSession)
    }

    /// Checks that the person may call the route with their token or session.
    ///
    /// # Errors
    /// 403.
    pub fn check(&self, caller: &Caller, now: Timestamp) -> Result<()> {
        match self.who {
            Who::Anybody | Who::EveryAccount => {}
            Who::Everybody => usable(caller)?,
            Who::Roles(roles, message) => {
                usable(caller)?;
                if !roles.contains(&caller.role) {
                    return Err(Fault::forbidden(message));
                }
            }
        }
        match self.means {
            Means::FreshSession => caller.need_fresh_session(now),
            // If one of several scopes is enough, the refusal names the first.
            Means::OneOf([first, others @ ..]) => caller
                .need(*first)
                .or_else(|refused| others.iter().find_map(|scope| caller.need(*scope).ok()).ok_or(refused)),
            Means::OneOf([]) => Ok(()),
        }
    }
}
