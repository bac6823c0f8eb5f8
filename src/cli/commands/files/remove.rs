//! `appeal files remove`.

use super::find;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::CHANGED_SHAPE;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal files remove 2026-0123456789-3 scan.pdf")]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Id or name of the file
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let file = find::one(&client.attachments(&number).await?, &self.id)?;
        ctx.change(client.remove_file(&number, &file.id), message_id!("done-remove", number)).await
    }
}
