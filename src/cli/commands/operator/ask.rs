//! `appeal operator ask`.

use crate::cli::args::change::Move;
use crate::cli::args::due::due;
use crate::cli::args::texts::Text;
use crate::cli::base::durations::when;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Ask;
use appeal_domain::When;
use appeal_i18n::message_id;

text_command!(ASK: "operator ask", ask(body: Ask), message_id!("done-asked", number));

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator ask 2026-0123456789-3 --text 'Which flat is it?' --need 'number of the flat' --due 5d"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    /// Required item, such as a document; can be repeated
    #[arg(long = "need", value_name = "WHAT")]
    needs: Vec<String>,
    /// Deadline for the reply: a date, a time, or a duration from now such as `5d` [default: by policy]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    due: Option<When>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let due_at = due(ctx, self.due.as_ref())?;
        let body = Ask { text: String::new(), needs: self.needs, due_at };
        let mut submission = ASK.begin(ctx, begun, body, Vec::new()).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};

    #[tokio::test]
    async fn a_span_of_days_and_a_date_last_to_the_end_of_the_day() {
        for (due, at) in [("5d", "2026-11-18T00:00:00Z"), ("2026-11-20", "2026-11-21T00:00:00Z")] {
            let mut bench = Bench::new([(200, card("clarification_required"))]);
            let args: Args = parse(&[&number(), "--text", "Где?", "--due", due]);
            args.run(&mut bench.ctx).await.unwrap();
            assert_eq!(bench.seen()[0].body["due_at"], at, "{due}");
        }
    }

    #[tokio::test]
    async fn a_due_date_in_the_past_is_a_usage_error() {
        let mut bench = Bench::new([]);
        let args: Args = parse(&[&number(), "--text", "Где?", "--due", "2026-11-01"]);
        assert_eq!(args.run(&mut bench.ctx).await.unwrap_err().exit, crate::cli::base::Exit::Usage);
    }
}
