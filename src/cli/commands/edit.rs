//! `appeal edit`.

use std::path::PathBuf;

use crate::cli::args::change::DryRunArg;
use crate::cli::args::fields::Fields;
use crate::cli::args::{texts, values};
use crate::cli::base::unsent::store::State;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::checks::Against;
use crate::cli::record::file;
use crate::cli::submission::{self, TextCommand};
use crate::output::CHANGED_SHAPE;
use appeal_api::{Appeal, EditAppeal, Received};
use appeal_client::Client;
use appeal_domain::{Content, Examined, Finding, Rules, Status};
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Edit a draft, or supplement and correct a filed appeal. Every version is kept in the journal. Only \
                  the given fields change; an empty value clears a field. On a terminal without flags, the text opens \
                  in the editor. If the appeal has changed in the meantime, nothing is edited and the command exits \
                  with 6.\n\n\
                  If sending fails, your changes are saved; `appeal unsent send ID` sends them.",
    after_long_help = "Examples:\n  appeal edit 2026-0123456789-3 --contact-phone '+7 900 123-45-67'\n  \
                       appeal edit D-0123ABCD --category housing.repairs --field meter=12345 --text-file letter.txt"
)]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Subject, in a few words
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    pub subject: Option<String>,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub fields: Fields,
    /// Read changes from a JSON, YAML or TOML file; `-` is stdin. Flags take precedence
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        if let Some(path) = self.from.as_deref().filter(|path| path.as_os_str() != "-") {
            ctx.unsent.source(path);
        }
        // The changes themselves make it safe to repeat; the key only names what is stored.
        let key = ctx.key.clone();
        ctx.write_for("edit", Some(&number), &key, Default::default());
        let text = self.text.optional(ctx).await?;
        let flags = Content { subject: self.subject, text, ..self.fields.content };
        let mut edit = match &self.from {
            Some(path) => file::changes(ctx, path).await?.content().overlaid(&flags),
            None => flags,
        };
        let nothing = edit == Content::default();
        if nothing && !ctx.out.can_prompt() {
            return Err(Failure::missing("--text"));
        }
        if !nothing {
            let body = submission::object(&EditAppeal::from(edit.clone()));
            ctx.unsent.keep(body, Vec::new(), State::Unsent, false);
        }
        let client = ctx.client().await?;
        let (appeal, against) = read(&client, &number).await?;
        if nothing {
            let present = appeal.text.as_deref().unwrap_or_default();
            edit.text = Some(texts::edited(ctx, texts::Text::FLAG, present)?);
        }
        change(ctx, &appeal, against, edit).await
    }
}

/// How changes are made later.
pub const EDIT: &TextCommand = &TextCommand {
    command: "edit",
    send: |ctx, submission| {
        Box::pin(async move {
            let number = submission.number.clone();
            let edit: EditAppeal = submission::typed(submission.body)?;
            let client = ctx.client().await?;
            let (appeal, against) = read(&client, &number).await?;
            change(ctx, &appeal, against, edit.content()).await
        })
    },
    ask: None,
    missing: None,
    change: Some(|submission, flags| {
        let edit: EditAppeal = submission::typed(submission.body.clone())?;
        submission.body = submission::object(&EditAppeal::from(edit.content().overlaid(&flags.content)));
        Ok(())
    }),
};

/// The appeal, and the rules for changes to it.
async fn read(client: &Client, number: &str) -> Result<(Received<Appeal>, Against), Failure> {
    Ok(tokio::try_join!(client.show(number, false), Against::others(client))?)
}

/// Makes the changes to this version of the appeal.
async fn change(
    ctx: &mut Context,
    appeal: &Appeal,
    against: Against,
    edit: Content,
) -> Result<Outcome, Failure> {
    let found = wrong(&edit, appeal, against);
    if !found.is_empty() {
        return Err(Failure::invalid(appeal_i18n::findings(ctx.lang, &found)));
    }
    let client = ctx.client().await?;
    ctx.change(
        client.edit(&appeal.number, &edit.into(), Some(appeal.version)),
        message_id!("done-edit", number),
    )
    .await
}

/// Errors in what is changed. What another category asks for is left to the platform, which has the files.
fn wrong(edit: &Content, appeal: &Appeal, against: Against) -> Vec<Finding> {
    let now = against.now();
    let rules = Rules { categories: None, ..against.rules };
    let before = appeal.content().without_blanks();
    let content = before.clone().edited(edit);
    let draft = appeal.status == Status::Draft;
    let examined = Examined { content: &content, knows_account: false, documents: &[], draft };
    appeal_domain::examine_edit(&before, &examined, &rules, now)
}
