//! What loading did.

use super::shapes::LOADED;
use crate::cli::base::{Context, Failure};
use crate::output::Format;
use appeal_api::{LoadResult, Received};

/// Prints what loading did: under JSON the whole result, else a line for each record that is not as before, and a summary.
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
        let id = if result.dry_run { "admin-would-load" } else { "admin-loaded" };
        let count = |n: u64| n.to_string();
        let (added, changed) = (count(result.added), count(result.changed));
        let (unchanged, removed) = (count(result.unchanged), count(result.removed));
        ctx.out.note(
            id,
            &[("added", &added), ("changed", &changed), ("unchanged", &unchanged), ("removed", &removed)],
        );
        if let Some(moved) = result.deadlines_moved {
            ctx.out.note("admin-deadlines-moved", &[("count", &moved.to_string())]);
        }
    }
    Ok(())
}
