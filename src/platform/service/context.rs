//! What a use case gets besides its arguments.

use jiff::Timestamp;

use crate::caller::Caller;
use appeal_i18n::Lang;

/// What a use case knows besides its arguments.
#[derive(Debug, Clone)]
pub struct Ctx {
    pub caller: Caller,
    pub now: Timestamp,
    pub lang: Lang,
    /// Everything is checked and nothing kept: a file that was not sent yet is judged by its name alone.
    pub trial: bool,
}
