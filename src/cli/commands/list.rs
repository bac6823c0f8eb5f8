//! `appeal list`.

use std::pin::pin;

use futures_util::StreamExt;

use crate::cli::args::filters::{Filters, Paging};
use crate::cli::base::{Context, Failure};
use crate::output::LIST_SHAPE;
use appeal_api::{ListQuery, PAGE_MAX};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "List the appeals you filed or take part in. Thirty rows are shown unless --limit or --all says \
                  otherwise; a list that was cut says so on stderr.",
    after_long_help = "Examples:\n  appeal list --status in_progress,answered --since 30d\n  \
                       appeal list --overdue --sort due_at -q\n  appeal list --search отопление --all --output csv"
)]
pub struct Args {
    #[command(flatten)]
    pub filters: Filters,
    #[command(flatten)]
    pub paging: Paging,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let query = self.filters.query(ctx)?;
        print(ctx, query, &self.paging).await
    }
}

/// Prints the list of a query, and says on stderr when it is cut.
///
/// # Errors
/// The platform is not reached or refuses; stdout cannot be written.
pub async fn print(ctx: &mut Context, mut query: ListQuery, paging: &Paging) -> Result<(), Failure> {
    ctx.out.expects(&LIST_SHAPE)?;
    let rows = paging.rows();
    query.sort.clone_from(&paging.sort);
    // One row more than is shown tells whether there are more.
    query.limit = Some(rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX)));
    let client = ctx.client().await?;
    let mut appeals = pin!(client.list(query));
    let mut list = ctx.out.list(&LIST_SHAPE);
    let mut left = rows;
    let mut cut = false;
    while let Some(appeal) = appeals.next().await {
        if left == Some(0) {
            cut = true;
            break;
        }
        list.push(&appeal?)?;
        left = left.map(|left| left - 1);
    }
    list.finish()?;
    if cut {
        let rows = rows.unwrap_or_default().to_string();
        // Whatever -q says: a script that takes the numbers of a cut list for all of them has to be told.
        let told = appeal_i18n::t(ctx.lang, "list-cut", &[("rows", &rows)]);
        ctx.out.line(&told);
    }
    Ok(())
}
