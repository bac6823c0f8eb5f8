//! `appeal check`: the checks that need no connection.

use std::path::PathBuf;

use crate::cli::args::fields::{Documents, Fields};
use crate::cli::args::texts;
use crate::cli::base::{Context, Exit, Failure};
use crate::cli::record::checks;
use crate::cli::record::{Record, file};
use crate::output::FINDING_SHAPE;
use appeal_domain::Content;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Check files, a text or a whole record offline: the writing, the requisites, and the content of the \
                  files. Nothing is sent, and no platform is needed. The exit code is 3 if there are errors or, with \
                  --strict, any findings.",
    after_long_help = "Examples:\n  appeal check *.pdf photo.jpg\n  appeal check --text-file letter.txt --strict\n  \
                       appeal check --from appeal.yaml --json"
)]
pub struct Args {
    /// Files to check
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Subject to check
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    pub subject: Option<String>,
    #[command(flatten)]
    pub text: texts::Text,
    /// Check a record in a JSON, YAML or TOML file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    pub fields: Fields,
    #[command(flatten)]
    pub documents: Documents,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&FINDING_SHAPE)?;
        let nothing = self.files.is_empty()
            && self.subject.is_none()
            && !self.text.is_given()
            && self.from.is_none()
            && self.fields.is_empty()
            && self.documents.documents.is_empty();
        if nothing {
            return Err(Failure::missing("FILE, --text, --from"));
        }
        let whole = self.from.is_some();
        let text = self.text.optional(ctx).await?;
        let flags = Record {
            content: Content { subject: self.subject, text, ..self.fields.content },
            attach: self.files,
            documents: self.documents.documents,
            strict: self.strict,
            ..Record::default()
        };
        let mut record = match &self.from {
            Some(path) => file::read(ctx, path).await?.overlaid(flags),
            None => flags,
        };
        if let Some(path) = record.text_file.take() {
            record.content.text = texts::Text { text: None, text_file: Some(path) }.optional(ctx).await?;
        }
        // A template's words are the platform's: without it only the rest of the record is judged.
        let with_template = record.template.is_some();
        let mut outcome = checks::check(&record).await?;
        let judged = |given: bool| given || (whole && !with_template);
        outcome.findings.retain(|finding| match finding.field.as_str() {
            "subject" => judged(record.content.subject.is_some()),
            "text" => judged(record.content.text.is_some()),
            "attach" => true,
            // Advice on how a text could be better needs a text.
            _ => finding.is_error() || judged(record.content.text.is_some()),
        });
        let findings = outcome.described(ctx.lang);
        ctx.out.print_findings(&findings)?;
        if outcome.fails(record.strict) {
            let count = findings.len().to_string();
            let mut failure =
                Failure::from_message(Exit::Invalid, "invalid", message!("failure-check", count));
            if ctx.out.format().is_json() {
                failure.details = findings.iter().filter_map(|f| serde_json::to_value(f).ok()).collect();
            }
            return Err(failure);
        }
        if findings.is_empty() && ctx.out.format() == crate::output::Format::Table {
            ctx.out.note(message!("check-clean"));
        }
        Ok(())
    }
}
