//! `appeal unsent edit`.

use serde_json::json;

use super::row::{Row, UNSENT};
use super::stored::ChangeArgs;
use super::text_commands;
use crate::cli::args::fields::{Documents, Fields, Files};
use crate::cli::args::texts;
use crate::cli::base::unsent::store::{Content, Entry, State, Stored};
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::cli::record::Record;
use crate::cli::submission::Submission;
use appeal_i18n::{message, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Edit an unsent text. Without flags it opens in the editor. --text replaces the text, whatever the \
                  original command calls it (a reason, remarks). The other flags are those of `create`: they change an \
                  unsent appeal, or unsent changes to one; --attach and --document add files to an unsent appeal.",
    after_long_help = "Examples:\n  appeal unsent edit 4aeb1d94\n  appeal unsent edit 4aeb1d94 --text-file letter.txt\n  \
                       appeal unsent edit 4aeb1d94 --category roads"
)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Subject, in a few words
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    subject: Option<String>,
    #[command(flatten)]
    text: texts::Text,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    documents: Documents,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&UNSENT)?;
        let stored = self.change.stored.find()?;
        let Content::Entry(entry) = &stored.content else {
            let message = message!("unsent-old-edit", id = stored.id, path = stored.path.display());
            return Err(Failure::from_message(Exit::Invalid, "unsent_old", message));
        };
        let text_command = text_commands::of(&entry.command)?;
        // Before the text is resumed, because `--text` replaces it below.
        let text = self.text.optional(ctx).await?;
        let mut flags =
            Record { attach: self.files.attach, documents: self.documents.documents, ..Record::default() };
        flags.content = self.fields.content;
        flags.content.subject = self.subject;
        if text_command.change.is_none() && flags != Record::default() {
            return Err(Failure::usage("--text", t!(ctx.lang, "unsent-only-text", command = entry.command)));
        }
        let entry = ctx.unsent.resume(&stored.path, entry.as_ref().clone());
        let member = entry.member().to_owned();
        let mut submission = Submission::from(entry.clone());
        let text = match text {
            None if flags == Record::default() => {
                let present = entry.text().unwrap_or_default();
                Some(texts::edited(ctx, &format!("--{member}"), present)?)
            }
            text => text,
        };
        if let Some(change) = text_command.change {
            flags.content.text = text;
            change(&mut submission, flags)?;
        } else if let Some(text) = text {
            submission.body.insert(member, text.into());
        }
        let state = if entry.state == State::Refused { State::Unsent } else { entry.state };
        let Submission { body, files, .. } = submission;
        ctx.unsent.keep(body.clone(), files.clone(), state, true);
        ctx.unsent.release();
        let content = Content::Entry(Box::new(Entry { body, files, state, draft: None, ..entry }));
        let row = Row::of(Stored { content, ..stored });
        if self.change.dry_run.dry_run {
            return Ok(DryRun::default().changes("write", &row.path, json!({ "unsent": row })).into());
        }
        Ok(ctx.out.settled(&row, &UNSENT, message!("unsent-edited", id = row.id))?.into())
    }
}
