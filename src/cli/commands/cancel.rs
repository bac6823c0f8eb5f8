//! `appeal cancel`.

use crate::cli::args::change::Move;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::OptionalReason;
use appeal_i18n::message_id;

text_command!(CANCEL: "cancel", cancel(body: OptionalReason), message_id!("done-cancel", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Withdraw an appeal that has not been decided yet.",
    after_long_help = "Example:\n  appeal cancel 2026-0123456789-3 --reason 'The heating works again'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    reason: texts::Reason,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let mut submission = CANCEL.begin(ctx, begun, OptionalReason::default(), Vec::new()).await?;
        submission.body.reason = self.reason.optional(ctx).await?;
        submission.send(ctx).await
    }
}
