//! `appeal supervisor uphold` and `appeal supervisor change`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts::Text;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::TextWithFiles;
use appeal_i18n::message_id;

text_command!(UPHOLD: "supervisor uphold", uphold(body: TextWithFiles), message_id!("done-upheld", number));
text_command!(CHANGE: "supervisor change", change(body: TextWithFiles), message_id!("done-decision-changed", number));

/// The decision of the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Uphold,
    Change,
}

/// Arguments of both commands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Upholds or changes the decision.
    pub async fn run(self, ctx: &mut Context, verdict: Verdict) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let text_command = match verdict {
            Verdict::Uphold => UPHOLD,
            Verdict::Change => CHANGE,
        };
        let body = TextWithFiles { text: String::new(), attachments: Vec::new() };
        let mut submission = text_command.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}
