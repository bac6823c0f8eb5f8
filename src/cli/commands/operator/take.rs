//! `appeal operator take`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_client::Empty;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal operator take 2026-0123456789-3")]
pub struct Args {
    #[command(flatten)]
    change: Move,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.change.make(ctx, "done-taken", |client, number, key| client.take(number, &Empty {}, key)).await
    }
}
