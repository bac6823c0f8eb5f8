//! `appeal close`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_client::Empty;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Close an answered appeal without confirming that the problem is solved (see `appeal confirm`).",
    after_long_help = "Example:\n  appeal close 2026-0123456789-3"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.change
            .make(ctx, message_id!("done-close", number), |client, number, key| {
                client.close(number, &Empty {}, key)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};

    #[tokio::test]
    async fn an_appeal_is_closed_under_the_key_of_the_run() {
        let mut bench = Bench::new([(200, card("closed"))]);
        let args: Args = parse(&[&number()]);
        assert_eq!(args.run(&mut bench.ctx).await.unwrap(), Outcome::Done);
        let seen = &bench.seen()[0];
        assert_eq!(seen.line, format!("POST /v1/appeals/{}/close", number()));
        assert_eq!(seen.key.as_deref(), Some("key-of-the-run"));
        assert_eq!(bench.json()["status"], "closed");
    }

    #[tokio::test]
    async fn a_mistyped_number_is_refused_before_anything_is_sent() {
        let mut bench = Bench::new([]);
        let args: Args = parse(&["2026-0000000000-1"]);
        assert_eq!(args.run(&mut bench.ctx).await.unwrap_err().exit, crate::cli::base::Exit::Invalid);
        assert_eq!(bench.seen(), []);
    }
}
