//! `appeal reply`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::TextWithFiles;
use appeal_i18n::{message, message_id};

text_command!(REPLY: "reply", reply(body: TextWithFiles), message_id!("done-reply", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Reply to the open clarification request of an appeal and return it to work. On a terminal, the \
                  question and the required items are shown first.",
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
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let number = begun.number.clone();
        let body = TextWithFiles { text: String::new(), attachments: Vec::new() };
        let mut submission = REPLY.begin(ctx, begun, body, self.files.attach).await?;
        if !self.text.is_given() && ctx.out.can_prompt() {
            question(ctx, &number).await?;
        }
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}

/// Shows the question before the editor opens.
async fn question(ctx: &mut Context, number: &str) -> Result<(), Failure> {
    let client = ctx.client().await?;
    if let Some(open) = &client.show(number, false).await?.clarification {
        ctx.out.line(&open.question);
        for need in &open.needs {
            ctx.out.line(&format!("  - {need}"));
        }
        ctx.out.confirm(message!("ask-write-reply"), true)?;
    }
    Ok(())
}
