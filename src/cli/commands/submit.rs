//! `appeal submit`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_client::Empty;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(
    mut_arg("number", |number| number.value_name("DRAFT").help("Id of the draft")),
    long_about = "File a draft. Everything is checked, and the appeal gets a number and the date by which an answer is \
                  due.",
    after_long_help = "Example:\n  appeal submit D-0123ABCD"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.change
            .make(ctx, message_id!("done-submit", number), |client, number, key| {
                client.submit(number, &Empty {}, key)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, parse, problem};

    #[tokio::test]
    async fn a_refusal_of_the_platform_is_the_failure() {
        let mut bench = Bench::new([problem(409, "forbidden_move")]);
        let args: Args = parse(&["D-0123ABCD"]);
        let failure = args.run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(
            (failure.exit, failure.code.as_str()),
            (crate::cli::base::Exit::Conflict, "forbidden_move")
        );
    }
}
