//! `appeal cancel`.

use crate::cli::args::change::Move;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::OptionalReason;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Withdraw an appeal that is not yet decided.",
    after_long_help = "Example:\n  appeal cancel 2026-0123456789-3 --reason 'The heating works again'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    reason: texts::Reason,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let reason = self.reason.optional(ctx).await?;
        let body = OptionalReason { reason };
        begun.make(ctx, "done-cancel", |client, number, key| client.cancel(number, &body, key)).await
    }
}
