//! `appeal template list`.

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal template list --output csv")]
pub struct Args {}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("kind", Cell::Word("kind")),
        Column::new("category", Cell::Code),
    ],
    more: &[
        Column::new("subject", Cell::Text),
        Column::new("text", Cell::Text),
        Column::new("placeholders.name", Cell::Join),
    ],
    key: "id",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let templates = ctx.client().await?.templates().await?;
        Ok(ctx.out.rows(&templates, &SHAPE)?)
    }
}
