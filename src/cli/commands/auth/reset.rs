//! `appeal auth reset`.

use reqwest::Method;

use super::new_password::{SET, done, new_password};
use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::{CodeArg, PasswordArg};
use crate::cli::args::values::word;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use crate::cli::commands::login::hand_over;
use crate::config::credentials;
use appeal_api::{AskReset, ResetPassword};
use appeal_domain::CodeWay;
use appeal_i18n::{message, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Reset a forgotten password with a code sent to your confirmed phone or e-mail. This ends every \
                  session. In a script, the first call prints the challenge and the second submits the code and the \
                  new password.",
    after_long_help = "Examples:
  appeal --server https://appeals.example auth reset --login petrova
  appeal auth reset --login petrova --way email -q > challenge
  appeal auth reset --challenge \"$(cat challenge)\" --code 123456 --password-file new"
)]
pub struct Args {
    /// Your login
    #[arg(long, value_name = "LOGIN", conflicts_with = "challenge")]
    login: Option<String>,
    /// Where to send the code: `sms` or `email`
    #[arg(long, value_name = "WAY", value_parser = word::<CodeWay>())]
    way: Option<CodeWay>,
    /// Continue the reset that an earlier call started
    #[arg(long, value_name = "ID")]
    challenge: Option<String>,
    #[command(flatten)]
    code: CodeArg,
    #[command(flatten)]
    new: PasswordArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        if self.way == Some(CodeWay::Totp) {
            return Err(Failure::usage("--way", t!(ctx.lang, "reset-way")));
        }
        let (client, url) = ctx.server(|url| credentials::stored_token(url).ok().flatten())?;
        let client = client.on_device(credentials::device(&url));
        if ctx.is_dry_run() {
            return Ok(self.planned(ctx).await?.into());
        }
        let id = match self.challenge {
            Some(id) => id,
            None => {
                let login = match self.login {
                    Some(login) => login,
                    None if ctx.out.can_prompt() => ctx.out.ask(message!("ask-login"), None)?,
                    None => return Err(Failure::missing("--login")),
                };
                let challenge = client.ask_reset(&AskReset { login, way: self.way }).await?;
                if !ctx.out.can_prompt() {
                    return hand_over(ctx, &challenge, "auth reset").map(Outcome::from);
                }
                ctx.out.note(message!("reset-sent"));
                challenge.into_known().challenge_id
            }
        };
        ctx.out.expects(&SET)?;
        let code = self.code.required(ctx).await?;
        let password = new_password(ctx, &self.new).await?;
        let set = client.reset_password(&ResetPassword { challenge_id: id, code, password }).await?;
        done(ctx, set).map(Outcome::from)
    }

    /// The plan of a dry run. Nothing is sent, because a request would send a code or count as an attempt.
    async fn planned(self, ctx: &mut Context) -> Result<DryRun, Failure> {
        let Some(challenge_id) = self.challenge else {
            let login = self.login.map_or_else(|| Err(Failure::missing("--login")), Ok)?;
            let ask = AskReset { login, way: self.way };
            return Ok(DryRun::default().sends(&Method::POST, "/v1/password-reset", &ask));
        };
        let code = self.code.required(ctx).await?;
        let password = new_password(ctx, &self.new).await?;
        let reset = ResetPassword { challenge_id, code, password };
        Ok(DryRun::default().sends(&Method::POST, "/v1/password-reset/code", &reset))
    }
}
