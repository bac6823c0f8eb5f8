//! Printing a list that may be longer than what is shown.

use std::pin::pin;

use futures_util::{Stream, StreamExt};

use super::context::Context;
use super::failure::Failure;
use crate::output::{self, List, Shape};
use appeal_api::PAGE_MAX;
use appeal_i18n::t;

/// The size of the pages to ask for: one row more than is shown tells whether there are more.
pub fn page(rows: Option<u32>) -> u32 {
    rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX))
}

/// Prints so many things of a list, all of them where `rows` is none, and says on stderr when it is cut. `push` prints
/// one thing, in one row or several.
///
/// # Errors
/// The platform is not reached or refuses; stdout cannot be written.
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

/// Says that only so many rows are shown, whatever `-q` says: a script that takes the rows of a cut list for all of them
/// has to know.
pub fn say_cut(ctx: &mut Context, rows: u32) {
    let text = t!(ctx.lang, "list-cut", rows);
    ctx.out.line(&text);
}
