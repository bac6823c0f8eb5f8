//! `appeal confirm`.

use crate::cli::args::change::Move;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Confirm;
use appeal_i18n::{message_id, t};

text_command!(
    CONFIRM: "confirm",
    confirm(body: Confirm),
    if body.solved { message_id!("done-confirm", number) } else { message_id!("done-confirm-no", number) }
);

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Confirm that the answer solved the problem, which completes the appeal. With --no and a reason, \
                  report that it did not; the appeal goes back to work.",
    after_long_help = "Examples:\n  appeal confirm 2026-0123456789-3\n  \
                       appeal confirm 2026-0123456789-3 --no --reason 'Still no hot water on 12 November'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// The problem is not solved; requires a reason
    #[arg(long)]
    no: bool,
    #[command(flatten)]
    reason: texts::Reason,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        if self.reason.is_given() && !self.no {
            return Err(Failure::usage("--reason", t!(ctx.lang, "confirm-reason-without-no")));
        }
        let body = Confirm { solved: !self.no, reason: self.no.then(String::new) };
        let mut submission = CONFIRM.begin(ctx, begun, body, Vec::new()).await?;
        if self.no {
            submission.body.reason = Some(self.reason.required(ctx).await?);
        }
        submission.send(ctx).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};

    #[tokio::test]
    async fn no_takes_a_reason_and_yes_takes_none() {
        let mut bench = Bench::new([(200, card("in_progress"))]);
        let args: Args = parse(&[&number(), "--no", "--reason", "Не работает"]);
        args.run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.seen()[0].body, json!({ "solved": false, "reason": "Не работает" }));
        let args: Args = parse(&[&number(), "--reason", "Работает"]);
        let failure = args.run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(failure.details, [json!({ "flag": "--reason" })]);
    }
}
