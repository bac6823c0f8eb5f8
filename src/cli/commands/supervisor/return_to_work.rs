//! `appeal supervisor return`.

use crate::cli::args::change::Move;
use crate::cli::args::due::due;
use crate::cli::args::texts::Text;
use crate::cli::base::durations::when;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::ReturnToWork;
use appeal_domain::When;
use appeal_i18n::message_id;

text_command!(RETURN: "supervisor return", return_to_work(body: ReturnToWork), message_id!("done-returned", number));

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    /// Deadline for the decision: a date, a time, or a duration from now such as `5d`
    #[arg(long, value_name = "WHEN", value_parser = when)]
    due: Option<When>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let due_at = due(ctx, self.due.as_ref())?;
        let body = ReturnToWork { text: String::new(), due_at };
        let mut submission = RETURN.begin(ctx, begun, body, Vec::new()).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}
