//! `appeal list`.

use crate::cli::args::filters::{Filters, Paging};
use crate::cli::base::listing;
use crate::cli::base::{Context, Failure};
use crate::output::{LIST_SHAPE, Shape};
use appeal_api::ListQuery;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List the appeals you filed or take part in. Shows 30 rows unless --limit or --all is given; a note \
                  on stderr says when the list is truncated.",
    after_long_help = "Examples:\n  appeal list --status in_progress,answered --since 30d\n  \
                       appeal list --overdue --sort due_at -q\n  appeal list --search отопление --all --output csv"
)]
pub struct Args {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    paging: Paging,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let query = self.filters.query(ctx)?;
        print(ctx, query, &self.paging, &LIST_SHAPE).await
    }
}

/// Prints a list of appeals. The order of `paging` takes precedence over that of the query.
///
/// # Errors
/// The platform cannot be reached or returns an error; stdout cannot be written.
pub async fn print(
    ctx: &mut Context,
    mut query: ListQuery,
    paging: &Paging,
    shape: &'static Shape,
) -> Result<(), Failure> {
    ctx.out.expects(shape)?;
    let rows = paging.rows();
    query.sort = paging.sort.clone().or(query.sort);
    query.limit = Some(listing::page(rows));
    let appeals = ctx.client().await?.list(query);
    listing::print(ctx, shape, rows, appeals, |list, appeal| list.push(&appeal)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::testing::{Bench, card, parse};
    use crate::output::{Format, Options};

    #[tokio::test]
    async fn a_cut_list_says_so_after_its_rows_even_with_q() {
        let page = json!({ "items": [card("submitted"), card("answered"), card("closed")] });
        let options = Options { format: Some(Format::Plain), quiet: true, ..Options::default() };
        let mut bench = Bench::with([(200, page)], options, "");
        parse::<Args>(&["--limit", "2"]).run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.printed().lines().count(), 2);
        assert!(bench.said().contains("first 2"), "{}", bench.said());
        assert_eq!(bench.seen()[0].line, "GET /v1/appeals?limit=3");
    }

    #[tokio::test]
    async fn an_empty_list_is_an_empty_array() {
        let mut bench = Bench::new([(200, json!({ "items": [] }))]);
        parse::<Args>(&[]).run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.json(), json!([]));
    }
}
