//! `appeal create`: everything is known and checked before anything is sent, and what was written is never lost.

mod ask;
mod dry_run;
mod sender;
mod stored;
mod unsent;

use std::path::PathBuf;

pub use sender::Sender;
pub use unsent::{CREATE, REGISTER};

use crate::cli::args::change::{OWN_DRY_RUN, OnlyKey};
use crate::cli::args::fields::{Documents, Fields, Files};
use crate::cli::args::texts;
use crate::cli::base::unsent::store::State;
use crate::cli::base::{Context, Exit, Failure, Outcome};
use crate::cli::record::checks::{self, examine};
use crate::cli::record::template;
use crate::cli::record::{Record, file, uploads};
use crate::output::{CHANGED_SHAPE, FINDING_SHAPE};
use appeal_api::{Appeal, NewAppeal, Received, Similar};
use appeal_domain::Content;
use appeal_i18n::{message, message_id, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "File an appeal. Everything is checked before anything is sent: the writing, the requisites, the \
                  content of the files, and what the category requires. All findings are reported together, and \
                  nothing is filed if one is an error. Flags take precedence over --from, and --from over --template. \
                  On a terminal you are prompted for missing values; in a script, a missing value is a usage error \
                  that names the flag.\n\n\
                  If sending fails, the appeal is saved; `appeal unsent send ID` sends it without filing it twice.",
    after_long_help = "Examples:\n  \
        appeal create --category housing.repairs --subject 'No heating at 12 Forest Street since 3 November' \
        --text-file letter.txt --occurred 2026-11-03 --expected 'Heating restored' --attach photo.jpg\n  \
        appeal create --from appeal.yaml --dry-run\n  \
        appeal create --template no-heating --field address='12 Forest Street' --field since='3 November' --field temperature=14 -q"
)]
pub struct Args {
    #[command(flatten)]
    pub written: Written,
    /// Save a draft instead of filing
    #[arg(long)]
    pub draft: bool,
}

/// What is written, by flags and files, and how it is sent.
#[derive(Debug, clap::Args)]
pub struct Written {
    /// Subject, in a few words
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    pub subject: Option<String>,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub fields: Fields,
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub documents: Documents,
    /// Read values from a JSON, YAML or TOML file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Start from a template (`appeal template list`); `--field NAME=VALUE` fills its placeholders
    #[arg(long, value_name = "ID")]
    pub template: Option<String>,
    /// Check everything, here and on the platform, without filing
    #[arg(long = "dry-run", id = OWN_DRY_RUN)]
    pub dry_run: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub key: OnlyKey,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        self.written.send(ctx, self.draft, &Sender::Applicant).await
    }
}

impl Written {
    /// Checks and files it.
    ///
    /// # Errors
    /// A value is missing (exit 2), a check fails (exit 3), or it is not sent or refused.
    pub async fn send(self, ctx: &mut Context, draft: bool, sender: &Sender) -> Result<Outcome, Failure> {
        let dry_run = self.dry_run;
        match (dry_run, ctx.out.format().is_json()) {
            (false, _) => ctx.out.expects(&CHANGED_SHAPE)?,
            (true, false) => ctx.out.expects(&FINDING_SHAPE)?,
            (true, true) => {}
        }
        let stdin = |path: &PathBuf| path.as_os_str() == "-";
        if let Some(path) = self.from.as_deref().filter(|path| path.as_os_str() != "-") {
            ctx.unsent.source(path);
        }
        // What a person typed for this one command is nowhere else, so it is kept whatever the failure.
        let piped = self.text.text_file.as_ref().is_some_and(stdin) || self.from.as_ref().is_some_and(stdin);
        let typed = piped && ctx.out.is_attended();
        let mut record = self.record(ctx, draft).await?;
        if record.draft && !sender.may_draft() {
            return Err(Failure::usage("--draft", t!(ctx.lang, "register-no-draft")));
        }
        let key = record.key.clone().unwrap_or_else(|| ctx.key.clone());
        ctx.write_for(sender.command(), None, &key, Default::default());
        if typed {
            stored::keep(ctx, &record, sender, State::Unfinished, true);
        }
        let asks = ctx.out.can_prompt() && !missing(&record).is_empty();
        if record.template.is_some() {
            let client = ctx.client().await?;
            template::apply(ctx, &client, &mut record).await?;
        }
        if let Some(path) = record.text_file.take() {
            let text = texts::Text { text: None, text_file: Some(path) };
            record.content.text = text.optional(ctx).await?;
        }
        if asks && !missing(&record).is_empty() {
            let client = ctx.client().await?;
            if !ask::complete(ctx, &client, &mut record, sender, dry_run).await? {
                return Err(Failure::from_message(
                    Exit::Interrupted,
                    "abandoned",
                    message!("failure-abandoned"),
                ));
            }
        }
        let lacking = missing(&record);
        if !lacking.is_empty() {
            return Err(Failure::missing(&lacking.join(", ")));
        }
        if dry_run {
            return dry_run::run(ctx, &record, sender, &key).await.map(Outcome::from);
        }
        post(ctx, &record, sender, &key).await
    }

    /// What flags and file say.
    async fn record(self, ctx: &mut Context, draft: bool) -> Result<Record, Failure> {
        let text = self.text.optional(ctx).await?;
        let flags = Record {
            content: Content { subject: self.subject, text, ..self.fields.content },
            attach: self.files.attach,
            documents: self.documents.documents,
            template: self.template,
            draft,
            strict: self.strict,
            key: self.key.idempotency_key,
            ..Record::default()
        };
        Ok(match &self.from {
            Some(path) => file::read(ctx, path).await?.overlaid(flags),
            None => flags,
        })
    }
}

