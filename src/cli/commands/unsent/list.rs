//! `appeal unsent list`.

use super::row::{Row, UNSENT};
use crate::cli::base::unsent::store;
use crate::cli::base::{Context, Failure};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List unsent texts, oldest first. The state says why each is unsent: `unsent` could not be sent, \
                  `unfinished` was interrupted while being written, `refused` has to be changed first. Needs no \
                  platform.",
    after_long_help = "Examples:\n  appeal unsent list\n  appeal unsent list -o json --jq '.[] | select(.state == \"unsent\") | .id'"
)]
pub struct Args {}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&UNSENT)?;
        let rows: Vec<Row> = store::all()?.into_iter().map(Row::of).collect();
        Ok(ctx.out.rows(&rows, &UNSENT)?)
    }
}
