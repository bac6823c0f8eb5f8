//! `appeal share list`.

use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal share list 2026-0123456789-3 --columns login,role,added_at")]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    number: String,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("role", Cell::Word("participant role")),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[],
    key: "login",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let shares = ctx.client().await?.participants(&number).await?;
        Ok(ctx.out.rows(&shares, &SHAPE)?)
    }
}
