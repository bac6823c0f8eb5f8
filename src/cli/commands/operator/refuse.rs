//! `appeal operator refuse`.

use crate::cli::args::change::Move;
use crate::cli::args::texts::Reason;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Refuse;
use appeal_i18n::message_id;

text_command!(REFUSE: "operator refuse", refuse(body: Refuse), message_id!("done-refused", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator refuse 2026-0123456789-3 --reason 'The same was decided on 1 November'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    reason: Reason,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let mut submission = REFUSE.begin(ctx, begun, Refuse { reason: String::new() }, Vec::new()).await?;
        submission.body.reason = self.reason.required(ctx).await?;
        submission.send(ctx).await
    }
}
