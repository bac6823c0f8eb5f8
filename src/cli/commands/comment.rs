//! `appeal comment`.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
use appeal_api::NewComment;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Add a comment, with files if you like. Supplementing an appeal never needs a new one.",
    after_long_help = "Example:\n  appeal comment 2026-0123456789-3 --text 'The heating failed again today' --attach photo.jpg"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub files: Files,
    /// For the authority's people alone
    #[arg(long)]
    pub internal: bool,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let files = uploads::checked(ctx, self.files.attach).await?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = uploads::upload(ctx, &client, &files).await?;
        let comment = NewComment { text, attachments, internal: self.internal };
        let appeal = client.comment(&number, &comment, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-comment")?)
    }
}
