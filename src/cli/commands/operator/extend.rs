//! `appeal operator extend`.

use crate::cli::args::change::Move;
use crate::cli::args::due::moment;
use crate::cli::args::texts::Reason;
use crate::cli::base::durations::when;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Extend;
use appeal_domain::When;
use appeal_i18n::message_id;

text_command!(EXTEND: "operator extend", extend(body: Extend), message_id!("done-extended", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator extend 2026-0123456789-3 --to 2026-12-01 --reason 'The inspection is on 28 November'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// New due date, later than the current one: a date, a time, or a duration from now such as `5d`
    #[arg(long, value_name = "WHEN", value_parser = when)]
    to: When,
    #[command(flatten)]
    reason: Reason,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let due_at = moment(ctx, "--to", &self.to)?;
        let mut submission =
            EXTEND.begin(ctx, begun, Extend { due_at, reason: String::new() }, Vec::new()).await?;
        submission.body.reason = self.reason.required(ctx).await?;
        submission.send(ctx).await
    }
}
