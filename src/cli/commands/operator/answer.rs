//! `appeal operator answer`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts::Text;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::GiveAnswer;
use appeal_domain::Decision;
use appeal_i18n::{message_id, t};

text_command!(ANSWER: "operator answer", answer(body: GiveAnswer), message_id!("done-answered", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator answer 2026-0123456789-3 --decision granted --text-file answer.txt --attach act.pdf"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Decision: granted, partly or explained (to refuse, use `appeal operator refuse`)
    #[arg(long, value_name = "DECISION", value_parser = word::<Decision>(), hide_possible_values = true)]
    decision: Decision,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
    /// Wait for the applicant to confirm that the problem is solved
    #[arg(long)]
    await_confirmation: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        if self.decision == Decision::Refused {
            return Err(Failure::usage("--decision", t!(ctx.lang, "answer-refused")));
        }
        let begun = self.change.begin(ctx)?;
        let body = GiveAnswer {
            decision: self.decision,
            text: String::new(),
            attachments: Vec::new(),
            await_confirmation: self.await_confirmation,
        };
        let mut submission = ANSWER.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}
