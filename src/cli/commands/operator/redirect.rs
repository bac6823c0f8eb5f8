//! `appeal operator redirect`.

use crate::cli::args::change::Move;
use crate::cli::args::texts::Reason;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Redirect;
use appeal_i18n::message_id;

text_command!(REDIRECT: "operator redirect", redirect(body: Redirect), message_id!("done-redirected", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator redirect 2026-0123456789-3 --department roads --reason 'The yard belongs to the road service'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Code of the department
    #[arg(long, value_name = "CODE")]
    department: String,
    #[command(flatten)]
    reason: Reason,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body = Redirect { department: self.department, reason: String::new() };
        let mut submission = REDIRECT.begin(ctx, begun, body, Vec::new()).await?;
        submission.body.reason = self.reason.required(ctx).await?;
        submission.send(ctx).await
    }
}
