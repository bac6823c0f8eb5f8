//! `appeal escalate`.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::texts;
use crate::cli::args::values::{self, word};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
use appeal_api::Escalate;
use appeal_domain::{EscalationGrounds, Level};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Move an appeal to a higher level of review. It keeps its number, gets a deadline of its own, and \
                  only the supervisor of that level acts on it. Where there is no ground yet, the refusal says when \
                  there will be.",
    after_long_help = "Example:\n  appeal escalate 2026-0123456789-3 --level regional --grounds overdue --reason 'No answer in time'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Level of review; levels rise in this order and may be skipped
    #[arg(long, value_name = "LEVEL", value_parser = word::<Level>())]
    pub level: Level,
    /// Ground: no answer in time, an unsatisfactory answer, a critical error, several services concerned
    #[arg(long, value_name = "GROUNDS", value_parser = word::<EscalationGrounds>())]
    pub grounds: EscalationGrounds,
    #[command(flatten)]
    pub reason: texts::Reason,
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
        let reason = self.reason.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = uploads::upload(ctx, &client, &files).await?;
        let request = Escalate { level: self.level, grounds: self.grounds, reason, attachments };
        let appeal = client.escalate(&number, &request, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-escalate")?)
    }
}
