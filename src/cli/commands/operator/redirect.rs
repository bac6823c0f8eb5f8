//! `appeal operator redirect`.

use crate::cli::args::change::Move;
use crate::cli::args::texts::Reason;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Redirect;

/// Arguments of the command.
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
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let reason = self.reason.required(ctx).await?;
        let body = Redirect { department: self.department, reason };
        begun.make(ctx, "done-redirected", |client, number, key| client.redirect(number, &body, key)).await
    }
}
