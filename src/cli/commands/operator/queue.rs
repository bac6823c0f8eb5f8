//! Queues: `appeal operator queue` and `appeal supervisor queue`.

use std::pin::pin;

use futures_util::StreamExt;

use crate::cli::args::filters::{Filters, Paging, joined};
use crate::cli::base::{Context, Failure};
use crate::output::LIST_SHAPE;
use appeal_api::{ListQuery, PAGE_MAX, View};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    filters: Filters,
    /// Only those of this responsible operator; `none` for those of nobody; can be repeated
    #[arg(long, value_name = "LOGIN", value_delimiter = ',')]
    responsible: Vec<String>,
    /// Only those of this responsible department; can be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    department: Vec<String>,
    /// Instead those in which you or your department are a co-executor
    #[arg(long)]
    involved: bool,
    #[command(flatten)]
    paging: Paging,
}

impl Args {
    /// Prints a queue. Those due first come first, unless told otherwise.
    pub async fn run(self, ctx: &mut Context, view: View) -> Result<(), Failure> {
        ctx.out.expects(&LIST_SHAPE)?;
        let rows = self.paging.rows();
        let query = ListQuery {
            view: Some(if self.involved { View::Involved } else { view }),
            responsible: joined(&self.responsible),
            department: joined(&self.department),
            sort: Some(self.paging.sort.clone().unwrap_or_else(|| "due_at".to_owned())),
            // One more than wanted tells whether the list is cut.
            limit: Some(rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX))),
            ..self.filters.query(ctx)?
        };
        let client = ctx.client().await?;
        let mut appeals = pin!(client.list(query));
        let mut list = ctx.out.list(&LIST_SHAPE);
        let mut cut = false;
        while let Some(appeal) = appeals.next().await {
            let appeal = appeal?;
            if rows.is_some_and(|rows| list.len() >= rows as usize) {
                cut = true;
                break;
            }
            list.push(&appeal)?;
        }
        list.finish()?;
        if cut {
            let rows = rows.unwrap_or_default().to_string();
            ctx.out.warn("queue-cut", &[("rows", &rows)]);
        }
        Ok(())
    }
}
