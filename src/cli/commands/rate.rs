//! `appeal rate`.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::texts;
use crate::cli::args::values::{self, word};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
use appeal_api::Rate;
use appeal_domain::ReviewCategory;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Rate the decision on an appeal, with remarks and a file if you like. The review goes to a queue, and \
                  what was changed because of it is shown with the appeal.",
    after_long_help = "Example:\n  appeal rate 2026-0123456789-3 --score 2 --category legal --remarks 'The cited rule was repealed'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// From 1 (bad) to 5 (good)
    #[arg(long, value_name = "1..5", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub score: u8,
    /// What the review is about
    #[arg(long, value_name = "CATEGORY", value_parser = word::<ReviewCategory>())]
    pub category: Option<ReviewCategory>,
    #[command(flatten)]
    pub remarks: texts::Remarks,
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
        let remarks = self.remarks.optional(ctx).await?;
        let client = ctx.client().await?;
        let attachments = uploads::upload(ctx, &client, &files).await?;
        let request = Rate { score: self.score, category: self.category, remarks, attachments };
        let appeal = client.rate(&number, &request, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-rate")?)
    }
}
