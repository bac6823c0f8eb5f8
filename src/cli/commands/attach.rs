//! `appeal attach`.

use std::path::PathBuf;

use crate::cli::args::change::{KeyArg, Move};
use crate::cli::args::fields::Documents;
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::commands::files::find;
use crate::cli::submission::text_command;
use appeal_api::AttachFiles;
use appeal_i18n::message_id;

text_command!(ATTACH: "attach", attach(body: AttachFiles), message_id!("done-attach", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Add files to an appeal, or a new version of a file. All files are checked before any is sent; if one \
                  fails, none are sent.",
    after_long_help = "Examples:\n  appeal attach 2026-0123456789-3 scan.pdf photo.jpg\n  \
                       appeal attach 2026-0123456789-3 scan-2.pdf --replace scan.pdf"
)]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Files to add (PDF, JPG, PNG, DOC, DOCX)
    #[arg(value_name = "FILE", required_unless_present = "documents")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    documents: Documents,
    /// Id or name of an attached file to replace with a new version; the old version can be restored
    #[arg(long, value_name = "ID")]
    replace: Option<String>,
    #[command(flatten)]
    note: texts::Note,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let replace = match self.replace {
            Some(wanted) if uuid::Uuid::try_parse(&wanted).is_err() => {
                Some(named(ctx, &self.number, &wanted).await?)
            }
            other => other,
        };
        let begun = Move { number: self.number, key: self.key }.begin(ctx)?;
        let documents = self.documents.documents;
        if replace.is_some() && self.files.len() + documents.len() != 1 {
            return Err(Failure::usage("--replace", appeal_i18n::t!(ctx.lang, "attach-replace-one")));
        }
        let mut files: Vec<_> = self.files.into_iter().map(|path| (path, None)).collect();
        files.extend(documents.into_iter().map(|(code, path)| (path, Some(code))));
        let body = AttachFiles { replace, ..AttachFiles::default() };
        let mut submission = ATTACH.begin_with(ctx, begun, body, files).await?;
        submission.body.note = self.note.optional(ctx).await?;
        submission.send(ctx).await
    }
}

/// Returns the id of the file with this name.
async fn named(ctx: &mut Context, number: &str, name: &str) -> Result<String, Failure> {
    let number = values::number(number)?.to_string();
    let files = ctx.client().await?.attachments(&number).await?;
    Ok(find::one(&files, name)?.id.clone())
}
