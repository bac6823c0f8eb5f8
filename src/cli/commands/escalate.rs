//! `appeal escalate`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Escalate;
use appeal_domain::{EscalationGrounds, Level};
use appeal_i18n::message_id;

text_command!(ESCALATE: "escalate", escalate(body: Escalate), message_id!("done-escalate", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Escalate an appeal to a higher level of review. It keeps its number, gets a new deadline, and is \
                  handled only by the supervisor of that level. If there are no grounds yet, the error says when there \
                  will be.",
    after_long_help = "Example:\n  appeal escalate 2026-0123456789-3 --level regional --grounds overdue --reason 'No answer in time'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Level of review, in ascending order; levels can be skipped
    #[arg(long, value_name = "LEVEL", value_parser = word::<Level>())]
    level: Level,
    /// Grounds: no answer in time, an unsatisfactory answer, a critical error, or several services involved
    #[arg(long, value_name = "GROUNDS", value_parser = word::<EscalationGrounds>())]
    grounds: EscalationGrounds,
    #[command(flatten)]
    reason: texts::Reason,
    #[command(flatten)]
    files: Files,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body = Escalate {
            level: self.level,
            grounds: self.grounds,
            reason: String::new(),
            attachments: Vec::new(),
        };
        let mut submission = ESCALATE.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.reason = self.reason.required(ctx).await?;
        submission.send(ctx).await
    }
}
