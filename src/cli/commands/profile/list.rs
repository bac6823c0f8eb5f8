//! `appeal profile list`.

use super::row::{PROFILE, Row};
use crate::cli::base::{Context, Failure};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal profile list")]
pub struct Args {}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&PROFILE)?;
        let config = ctx.config()?;
        let default = config.default_profile();
        let row = |(name, profile): (String, _)| Row::of(&name, profile, default.as_ref() == Some(&name));
        let rows: Vec<Row> = config.profiles().into_iter().map(row).collect();
        Ok(ctx.out.rows(&rows, &PROFILE)?)
    }
}
