//! Prints lists that may be truncated.

use std::pin::pin;

use futures_util::{Stream, StreamExt};

use super::context::Context;
use super::failure::Failure;
use crate::output::{self, List, Shape};
use appeal_api::PAGE_MAX;
use appeal_i18n::t;

/// Page size to request: one row more than is shown, to detect whether there are more.
pub fn page(rows: Option<u32>) -> u32 {
    rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX))
}

/// Prints up to `rows` items of a list, or all if `rows` is `None`, and notes on stderr if the list is truncated. `push`
/// prints one item, in one or several rows.
///
/// # Errors
/// The platform cannot be reached or returns an error; stdout cannot be written.
pub async fn print<T>(
    ctx: &mut Context,
    shape: &'static Shape,
    rows: Option<u32>,
    things: impl Stream<Item = appeal_client::Result<T>>,
    push: impl Fn(&mut List<'_>, T) -> output::Result<()>,
) -> Result<(), Failure> {
    let mut things = pin!(things);
    let mut list = ctx.out.list(shape);
    let mut left = rows;
    let mut cut = false;
    while let Some(thing) = things.next().await {
        if left == Some(0) {
            cut = true;
            break;
        }
        push(&mut list, thing?)?;
        left = left.map(|left| left - 1);
    }
    list.finish()?;
    if cut {
        say_cut(ctx, rows.unwrap_or_default());
    }
    Ok(())
}

/// Notes that the list is truncated, even with `-q`: a script must not mistake a truncated list for a complete one.
pub fn say_cut(ctx: &mut Context, rows: u32) {
    let text = t!(ctx.lang, "list-cut", rows);
    ctx.out.line(&text);
}
