//! What a route asks of its caller: who they are, the scope of their token, and what the request costs. It is declared
//! where the route is registered, and the gate checks it before anything else is read.

use std::num::NonZeroU32;

use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::access::usable;
use appeal_domain::{Role, Scope};

/// Most bytes of a JSON body: a text of 10 000 characters in the longest escapes, and every other field.
const BODY_MAX: usize = 1 << 20;
/// Most bytes of what an administrator loads: tens of thousands of records.
const ADMIN_BODY_MAX: usize = 64 << 20;

/// What a heavy request costs, in light ones.
const HEAVY: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Who may call a route.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Anybody, without a token.
    Anybody,
    /// Every account, even a blocked one.
    EveryAccount,
    /// Every account that is not blocked.
    Everybody,
    /// Of those, the accounts with one of these roles; others are refused with this message.
    Roles(&'static [Role], &'static str),
}

/// Which scopes of a token a route needs.
#[derive(Debug, Clone, Copy)]
enum Scopes {
    /// One of these; where there are none, any token will do.
    OneOf(&'static [Scope]),
    /// All that the role may have.
    All,
}

/// How much of a person's allowance a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A few rows, or one commit.
    Light,
    /// Whatever keeps a core busy for a while, or reads everything: documents, reports, archives.
    Heavy,
}

impl Cost {
    /// In requests.
    pub fn requests(self) -> NonZeroU32 {
        match self {
            Cost::Light => NonZeroU32::MIN,
            Cost::Heavy => HEAVY,
        }
    }
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    who: Who,
    scopes: Scopes,
    pub cost: Cost,
    /// Most bytes of a JSON body.
    pub body_max: usize,
}

/// Anybody may call it.
pub const OPEN: Access = Access::of(Who::Anybody, &[]);
/// Every account, whatever its state and the token's scopes.
pub const EVERY_ACCOUNT: Access = Access::of(Who::EveryAccount, &[]);
/// Every account that is not blocked, whatever the token's scopes.
pub const ANY_TOKEN: Access = Access::of(Who::Everybody, &[]);
pub const READ: Access = Access::of(Who::Everybody, &[Scope::Read]);
pub const FILE: Access = Access::of(Who::Everybody, &[Scope::File]);
/// Whoever files and whoever operates.
pub const FILE_OR_OPERATE: Access = Access::of(Who::Everybody, &[Scope::File, Scope::Operate]);
/// What decides on the account itself is not done with a token that was narrowed for one task.
pub const WHOLE_ROLE: Access = Access { scopes: Scopes::All, ..ANY_TOKEN };
pub const ADMIN: Access = Access {
    body_max: ADMIN_BODY_MAX,
    ..Access::of(Who::Roles(&[Role::Admin], "admin-only"), &[Scope::Admin])
};

impl Access {
    const fn of(who: Who, scopes: &'static [Scope]) -> Access {
        Access { who, scopes: Scopes::OneOf(scopes), cost: Cost::Light, body_max: BODY_MAX }
    }

    /// For these roles alone; others are refused with this message.
    pub const fn operates(roles: &'static [Role], message: &'static str) -> Access {
        Access::of(Who::Roles(roles, message), &[Scope::Operate])
    }

    /// For these roles alone, with the scope of reports.
    pub const fn reports(roles: &'static [Role], message: &'static str) -> Access {
        Access::of(Who::Roles(roles, message), &[Scope::Report])
    }

    /// It takes more of the allowance than others.
    pub const fn heavy(self) -> Access {
        Access { cost: Cost::Heavy, ..self }
    }

    /// Whether it needs no token.
    pub fn is_open(&self) -> bool {
        matches!(self.who, Who::Anybody)
    }

    /// The scopes of which a token needs one.
    pub fn scopes(&self) -> &'static [Scope] {
        match self.scopes {
            Scopes::OneOf(scopes) => scopes,
            Scopes::All => &[],
        }
    }

    /// Whether this person may call the route with their token.
    ///
    /// # Errors
    /// 403.
    pub fn check(&self, caller: &Caller) -> Result<()> {
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
        match self.scopes {
            Scopes::All => caller.need_everything(),
            // Where any of several would do, the refusal names the first.
            Scopes::OneOf([first, others @ ..]) => caller
                .need(*first)
                .or_else(|refused| others.iter().find_map(|scope| caller.need(*scope).ok()).ok_or(refused)),
            Scopes::OneOf([]) => Ok(()),
        }
    }
}