/// The flags without which nothing can be filed. A draft may lack anything.
fn missing(record: &Record) -> Vec<&'static str> {
    if record.draft || record.template.is_some() {
        return Vec::new();
    }
    let mut flags = Vec::new();
    if record.content.subject.is_none() {
        flags.push("--subject");
    }
    if record.content.text.is_none() && record.text_file.is_none() {
        flags.push("--text");
    }
    if record.content.category.as_deref().is_none_or(str::is_empty) {
        flags.push("--category");
    }
    flags
}

/// Files a complete record and reports the result.
async fn post(ctx: &mut Context, record: &Record, sender: &Sender, key: &str) -> Result<Outcome, Failure> {
    stored::keep(ctx, record, sender, State::Unsent, false);
    let appeal = file(ctx, record, sender, key).await?;
    ctx.unsent.arrived();
    ctx.out.changed(&appeal, if record.draft { message_id!("done-draft", number) } else { sender.done() })?;
    tell_similar(ctx, &appeal.similar);
    Ok(Outcome::Done)
}

/// Checks, uploads, files.
async fn file(
    ctx: &mut Context,
    record: &Record,
    sender: &Sender,
    key: &str,
) -> Result<Received<Appeal>, Failure> {
    let client = ctx.client().await?;
    let outcome = examine(&client, record, sender.is_applicant()).await?;
    let findings = outcome.described(ctx.lang);
    if outcome.fails(record.strict) {
        return Err(Failure::invalid(findings));
    }
    uploads::warn(ctx, &findings);
    let request = with_files(ctx, record, &outcome).await?;
    Ok(sender.file(&client, request, key).await?)
}

/// Names the appeals that say much the same: one filed twice is answered no sooner.
fn tell_similar(ctx: &mut Context, similar: &[Similar]) {
    if ctx.out.format().is_json() || ctx.out.is_quiet() {
        return;
    }
    for other in similar {
        let score = other.score.to_string();
        ctx.out.warn(message!("similar-filed", number = other.number, score));
    }
}

/// The request, once its files are up.
///
/// # Errors
/// An upload fails.
pub async fn with_files(
    ctx: &mut Context,
    record: &Record,
    outcome: &checks::Outcome,
) -> Result<NewAppeal, Failure> {
    let files: Vec<_> = outcome.files.iter().map(|(file, _)| file.clone()).collect();
    let mut attachments = uploads::upload(ctx, &files).await?;
    for (reference, (_, document)) in attachments.iter_mut().zip(&outcome.files) {
        reference.document.clone_from(document);
    }
    Ok(NewAppeal { attachments, ..record.into_request() })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use appeal_domain::{FIELDS, Form};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn line(words: &[&str]) -> Result<Args, clap::Error> {
        Line::try_parse_from(std::iter::once(&"create").chain(words)).map(|line| line.args)
    }

    #[test]
    fn every_flag_is_read() {
        let args = line(&[
            "--subject",
            "s",
            "--text",
            "t",
            "--category",
            "c",
            "--kind",
            "REQUEST",
            "--priority",
            "high",
            "--region",
            "77",
            "--service",
            "v",
            "--application",
            "n",
            "--occurred",
            "03.11.2026",
            "--expected",
            "e",
            "--steps",
            "p",
            "--actual",
            "a",
            "--organization",
            "7707083893",
            "--contact-email",
            "a@example.org",
            "--contact-phone",
            "+79001234567",
            "--contact-preferred",
            "email",
            "--institution-name",
            "i",
            "--institution-inn",
            "7707083893",
            "--institution-address",
            "d",
            "--address",
            "Lenina 5",
            "--latitude",
            "55.03",
            "--longitude",
            "82.92",
            "--field",
            "x=1",
            "--field",
            "y=a=b",
            "--attach",
            "f.pdf",
            "--document",
            "bill=g.pdf",
            "--draft",
            "--strict",
            "--idempotency-key",
            "k",
        ])
        .unwrap();
        let content = &args.written.fields.content;
        assert_eq!(content.occurred_at.as_deref(), Some("2026-11-03"));
        assert_eq!(content.fields["y"], "a=b");
        for field in FIELDS.iter().filter(|field| !matches!(field.form, Form::Subject | Form::Body)) {
            assert!(content.given(field).is_some(), "{}", field.flag);
        }
        assert_eq!(args.written.documents.documents[0].0, "bill");
        assert!(args.draft && args.written.strict && !args.written.dry_run);
    }

    #[test]
    fn wrong_words_and_forms_are_usage_errors() {
        for words in [
            ["--kind", "grievance"],
            ["--priority", "huge"],
            ["--occurred", "soon"],
            ["--field", "x"],
            ["--document", "x"],
            ["--contact-preferred", "pigeon"],
            ["--idempotency-key", ""],
        ] {
            assert_eq!(line(&words).unwrap_err().exit_code(), 2, "{words:?}");
        }
        assert_eq!(line(&["--text", "a", "--text-file", "b"]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(missing(&Record::default()), ["--subject", "--text", "--category"]);
        assert_eq!(missing(&Record { draft: true, ..Record::default() }), [""; 0]);
        let content = Content { subject: Some(String::new()), ..Content::default() };
        let some = Record { text_file: Some("x".into()), content, ..Record::default() };
        assert_eq!(missing(&some), ["--category"]);
    }
}
