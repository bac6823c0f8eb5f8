//! `appeal close`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_client::Empty;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Close an answered appeal. Unlike `confirm` it does not say that the problem is solved.",
    after_long_help = "Example:\n  appeal close 2026-0123456789-3"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.change.make(ctx, "done-close", |client, number, key| client.close(number, &Empty {}, key)).await
    }
}
