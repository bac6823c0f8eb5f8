//! `appeal operator review`.

use crate::cli::args::change::Move;
use crate::cli::args::texts::Note;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::OptionalNote;
use appeal_i18n::message_id;

text_command!(REVIEW: "operator review", review(body: OptionalNote), message_id!("done-under-review", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator review 2026-0123456789-3 --note 'To the heating engineer'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    note: Note,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let mut submission = REVIEW.begin(ctx, begun, OptionalNote::default(), Vec::new()).await?;
        submission.body.note = self.note.optional(ctx).await?;
        submission.send(ctx).await
    }
}
