//! `appeal operator similar`.

use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List undecided appeals in the same department that share most of their words with an appeal, the \
                  most similar first. The score is 1 if the words are the same, regardless of order and form.",
    after_long_help = "Examples:
  appeal operator similar 2026-0123456789-3
  appeal operator similar 2026-0123456789-3 -o json --jq '.[] | select(.score > 0.9) | .number'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    number: String,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("score", Cell::Number),
        Column::new("status", Cell::Status),
        Column::new("subject", Cell::Text),
        Column::new("created_at", Cell::Date),
    ],
    more: &[],
    key: "number",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let found = ctx.client().await?.similar(&number).await?;
        Ok(ctx.out.rows(&found.similar, &SHAPE)?)
    }
}
