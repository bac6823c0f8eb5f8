//! `appeal reply`.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
use appeal_api::TextWithFiles;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Answer the open clarification request of an appeal; it goes back to work. On a terminal the question \
                  and what is needed are shown first.",
    after_long_help = "Example:\n  appeal reply 2026-0123456789-3 --text 'The contract is attached' --attach contract.pdf"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let files = uploads::checked(ctx, self.files.attach).await?;
        if !self.text.is_given() && ctx.out.can_prompt() {
            question(ctx, &number).await?;
        }
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = uploads::upload(ctx, &client, &files).await?;
        let appeal =
            client.reply(&number, &TextWithFiles { text, attachments }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-reply")?)
    }
}

/// Shows what is asked before the editor opens.
async fn question(ctx: &mut Context, number: &str) -> Result<(), Failure> {
    let client = ctx.client().await?;
    if let Some(open) = client.show(number, false).await?.clarification {
        ctx.out.line(&open.question);
        for need in &open.needs {
            ctx.out.line(&format!("  - {need}"));
        }
        ctx.out.confirm("ask-write-reply", &[], true)?;
    }
    Ok(())
}
