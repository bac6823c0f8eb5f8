//! `appeal cancel`.

use crate::cli::args::fields::KeyArg;
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure};
use crate::output::CHANGED_SHAPE;
use appeal_api::OptionalReason;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Withdraw an appeal that is not yet decided.",
    after_long_help = "Example:\n  appeal cancel 2026-0123456789-3 --reason 'The heating works again'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub reason: texts::Reason,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let reason = self.reason.optional(ctx).await?;
        let client = ctx.client().await?;
        let appeal = client.cancel(&number, &OptionalReason { reason }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-cancel")?)
    }
}
