//! `appeal unsent drop`.

use serde_json::json;

use super::row::{Row, UNSENT};
use super::stored::ChangeArgs;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Delete an unsent text. This cannot be undone; on a terminal you are asked to confirm.",
    after_long_help = "Example:\n  appeal unsent drop 4aeb1d94 --yes"
)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Skip the confirmation
    #[arg(short, long)]
    yes: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&UNSENT)?;
        let stored = self.change.stored.find()?;
        let row = Row::of(stored.clone());
        if self.change.dry_run.dry_run {
            let more = json!({ "unsent": row });
            return Ok(DryRun::default().changes("remove", &stored.path, more).into());
        }
        if ctx.out.can_prompt() && !self.yes {
            let text = row.text.clone().unwrap_or_default();
            ctx.out.line(&text);
            if !ctx.out.confirm(message!("unsent-ask-drop", id = row.id), false)? {
                return Err(Failure::from_message(
                    Exit::Interrupted,
                    "abandoned",
                    message!("unsent-not-dropped"),
                ));
            }
        }
        stored.remove()?;
        Ok(ctx.out.settled(&row, &UNSENT, message!("unsent-dropped", id = row.id))?.into())
    }
}
