//! The result of loading.

use super::shapes::LOADED;
use crate::cli::base::{Context, Failure};
use crate::output::Format;
use appeal_api::{LoadResult, Received};
use appeal_i18n::message;

/// Prints the result of loading: in JSON the whole result, otherwise a line for each changed record, and a summary.
///
/// # Errors
/// Stdout cannot be written.
pub fn print(ctx: &mut Context, result: Received<LoadResult>) -> Result<(), Failure> {
    if ctx.out.format() == Format::Json || ctx.globals.jq.is_some() {
        return Ok(ctx.out.json(&result)?);
    }
    let mut list = ctx.out.list(&LOADED);
    for item in &result.items("items", |result| &result.items) {
        list.push(item)?;
    }
    list.finish()?;
    if !ctx.out.format().is_json() {
        let (added, changed) = (result.added, result.changed);
        let (unchanged, removed) = (result.unchanged, result.removed);
        ctx.out.note(if result.dry_run {
            message!("admin-would-load", added, changed, unchanged, removed)
        } else {
            message!("admin-loaded", added, changed, unchanged, removed)
        });
        if let Some(moved) = result.deadlines_moved {
            ctx.out.note(message!("admin-deadlines-moved", count = moved));
        }
    }
    Ok(())
}
