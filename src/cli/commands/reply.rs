//! `appeal reply`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::uploads;
use appeal_api::TextWithFiles;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Answer the open clarification request of an appeal; it goes back to work. On a terminal the question \
                  and what is needed are shown first.",
    after_long_help = "Example:\n  appeal reply 2026-0123456789-3 --text 'The contract is attached' --attach contract.pdf"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: texts::Text,
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let files = uploads::checked(ctx, self.files.attach).await?;
        if !self.text.is_given() && ctx.out.can_prompt() {
            question(ctx, &begun.number).await?;
        }
        let text = self.text.required(ctx).await?;
        let attachments = uploads::upload(ctx, &files).await?;
        let body = TextWithFiles { text, attachments };
        begun.make(ctx, "done-reply", |client, number, key| client.reply(number, &body, key)).await
    }
}

/// Shows what is asked before the editor opens.
async fn question(ctx: &mut Context, number: &str) -> Result<(), Failure> {
    let client = ctx.client().await?;
    if let Some(open) = &client.show(number, false).await?.clarification {
        ctx.out.line(&open.question);
        for need in &open.needs {
            ctx.out.line(&format!("  - {need}"));
        }
        ctx.out.confirm("ask-write-reply", &[], true)?;
    }
    Ok(())
}
