//! Context of use cases.

use jiff::Timestamp;

use crate::caller::Caller;
use appeal_i18n::Lang;

/// The context of a use case, besides its arguments.
#[derive(Debug, Clone)]
pub struct Ctx {
    pub caller: Caller,
    pub now: Timestamp,
    pub lang: Lang,
    /// Whether this is a dry run: nothing is saved, and files not uploaded yet are checked by name only.
    pub dry_run: bool,
}
