//! `appeal rate`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::args::values::{whole, word};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Rate;
use appeal_domain::ReviewCategory;
use appeal_i18n::message_id;

text_command!(RATE: "rate", rate(body: Rate), message_id!("done-rate", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Rate the decision on an appeal, optionally with remarks and a file. The review is queued for a \
                  supervisor, and any changes made because of it are shown with the appeal.",
    after_long_help = "Example:\n  appeal rate 2026-0123456789-3 --score 2 --category legal --remarks 'The cited rule was repealed'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// From 1 (bad) to 5 (good)
    #[arg(long, value_name = "1..5", value_parser = whole(1..=5_u8))]
    score: u8,
    /// What the review is about
    #[arg(long, value_name = "CATEGORY", value_parser = word::<ReviewCategory>())]
    category: Option<ReviewCategory>,
    #[command(flatten)]
    remarks: texts::Remarks,
    #[command(flatten)]
    files: Files,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body =
            Rate { score: self.score, category: self.category, remarks: None, attachments: Vec::new() };
        let mut submission = RATE.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.remarks = self.remarks.optional(ctx).await?;
        submission.send(ctx).await
    }
}
