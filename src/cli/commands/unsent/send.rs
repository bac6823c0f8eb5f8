//! `appeal unsent send`.

use std::path::Path;

use serde_json::json;

use super::review::review;
use super::stored::ChangeArgs;
use super::text_commands;
use crate::cli::base::unsent::store::{Content, Entry, State, Stored};
use crate::cli::base::{Context, Exit, Failure, Outcome};
use crate::cli::submission::{Submission, TextCommand};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Send an unsent text with its original idempotency key: if it was already received, nothing is done \
                  twice. It is sent to its original platform, or to the one given by --server or --profile.\n\n\
                  A text that was interrupted while being written is never sent silently. On a terminal you are \
                  prompted for missing values and for confirmation. In a script, --yes sends it; without --yes, or if \
                  something is missing, the command exits with 3.",
    after_long_help = "Examples:\n  appeal unsent send 4aeb1d94\n  appeal unsent send 4aeb1d94 --server https://appeals.example\n  \
                       appeal unsent send 4aeb1d94 --yes"
)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Send an interrupted text without confirmation
    #[arg(short, long)]
    yes: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let stored = self.change.stored.find()?;
        let Content::Entry(entry) = &stored.content else {
            return Err(without_command(&stored));
        };
        let text_command = text_commands::of(&entry.command)?;
        ctx.globals.choose(&entry.platform);
        let entry = ctx.unsent.resume(&stored.path, entry.as_ref().clone());
        let finished = entry.state != State::Unfinished;
        let mut submission = Submission::from(entry.clone());
        if !finished {
            self.complete(ctx, text_command, &entry, (&stored.id, &mut submission)).await?;
            ctx.unsent.keep(submission.body.clone(), submission.files.clone(), State::Unsent, true);
        }
        (text_command.send)(ctx, submission).await
    }

    /// Completes the submission and asks for confirmation; returns whether to send it.
    async fn complete(
        &self,
        ctx: &mut Context,
        text_command: &TextCommand,
        entry: &Entry,
        (id, submission): (&str, &mut Submission),
    ) -> Result<(), Failure> {
        let flag = format!("--{}", entry.member());
        let missing: Vec<&str> = match text_command.missing {
            Some(missing) => missing(submission),
            None if entry.text().is_none() => vec![&flag],
            None => Vec::new(),
        };
        let agreed = self.yes || ctx.is_dry_run();
        if agreed && missing.is_empty() {
            return Ok(());
        }
        if !ctx.out.can_prompt() {
            return Err(unfinished(id, &missing, agreed));
        }
        let goes = match text_command.ask {
            Some(ask) => ask(ctx, submission).await?,
            None => review(ctx, submission, entry.member())?,
        };
        if goes {
            return Ok(());
        }
        Err(Failure::from_message(Exit::Interrupted, "abandoned", message!("unsent-left")))
    }
}

/// A script may not send this text yet.
fn unfinished(id: &str, missing: &[&str], agreed: bool) -> Failure {
    let message = if missing.is_empty() {
        message!("unsent-unconfirmed", id)
    } else {
        message!("unsent-incomplete", id, missing = missing.join(", "))
    };
    let mut failure = Failure::from_message(Exit::Invalid, "unsent_unfinished", message);
    let yes = (!agreed).then_some("--yes");
    failure.details = missing.iter().copied().chain(yes).map(|flag| json!({ "flag": flag })).collect();
    failure
}

/// The failure for a text of version 0.1, which did not record the command.
fn without_command(stored: &Stored) -> Failure {
    let path = quoted(&stored.path);
    let command = match &stored.content {
        Content::Text { flag, key, .. } => {
            format!("appeal … --{flag}-file {path} --idempotency-key {}", quoted(Path::new(key)))
        }
        Content::Changes(_) | Content::Entry(_) => format!("appeal edit … --from {path}"),
    };
    let message = message!("unsent-old", id = stored.id, command);
    let mut failure = Failure::from_message(Exit::Invalid, "unsent_old", message);
    failure.details.push(json!({ "kept": stored.path.to_string_lossy(), "command": command }));
    failure
}

/// Quotes a path for a shell.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    // A path cannot contain NUL, which is the only thing that cannot be quoted.
    shlex::try_quote(&path).map_or_else(|_| path.clone().into_owned(), std::borrow::Cow::into_owned)
}
