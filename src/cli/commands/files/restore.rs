//! `appeal files restore`.

use super::find;
use crate::cli::args::change::{KeyArg, Move};
use crate::cli::args::values::whole;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal files restore 2026-0123456789-3 scan.pdf --version 1")]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Id or name of the file
    #[arg(value_name = "ID")]
    id: String,
    /// Version to restore, starting from 1
    #[arg(long, value_name = "V", value_parser = whole(1..=u32::MAX))]
    version: u32,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = Move { number: self.number, key: self.key }.begin(ctx)?;
        let client = ctx.client().await?;
        let file = find::one(&client.attachments(&begun.number).await?, &self.id)?;
        let change = client.restore_file(&begun.number, &file.id, self.version, &begun.key);
        ctx.change(change, message_id!("done-restore", number)).await
    }
}
