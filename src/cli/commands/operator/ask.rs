//! `appeal operator ask`.

use crate::cli::args::change::Move;
use crate::cli::args::due::due;
use crate::cli::args::texts::Text;
use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Ask;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  appeal operator ask 2026-0123456789-3 --text 'Which flat is it?' --need 'number of the flat' --due 5d"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    /// Something that is needed, such as a document; can be repeated
    #[arg(long = "need", value_name = "WHAT")]
    needs: Vec<String>,
    /// By when to reply: a date, a time, or a span from now such as `5d`; by the policy unless given
    #[arg(long, value_name = "WHEN", value_parser = when)]
    due: Option<When>,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let due_at = due(ctx, self.due)?;
        let text = self.text.required(ctx).await?;
        let body = Ask { text, needs: self.needs, due_at };
        begun.make(ctx, "done-asked", |client, number, key| client.ask(number, &body, key)).await
    }
}
