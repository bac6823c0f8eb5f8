//! Administration (O4): the platform's own data as files of records, its journal, backups, and the state of the
//! platform. For administrators only.

pub mod archive;
mod calendar;
mod categories;
mod contacts;
pub mod data_set;
mod departments;
pub mod import;
mod kinds;
pub mod load;
mod log;
pub mod passwords;
mod people;
mod policies;
pub mod records;
pub mod status;
mod templates;

use crate::caller::Caller;
use crate::fault::{Fault, Result};
use appeal_domain::{Role, Scope};

/// Fails with 403 unless the caller is an administrator with a suitable token.
pub fn allowed(caller: &Caller) -> Result<()> {
    if caller.role != Role::Admin {
        return Err(Fault::forbidden("admin-only"));
    }
    caller.need(Scope::Admin)
}
