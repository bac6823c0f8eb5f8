//! `appeal operator assign`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Assign;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal operator assign 2026-0123456789-3 --to operator-housing")]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Login of an operator of the responsible department
    #[arg(long, value_name = "LOGIN")]
    to: String,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let body = Assign { to: self.to };
        self.change
            .make(ctx, message_id!("done-assigned", number), |client, number, key| {
                client.assign(number, &body, key)
            })
            .await
    }
}
