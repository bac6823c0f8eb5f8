//! `appeal supervisor uphold` and `appeal supervisor change`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts::Text;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::uploads::attached;
use appeal_api::TextWithFiles;

/// What becomes of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Uphold,
    Change,
}

/// Arguments of both commands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
}

impl Args {
    /// Upholds or changes the decision.
    pub async fn run(self, ctx: &mut Context, verdict: Verdict) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let text = self.text.required(ctx).await?;
        let attachments = attached(ctx, self.files.attach).await?;
        let body = TextWithFiles { text, attachments };
        let done = match verdict {
            Verdict::Uphold => "done-upheld",
            Verdict::Change => "done-decision-changed",
        };
        begun
            .make(ctx, done, |client, number, key| match verdict {
                Verdict::Uphold => client.uphold(number, &body, key),
                Verdict::Change => client.change(number, &body, key),
            })
            .await
    }
}
