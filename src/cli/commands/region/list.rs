//! `appeal region list`.

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal region list -o csv")]
pub struct Args {}

const SHAPE: Shape = Shape {
    columns: &[Column::new("code", Cell::Text), Column::new("title", Cell::Title)],
    more: &[Column::new("names", Cell::Join)],
    key: "code",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let regions = ctx.client().await?.regions().await?;
        Ok(ctx.out.rows(&regions, &SHAPE)?)
    }
}
