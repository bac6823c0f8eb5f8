//! `appeal files history`.

use super::find;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal files history 2026-0123456789-3 scan.pdf")]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Id or name of the file
    #[arg(value_name = "ID")]
    id: String,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("version", Cell::Number),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[Column::new("sha256", Cell::Text)],
    key: "version",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let client = ctx.client().await?;
        let file = find::one(&client.attachments(&number).await?, &self.id)?;
        let versions = client.file_history(&number, &file.id).await?;
        Ok(ctx.out.rows(&versions, &SHAPE)?)
    }
}
