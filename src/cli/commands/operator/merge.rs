//! `appeal operator merge`.

use crate::cli::args::change::Move;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Merge;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(
    mut_arg("number", |number| number.help("Number of the duplicate")),
    long_about = "Merge a duplicate into another appeal: the duplicate is closed, and the decision on the other appeal \
                  applies to both. If the applicants are different people, neither sees the other's appeal. The \
                  duplicate's applicant receives the text of the decision as a comment, so keep personal data out of \
                  it.",
    after_long_help = "Example:\n  appeal operator merge 2026-0123456789-3 --into 2026-9876543210-5"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Undecided appeal to merge into
    #[arg(long, value_name = "NUMBER")]
    into: String,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body = Merge { into: values::number(&self.into)?.to_string() };
        begun
            .make(ctx, message_id!("done-merged", number), |client, number, key| {
                client.merge(number, &body, key)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, number, parse};

    #[tokio::test]
    async fn both_numbers_are_checked_before_anything_is_sent() {
        let mut bench = Bench::new([]);
        let args: Args = parse(&[&number(), "--into", "2026-0000000000-1"]);
        assert_eq!(args.run(&mut bench.ctx).await.unwrap_err().exit, crate::cli::base::Exit::Invalid);
    }
}
