//! `appeal close`.

use crate::cli::args::fields::KeyArg;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::CHANGED_SHAPE;
use appeal_client::Empty;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Close an answered appeal. Unlike `confirm` it does not say that the problem is solved.",
    after_long_help = "Example:\n  appeal close 2026-0123456789-3"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let appeal = client.close(&number, &Empty {}, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-close")?)
    }
}
