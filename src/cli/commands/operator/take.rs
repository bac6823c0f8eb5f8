//! `appeal operator take`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_client::Empty;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal operator take 2026-0123456789-3")]
pub struct Args {
    #[command(flatten)]
    change: Move,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.change
            .make(ctx, message_id!("done-taken", number), |client, number, key| {
                client.take(number, &Empty {}, key)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};
    use crate::output::{Format, Options};

    #[tokio::test]
    async fn people_read_what_was_done() {
        let options = Options { format: Some(Format::Table), ..Options::default() };
        let mut bench = Bench::with([(200, card("in_progress"))], options, "");
        parse::<Args>(&[&number()]).run(&mut bench.ctx).await.unwrap();
        assert!(bench.printed().contains(&number()), "{}", bench.printed());
    }
}
