//! `appeal attach`.

use std::path::PathBuf;

use crate::cli::args::change::{KeyArg, Move};
use crate::cli::args::fields::Documents;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::uploads;
use appeal_api::AttachFiles;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Add files to an appeal, or a new version of one. All files are checked before a byte is sent; if one \
                  fails, none is sent.",
    after_long_help = "Examples:\n  appeal attach 2026-0123456789-3 scan.pdf photo.jpg\n  \
                       appeal attach 2026-0123456789-3 scan-2.pdf --replace 4f1c"
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
    /// Id of the file that the one given file is a new version of; the old one stays and can be restored
    #[arg(long, value_name = "ID")]
    replace: Option<String>,
    #[command(flatten)]
    note: texts::Note,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = Move { number: self.number, key: self.key }.begin(ctx)?;
        let documents = self.documents.documents;
        if self.replace.is_some() && self.files.len() + documents.len() != 1 {
            return Err(Failure::usage("--replace", appeal_i18n::t(ctx.lang, "attach-replace-one", &[])));
        }
        let note = self.note.optional(ctx).await?;
        let mut paths = self.files;
        paths.extend(documents.iter().map(|(_, path)| path.clone()));
        let files = uploads::checked(ctx, paths).await?;
        let mut attachments = uploads::upload(ctx, &files).await?;
        for (reference, file) in attachments.iter_mut().zip(&files) {
            reference.document =
                documents.iter().find(|(_, path)| *path == file.path).map(|(code, _)| code.clone());
        }
        let body = AttachFiles { attachments, replace: self.replace, note };
        begun.make(ctx, "done-attach", |client, number, key| client.attach(number, &body, key)).await
    }
}
