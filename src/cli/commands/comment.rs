//! `appeal comment`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::uploads;
use appeal_api::NewComment;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Add a comment, with files if you like. Supplementing an appeal never needs a new one.",
    after_long_help = "Example:\n  appeal comment 2026-0123456789-3 --text 'The heating failed again today' --attach photo.jpg"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: texts::Text,
    #[command(flatten)]
    files: Files,
    /// For the authority's people alone
    #[arg(long)]
    internal: bool,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let files = uploads::checked(ctx, self.files.attach).await?;
        let text = self.text.required(ctx).await?;
        let attachments = uploads::upload(ctx, &files).await?;
        let body = NewComment { text, attachments, internal: self.internal };
        begun.make(ctx, "done-comment", |client, number, key| client.comment(number, &body, key)).await
    }
}
