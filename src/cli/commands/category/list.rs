//! `appeal category list`.

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal category list -q")]
pub struct Args {}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("code", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("hint", Cell::Title),
    ],
    more: &[
        Column::new("parent", Cell::Text),
        Column::new("access", Cell::Word("access")),
        Column::new("department", Cell::Text),
        Column::new("policy", Cell::Text),
        Column::new("documents", Cell::Count),
        Column::new("fields", Cell::Count),
        Column::new("documents.code", Cell::Join),
        Column::new("fields.key", Cell::Join),
        Column::new("attachments.max_files", Cell::Number),
        Column::new("attachments.max_file_bytes", Cell::Size),
        Column::new("attachments.max_total_bytes", Cell::Size),
        Column::new("attachments.extensions", Cell::Join),
    ],
    key: "code",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let categories = ctx.client().await?.categories().await?;
        Ok(ctx.out.rows(&categories, &SHAPE)?)
    }
}
