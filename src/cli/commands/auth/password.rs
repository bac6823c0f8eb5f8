//! `appeal auth password` and `appeal auth reset`.

use std::path::PathBuf;

use reqwest::Method;

use crate::cli::args::fields::Rehearse;
use crate::cli::args::secrets::{self, CodeArg, PasswordArg};
use crate::cli::args::values::word;
use crate::cli::base::plan::Plan;
use crate::cli::base::{Context, Failure};
use crate::cli::commands::login::hand_over;
use crate::output::{Cell, Column, Shape};
use appeal_api::{AskReset, ChangePassword, Hidden, PasswordSet, ResetPassword};
use appeal_domain::CodeWay;
use appeal_i18n::t;

const SET: Shape = Shape {
    columns: &[Column::new("login", Cell::Text), Column::new("sessions_ended", Cell::Number)],
    more: &[],
    essential: "login",
};

/// Change your password.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Change your password. Your other sessions end; tokens that you issued stay. Where there is no password \
                  yet, the old one is not needed: so the first one is set on the machine of the platform, with \
                  --server local --as LOGIN.",
    after_long_help = "Examples:\n  appeal auth password\n  appeal auth password --old-password-file old --password-file new"
)]
pub struct Change {
    /// File with the present password; `-` is stdin
    #[arg(long, value_name = "PATH")]
    old_password_file: Option<PathBuf>,
    #[command(flatten)]
    new: PasswordArg,
    #[command(flatten)]
    rehearse: Rehearse,
}

impl Change {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SET)?;
        if self.new.password_file.is_none() && !ctx.out.can_prompt() {
            return Err(Failure::missing("--password-file"));
        }
        let client = ctx.client().await?;
        let has_one = client.account().await?.password;
        let old = match &self.old_password_file {
            Some(path) => Some(secrets::read(ctx, path, "--old-password-file").await?),
            None if has_one => Some(secrets::typed(ctx, "--old-password-file", "ask-old-password")?),
            None => None,
        };
        let new = new_password(ctx, &self.new).await?;
        let set = client.change_password(&ChangePassword { old, new }).await?;
        done(ctx, &set)
    }
}

/// The new password; on a terminal twice.
async fn new_password(ctx: &mut Context, arg: &PasswordArg) -> Result<Hidden, Failure> {
    let new = arg.required(ctx, "ask-new-password").await?;
    if arg.password_file.is_none() && secrets::typed(ctx, "--password-file", "ask-new-password-again")? != new
    {
        return Err(Failure::told(crate::cli::base::Exit::Invalid, "invalid", "password-differs", &[]));
    }
    Ok(new)
}

fn done(ctx: &mut Context, set: &PasswordSet) -> Result<(), Failure> {
    ctx.out.one(set, &SET)?;
    if !ctx.out.format().is_json() {
        ctx.out.note("password-tokens-stay", &[]);
    }
    Ok(())
}

/// Replace a forgotten password.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Replace a forgotten password: a code goes to your confirmed phone or e-mail, and with it a new password \
                  is set. Every session ends. In a script the first call prints the challenge, the second brings \
                  the code and the new password.",
    after_long_help = "Examples:
  appeal --server https://appeals.example auth reset --login petrova
  appeal auth reset --login petrova --way email -q > challenge
  appeal auth reset --challenge \"$(cat challenge)\" --code 123456 --password-file new"
)]
pub struct Reset {
    /// Your login
    #[arg(long, value_name = "LOGIN", conflicts_with = "challenge")]
    login: Option<String>,
    /// How the code is to come: `sms` or `email`
    #[arg(long, value_name = "WAY", value_parser = word::<CodeWay>())]
    way: Option<CodeWay>,
    /// Go on with the reset that an earlier call began
    #[arg(long, value_name = "ID")]
    challenge: Option<String>,
    #[command(flatten)]
    code: CodeArg,
    #[command(flatten)]
    new: PasswordArg,
    #[command(flatten)]
    rehearse: Rehearse,
}

impl Reset {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        if self.way == Some(CodeWay::Totp) {
            return Err(Failure::usage("--way", t(ctx.lang, "reset-way", &[])));
        }
        let (client, _) = ctx.server(|_| None)?;
        if ctx.rehearses {
            return Err(self.planned(ctx).await?.end());
        }
        let id = match self.challenge {
            Some(id) => id,
            None => {
                let login = match self.login {
                    Some(login) => login,
                    None if ctx.out.can_prompt() => ctx.out.ask("ask-login", &[], None)?,
                    None => return Err(Failure::missing("--login")),
                };
                let challenge = client.ask_reset(&AskReset { login, way: self.way }).await?;
                if !ctx.out.can_prompt() {
                    return hand_over(ctx, &challenge, "auth reset");
                }
                ctx.out.note("reset-sent", &[]);
                challenge.challenge_id
            }
        };
        ctx.out.expects(&SET)?;
        let code = match self.code.optional(ctx).await? {
            Some(code) => code,
            None => secrets::typed(ctx, "--code", "ask-code")?,
        };
        let password = new_password(ctx, &self.new).await?;
        let set = client.reset_password(&ResetPassword { challenge_id: id, code, password }).await?;
        done(ctx, &set)
    }
}

impl Reset {
    /// What would be done. Nothing is sent: it would send a code, or count as a try of one.
    async fn planned(self, ctx: &mut Context) -> Result<Plan, Failure> {
        let Some(challenge_id) = self.challenge else {
            let login = self.login.map_or_else(|| Err(Failure::missing("--login")), Ok)?;
            let ask = AskReset { login, way: self.way };
            return Ok(Plan::default().sends(&Method::POST, "/v1/password-reset", &ask));
        };
        let code = match self.code.optional(ctx).await? {
            Some(code) => code,
            None => secrets::typed(ctx, "--code", "ask-code")?,
        };
        let password = new_password(ctx, &self.new).await?;
        let reset = ResetPassword { challenge_id, code, password };
        Ok(Plan::default().sends(&Method::POST, "/v1/password-reset/code", &reset))
    }
}
