//! `appeal attach`.

use std::path::PathBuf;

use crate::cli::args::fields::{Documents, KeyArg};
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
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
    pub number: String,
    /// Files to add (PDF, JPG, PNG, DOC, DOCX)
    #[arg(value_name = "FILE", required_unless_present = "documents")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub documents: Documents,
    /// Id of the file that the one given file is a new version of; the old one stays and can be restored
    #[arg(long, value_name = "ID")]
    pub replace: Option<String>,
    #[command(flatten)]
    pub note: texts::Note,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let documents = self.documents.documents;
        if self.replace.is_some() && self.files.len() + documents.len() != 1 {
            return Err(Failure::usage("--replace", appeal_i18n::t(ctx.lang, "attach-replace-one", &[])));
        }
        let note = self.note.optional(ctx).await?;
        let mut paths = self.files;
        paths.extend(documents.iter().map(|(_, path)| path.clone()));
        let files = uploads::checked(ctx, paths).await?;
        let client = ctx.client().await?;
        let mut attachments = uploads::upload(ctx, &client, &files).await?;
        for (reference, file) in attachments.iter_mut().zip(&files) {
            reference.document =
                documents.iter().find(|(_, path)| *path == file.path).map(|(code, _)| code.clone());
        }
        let request = AttachFiles { attachments, replace: self.replace, note };
        let appeal = client.attach(&number, &request, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-attach")?)
    }
}
