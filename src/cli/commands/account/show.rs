//! `appeal account show`.

use super::shape::SHAPE;
use crate::cli::base::{Context, Failure};

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  appeal account show\n  appeal account show --jq '.organizations[].inn'"
)]
pub struct Args {}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let profile = ctx.client().await?.account().await?;
        Ok(ctx.out.one(&profile, &SHAPE)?)
    }
}
