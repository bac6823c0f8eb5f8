//! `appeal account confirm`.

use std::path::PathBuf;

use super::shape::SHAPE;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::{self, CodeArg};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::uploads;
use crate::output::{Cell, Column, Shape};
use appeal_api::{AskConfirmation, ConfirmAccount, Hidden, code};
use appeal_client::{Client, Error};
use appeal_domain::requisites::{Email, Phone};
use appeal_files::Checked;
use appeal_i18n::message;

const SENT: Shape = Shape {
    columns: &[
        Column::new("way", Cell::Word("code way")),
        Column::new("address", Cell::Text),
        Column::new("expires_at", Cell::Time),
    ],
    more: &[],
    key: "address",
};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Confirm your account by entering a code sent to your phone by SMS, optionally with a scan of an \
                  identity document. With --email, confirm an e-mail address instead. On a terminal you are prompted \
                  for everything; in a script, the first call sends the code and the second submits it.",
    after_long_help = "Examples:
  appeal account confirm --phone '+7 900 123-45-67'
  appeal account confirm --code 123456 --document passport.pdf
  appeal account confirm --email petrova@example.org"
)]
pub struct Args {
    /// Send the code to this phone
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true, conflicts_with_all = ["email", "code", "code_file"])]
    phone: Option<String>,
    /// Send the code to this e-mail
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["code", "code_file"])]
    email: Option<String>,
    #[command(flatten)]
    code: CodeArg,
    /// Scan of an identity document (PDF, JPG, PNG)
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let documents = uploads::checked(ctx, self.document.clone().into_iter().collect()).await?;
        let given = self.code.optional(ctx).await?;
        if given.is_some() {
            ctx.out.expects(&SHAPE)?;
            let client = ctx.client().await?;
            return finish(ctx, &client, given, &documents).await;
        }
        let target = self.target(ctx).await?;
        ctx.out.expects(if ctx.out.can_prompt() { &SHAPE } else { &SENT })?;
        let client = ctx.client().await?;
        let asked = client.ask_confirmation(&target);
        if ctx.is_dry_run() || !ctx.out.can_prompt() {
            return ctx
                .send(asked, |ctx, sent| {
                    ctx.out.one(&sent, &SENT)?;
                    if !ctx.out.format().is_json() {
                        ctx.out.note(message!("account-go-on"));
                    }
                    Ok(())
                })
                .await;
        }
        let sent = asked.await?;
        ctx.out.note(message!("login-sent", address = sent.address));
        finish(ctx, &client, None, &documents).await
    }

    /// The validated address for the code.
    async fn target(&self, ctx: &mut Context) -> Result<AskConfirmation, Failure> {
        let (phone, email) = match (&self.phone, &self.email) {
            (None, None) if ctx.out.can_prompt() => {
                let present = ctx.client().await?.account().await?.into_known().phone;
                (Some(ctx.out.ask(message!("ask-own-phone"), present.as_deref())?), None)
            }
            (None, None) => return Err(Failure::missing("--phone")),
            (phone, email) => (phone.clone(), email.clone()),
        };
        let wrong = match (&phone, &email) {
            (Some(phone), _) => phone.parse::<Phone>().err().map(|e| e.finding("phone")),
            (None, Some(email)) => email.parse::<Email>().err().map(|e| e.finding("email")),
            (None, None) => None,
        };
        match wrong {
            Some(finding) => Err(Failure::invalid(appeal_i18n::findings(ctx.lang, &[finding]))),
            None => Ok(AskConfirmation { phone, email }),
        }
    }
}

/// Sends the code, and first the scan.
async fn finish(
    ctx: &mut Context,
    client: &Client,
    given: Option<Hidden>,
    documents: &[Checked],
) -> Result<Outcome, Failure> {
    let document = uploads::upload(ctx, documents).await?.into_iter().next();
    let asks = given.is_none();
    let mut given = given;
    loop {
        let typed = match given.take() {
            Some(code) => code,
            None => secrets::typed(ctx, "--code", message!("ask-code"))?,
        };
        let confirmed = client.confirm_account(&ConfirmAccount { code: typed, document: document.clone() });
        if ctx.is_dry_run() {
            return ctx.check(confirmed).await;
        }
        match confirmed.await {
            Ok(profile) => return Ok(ctx.out.one(&profile, &SHAPE)?.into()),
            // After the last wrong code, the platform does not expect one any more.
            Err(Error::Problem(problem)) if asks && problem.code == code::WRONG_CODE => {
                ctx.out.line(&problem.detail);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
