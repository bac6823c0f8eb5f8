//! `appeal files list`.

use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal files list 2026-0123456789-3 --columns id,name,size,sha256")]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("version", Cell::Number),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[Column::new("media_type", Cell::Text), Column::new("sha256", Cell::Text)],
    key: "id",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let files = ctx.client().await?.attachments(&number).await?;
        Ok(ctx.out.rows(&files, &SHAPE)?)
    }
}
