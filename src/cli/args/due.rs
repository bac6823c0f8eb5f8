//! Due dates.

use crate::cli::base::durations::outside;
use crate::cli::base::{Context, Failure};
use appeal_domain::{Direction, When};
use appeal_i18n::t;

/// Returns the moment of a due date. A date without a time, and a span of days, last to the end of the day.
///
/// # Errors
/// It is in the past, or outside the calendar (exit 2).
pub fn moment(ctx: &Context, flag: &'static str, when: &When) -> Result<jiff::Timestamp, Failure> {
    let wrong = |error: String| Failure::usage(flag, error);
    let at = when.end(Direction::Ahead, ctx.now(), &ctx.zone()).map_err(outside).map_err(wrong)?;
    if at <= ctx.now() { Err(wrong(t!(ctx.lang, "due-past"))) } else { Ok(at) }
}

/// Returns the moment of `--due`, if given.
///
/// # Errors
/// As [`moment`].
pub fn due(ctx: &Context, due: Option<&When>) -> Result<Option<jiff::Timestamp>, Failure> {
    due.map(|due| moment(ctx, "--due", due)).transpose()
}
