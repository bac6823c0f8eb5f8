//! Queues: `appeal operator queue` and `appeal supervisor queue`.

use crate::cli::args::filters::{Filters, Paging, joined};
use crate::cli::base::{Context, Failure};
use crate::cli::commands::list;
use crate::output::LIST_SHAPE;
use appeal_api::{ListQuery, View};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    filters: Filters,
    /// Filter by responsible operator; `none` for unassigned appeals; can be repeated
    #[arg(long, value_name = "LOGIN", value_delimiter = ',')]
    responsible: Vec<String>,
    /// Filter by responsible department; can be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    department: Vec<String>,
    /// List appeals where you or your department are a co-executor instead
    #[arg(long)]
    involved: bool,
    #[command(flatten)]
    paging: Paging,
}

impl Args {
    /// Prints a queue, by default the first due appeals first.
    pub async fn run(self, ctx: &mut Context, view: View) -> Result<(), Failure> {
        let query = ListQuery {
            view: Some(if self.involved { View::Involved } else { view }),
            responsible: joined(&self.responsible),
            department: joined(&self.department),
            sort: Some("due_at".to_owned()),
            ..self.filters.query(ctx)?
        };
        list::print(ctx, query, &self.paging, &LIST_SHAPE).await
    }
}
