//! `appeal share remove`.

use crate::cli::args::change::DryRunArg;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::CHANGED_SHAPE;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal share remove 2026-0123456789-3 --with neighbour")]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Login of the user
    #[arg(long, value_name = "LOGIN")]
    with: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let change = ctx.client().await?.unshare(&number, self.with.trim());
        ctx.change(change, message_id!("done-unshare", number)).await
    }
}
