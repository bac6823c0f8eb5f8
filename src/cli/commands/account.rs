//! `appeal account`: one's own profile, and the confirmation of who one is (P4, P5).

use std::path::PathBuf;

use crate::cli::args::fields::Rehearse;
use crate::cli::args::secrets::{self, CodeArg};
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::{Cell, Column, Shape};
use appeal_api::{AskConfirmation, CodeSent, ConfirmAccount, EditProfile, Profile, code};
use appeal_client::{Client, Error};
use appeal_domain::ContactWay;
use appeal_domain::requisites::{Email, Phone};
use appeal_i18n::label;

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("role", Cell::Word("role")),
        Column::new("state", Cell::Word("account state")),
        Column::new("next_step", Cell::Text),
        Column::new("snils", Cell::Text),
        Column::new("inn", Cell::Text),
        Column::new("passport", Cell::Text),
        Column::new("email", Cell::Text),
        Column::new("email_confirmed", Cell::Bool),
        Column::new("phone", Cell::Text),
        Column::new("phone_confirmed", Cell::Bool),
        Column::new("preferred", Cell::Word("contact way")),
        Column::new("region", Cell::Text),
        Column::new("organizations.name", Cell::Join),
        Column::new("organizations.inn", Cell::Join),
        Column::new("organizations.ogrn", Cell::Join),
        Column::new("organizations.address", Cell::Join),
        Column::new("totp", Cell::Bool),
    ],
    more: &[Column::new("password", Cell::Bool), Column::new("created_at", Cell::Time)],
    essential: "login",
};

const SENT: Shape = Shape {
    columns: &[
        Column::new("way", Cell::Word("code way")),
        Column::new("address", Cell::Text),
        Column::new("expires_at", Cell::Time),
    ],
    more: &[],
    essential: "address",
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal account show
  appeal account edit --snils '112-233-445 95' --preferred email
  appeal account confirm --phone '+7 900 123-45-67'
  appeal account confirm --code 123456")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show your account in full
    #[command(
        after_long_help = "Examples:\n  appeal account show\n  appeal account show --jq '.organizations[].inn'"
    )]
    Show,
    /// Change your account
    Edit(Edit),
    /// Confirm your phone, and with it the account; or your e-mail
    Confirm(Confirm),
}

/// Change the account.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Change your account. Only what is given changes, and an empty value clears. On a terminal with nothing \
                  given every field is asked for. SNILS and INN are checked by their check digits before anything \
                  is sent. A new e-mail or phone is unconfirmed until the code sent to it is entered \
                  (`appeal account confirm`); with a new phone the whole account is.",
    after_long_help = "Examples:\n  appeal account edit --name 'Петрова Анна Сергеевна' --snils '112-233-445 95'\n  \
                       appeal account edit --passport ''"
)]
struct Edit {
    /// Full name: surname, given name, patronymic
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// SNILS
    #[arg(long, value_name = "SNILS")]
    snils: Option<String>,
    /// Your own INN, twelve digits
    #[arg(long, value_name = "INN")]
    inn: Option<String>,
    /// Series and number of the passport
    #[arg(long, value_name = "NUMBER")]
    passport: Option<String>,
    /// E-mail
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    /// Phone
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true)]
    phone: Option<String>,
    /// Preferred way of contact
    #[arg(long, value_name = "WAY", value_parser = word::<ContactWay>())]
    preferred: Option<ContactWay>,
    /// Region where you live
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    rehearse: Rehearse,
}

/// Confirm the account.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Confirm your account: a code is sent to your phone by SMS, you enter it, optionally with a scan of a \
                  document, and the account is active. With --email an e-mail is confirmed the same way. On a \
                  terminal everything is asked for; in a script the first call sends the code and the second \
                  brings it.",
    after_long_help = "Examples:
  appeal account confirm --phone '+7 900 123-45-67'
  appeal account confirm --code 123456 --document passport.pdf
  appeal account confirm --email petrova@example.org"
)]
struct Confirm {
    /// Send the code to this phone
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true, conflicts_with_all = ["email", "code", "code_file"])]
    phone: Option<String>,
    /// Send the code to this e-mail
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["code", "code_file"])]
    email: Option<String>,
    #[command(flatten)]
    code: CodeArg,
    /// Scan of a document that shows who you are (PDF, JPG, PNG)
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    rehearse: Rehearse,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Show => {
                ctx.out.expects(&SHAPE)?;
                let profile = ctx.client().await?.account().await?;
                Ok(ctx.out.one(&profile, &SHAPE)?)
            }
            Command::Edit(edit) => edit.run(ctx).await,
            Command::Confirm(confirm) => confirm.run(ctx).await,
        }
    }
}

