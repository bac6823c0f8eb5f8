//! `appeal supervisor reviews`.

use crate::cli::args::filters::{Filters, Paging, joined};
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure};
use crate::cli::commands::list;
use crate::output::{Cell, Column, LIST_SHAPE, Shape};
use appeal_api::{ListQuery, View};
use appeal_domain::ReviewState;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List applicants' reviews of decisions. Supervisors of the levels senior and quality see all reviews; \
                  others see those of appeals escalated to their level. The filters apply to the appeals.",
    after_long_help = "Example:\n  appeal supervisor reviews --state pending --category housing"
)]
pub struct Args {
    /// Filter by state; can be repeated
    #[arg(long, value_name = "STATE", value_parser = word::<ReviewState>(), value_delimiter = ',')]
    state: Vec<ReviewState>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    paging: Paging,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("review.score", Cell::Number),
        Column::new("review.category", Cell::Word("review category")),
        Column::new("review.state", Cell::Word("review state")),
        Column::new("review.at", Cell::Date),
        Column::new("department", Cell::Text).optional(),
        Column::new("subject", Cell::Text),
    ],
    more: LIST_SHAPE.more,
    key: "number",
};

impl Args {
    /// Prints the queue, oldest first by default.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let query = ListQuery {
            view: Some(View::Reviews),
            review: joined(&self.state),
            sort: Some("updated_at".to_owned()),
            ..self.filters.query(ctx)?
        };
        list::print(ctx, query, &self.paging, &SHAPE).await
    }
}
