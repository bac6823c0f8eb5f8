//! `appeal admin KIND list`.

use super::shapes::{shapes, shown};
use crate::cli::args::filters::ROWS;
use crate::cli::args::values::whole;
use crate::cli::base::{Context, Failure, listing};
use appeal_domain::DataKind;

/// Page size of requests.
const PAGE: u32 = 500;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Maximum number of records [default: 30; JSON: all]
    #[arg(long, value_name = "N", value_parser = whole(1..=u32::MAX))]
    limit: Option<u32>,
    /// Show every record
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<(), Failure> {
        let (shape, _) = shapes(kind);
        ctx.out.expects(shape)?;
        let client = ctx.client().await?;
        // A list to be loaded back must be complete, unless a limit is given.
        let whole = self.all || self.limit.is_none() && ctx.out.format().is_json();
        let rows = if whole { None } else { Some(self.limit.unwrap_or(ROWS)) };
        let for_json = ctx.out.is_json();
        let records = client.admin_records(kind, rows.map_or(PAGE, |rows| rows.saturating_add(1).min(PAGE)));
        listing::print(ctx, shape, rows, records, |list, record| list.push(&shown(for_json, kind, record)))
            .await
    }
}