impl Edit {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let mut edit = EditProfile {
            name: self.name,
            snils: self.snils,
            inn: self.inn,
            passport: self.passport,
            email: self.email,
            phone: self.phone,
            preferred: self.preferred,
            region: self.region,
        };
        if edit.is_empty() && !ctx.out.can_prompt() {
            return Err(Failure::missing("--name"));
        }
        check(ctx, &edit)?;
        let client = ctx.client().await?;
        if edit.is_empty() {
            edit = asked(ctx, &client.account().await?)?;
            check(ctx, &edit)?;
        }
        let profile = client.edit_account(&edit).await?;
        ctx.out.one(&profile, &SHAPE)?;
        if !profile.phone_confirmed && edit.phone.is_some() {
            let phone = profile.phone.as_deref().unwrap_or_default();
            if !phone.is_empty() {
                ctx.out.note("account-confirm-phone", &[("phone", phone)]);
            }
        }
        if !profile.email_confirmed && edit.email.is_some() {
            let email = profile.email.as_deref().unwrap_or_default();
            if !email.is_empty() {
                ctx.out.note("account-confirm-email", &[("email", email)]);
            }
        }
        Ok(())
    }
}

fn check(ctx: &Context, edit: &EditProfile) -> Result<(), Failure> {
    let findings = edit.check();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(appeal_i18n::findings(ctx.lang, &findings)))
    }
}

/// Asks for every field; what is left as it was is not sent.
fn asked(ctx: &mut Context, now: &Profile) -> Result<EditProfile, Failure> {
    let mut ask = |question: &str, present: Option<&str>| -> Result<Option<String>, Failure> {
        let typed = ctx.out.ask_optional(question, &[], present)?.unwrap_or_default();
        Ok((typed != present.unwrap_or_default()).then_some(typed))
    };
    let mut edit = EditProfile {
        name: ask("ask-name", Some(&now.name))?,
        snils: ask("ask-snils", now.snils.as_deref())?,
        inn: ask("ask-inn", now.inn.as_deref())?,
        passport: ask("ask-passport", now.passport.as_deref())?,
        email: ask("ask-own-email", now.email.as_deref())?,
        phone: ask("ask-own-phone", now.phone.as_deref())?,
        region: ask("ask-region", now.region.as_deref())?,
        preferred: None,
    };
    let items: Vec<String> =
        ContactWay::ALL.iter().map(|way| label(ctx.lang, ContactWay::VOCABULARY, way.as_str())).collect();
    let present = ContactWay::ALL.iter().position(|way| Some(*way) == now.preferred);
    let chosen = ctx.out.choose("ask-preferred", &[], &items, present.unwrap_or(0))?;
    edit.preferred = ContactWay::ALL.get(chosen).copied().filter(|way| Some(*way) != now.preferred);
    Ok(edit)
}

impl Confirm {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
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
        let sent: CodeSent = client.ask_confirmation(&target).await?;
        if !ctx.out.can_prompt() {
            ctx.out.one(&sent, &SENT)?;
            if !ctx.out.format().is_json() {
                ctx.out.note("account-go-on", &[]);
            }
            return Ok(());
        }
        ctx.out.note("login-sent", &[("address", &sent.address)]);
        finish(ctx, &client, None, &documents).await
    }

    /// Where the code is to go, checked.
    async fn target(&self, ctx: &mut Context) -> Result<AskConfirmation, Failure> {
        let (phone, email) = match (&self.phone, &self.email) {
            (None, None) if ctx.out.can_prompt() => {
                let present = ctx.client().await?.account().await?.phone;
                (Some(ctx.out.ask("ask-own-phone", &[], present.as_deref())?), None)
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

/// Sends the code, and the scan before it.
async fn finish(
    ctx: &mut Context,
    client: &Client,
    given: Option<appeal_api::Hidden>,
    documents: &[appeal_files::Checked],
) -> Result<(), Failure> {
    let document = uploads::upload(ctx, client, documents).await?.into_iter().next();
    let asks = given.is_none();
    let mut given = given;
    loop {
        let typed = match given.take() {
            Some(code) => code,
            None => secrets::typed(ctx, "--code", "ask-code")?,
        };
        match client.confirm_account(&ConfirmAccount { code: typed, document: document.clone() }).await {
            Ok(profile) => return Ok(ctx.out.one(&profile, &SHAPE)?),
            // After the last try the platform says that no code is awaited.
            Err(Error::Problem(problem)) if asks && problem.code == code::WRONG_CODE => {
                ctx.out.line(&problem.detail);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
