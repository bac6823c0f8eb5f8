//! `appeal confirm`.

use crate::cli::args::fields::KeyArg;
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure};
use crate::output::CHANGED_SHAPE;
use appeal_api::Confirm;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Say that the answer solved the problem; the appeal is completed. With --no and a reason it is not \
                  solved, and the appeal goes back to work.",
    after_long_help = "Examples:\n  appeal confirm 2026-0123456789-3\n  \
                       appeal confirm 2026-0123456789-3 --no --reason 'Still no hot water on 12 November'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// It is not solved; needs a reason
    #[arg(long)]
    pub no: bool,
    #[command(flatten)]
    pub reason: texts::Reason,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        if self.reason.is_given() && !self.no {
            return Err(Failure::usage(
                "--reason",
                appeal_i18n::t(ctx.lang, "confirm-reason-without-no", &[]),
            ));
        }
        let reason = if self.no { Some(self.reason.required(ctx).await?) } else { None };
        let client = ctx.client().await?;
        let answer = Confirm { solved: !self.no, reason };
        let appeal = client.confirm(&number, &answer, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, if self.no { "done-confirm-no" } else { "done-confirm" })?)
    }
}
