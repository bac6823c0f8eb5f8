//! `appeal supervisor revise`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts::Text;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Revise;
use appeal_i18n::message_id;

text_command!(
    REVISE: "supervisor revise",
    revise(body: Revise),
    if body.text.is_some() { message_id!("done-revised", number) } else { message_id!("done-revision-taken", number) }
);

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Start the revision of a review; with a text, complete it and state what was changed. Attach the \
                  final document.",
    after_long_help = "Examples:\n  appeal supervisor revise 2026-0123456789-3\n  \
                       appeal supervisor revise 2026-0123456789-3 --text 'The charge was recalculated' --attach act.pdf"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Never prompts: without a text, the review is taken into revision.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        if !self.text.is_given() && !self.files.attach.is_empty() {
            return Err(Failure::missing(Text::FLAG));
        }
        let mut submission = REVISE.begin(ctx, begun, Revise::default(), self.files.attach).await?;
        submission.body.text = self.text.optional(ctx).await?;
        submission.send(ctx).await
    }
}
