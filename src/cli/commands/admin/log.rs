//! `appeal admin log`.

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

/// Rows asked for at once.
const PAGE: u32 = 500;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Most entries to show
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
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
    essential: "subject",
};

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let client = ctx.client().await?;
        let mut left = if self.all { u32::MAX } else { self.limit };
        let mut after: Option<String> = None;
        let mut list = ctx.out.list(&SHAPE);
        let cut = loop {
            let page = client.admin_log(after.as_deref(), Some(left.min(PAGE))).await?;
            for entry in &page.items {
                list.push(entry)?;
                left = left.saturating_sub(1);
            }
            match page.next {
                Some(next) if left > 0 => after = Some(next),
                more => break more.is_some(),
            }
        };
        list.finish()?;
        if cut && !ctx.out.format().is_json() {
            ctx.out.note("admin-list-cut", &[]);
        }
        Ok(())
    }
}
