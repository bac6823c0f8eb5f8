//! `appeal admin log`.

use crate::cli::args::values::whole;
use crate::cli::base::{Context, Failure, listing};
use crate::output::{Cell, Column, Shape};

/// Page size of requests.
const PAGE: u32 = 500;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Maximum number of entries
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = whole(1..=u32::MAX))]
    limit: u32,
    /// Show every entry
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("at", Cell::Time),
        Column::new("actor", Cell::Text),
        Column::new("action", Cell::Text),
        Column::new("kind", Cell::Text),
        Column::new("subject", Cell::Text),
    ],
    more: &[Column::new("changes", Cell::Text)],
    key: "subject",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let rows = if self.all { None } else { Some(self.limit) };
        let entries =
            ctx.client().await?.admin_entries(rows.map_or(PAGE, |rows| rows.saturating_add(1).min(PAGE)));
        listing::print(ctx, &SHAPE, rows, entries, |list, entry| list.push(&entry)).await
    }
}
