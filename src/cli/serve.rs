//! `appeal serve`.

use super::{Context, Failure};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    /// Runs the command.
    pub async fn run(self, _ctx: &mut Context) -> Result<(), Failure> {
        Ok(())
    }
}
