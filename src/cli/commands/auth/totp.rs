//! `appeal auth totp`: an authenticator application for signing in (P3, RFC 6238).

use crate::cli::args::fields::Rehearse;
use crate::cli::args::secrets::{self, CodeArg, PasswordArg};
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::AuthenticatorProof;

/// Shown with its help.
pub const EXAMPLES: &str = "Examples:
  appeal auth totp enable
  appeal auth totp confirm --code 123456
  appeal auth totp disable --code 123456";

const NEW: Shape = Shape {
    columns: &[Column::new("secret", Cell::Text), Column::new("url", Cell::Text)],
    more: &[],
    essential: "url",
};

const STATE: Shape = Shape { columns: &[Column::new("totp", Cell::Bool)], more: &[], essential: "totp" };

/// What to do with it.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make one: prints the secret and the otpauth:// URL, this once
    #[command(after_long_help = "Example:\n  appeal auth totp enable -q | qrencode -t ansiutf8")]
    Enable {
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Enter its first code: from then on it is asked for
    #[command(after_long_help = "Example:\n  appeal auth totp confirm --code 123456")]
    Confirm {
        #[command(flatten)]
        code: CodeArg,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Switch it off, with a code of it or the password
    #[command(
        after_long_help = "Examples:\n  appeal auth totp disable --code 123456\n  appeal auth totp disable --password-file pw"
    )]
    Disable {
        #[command(flatten)]
        code: CodeArg,
        #[command(flatten)]
        password: PasswordArg,
        #[command(flatten)]
        rehearse: Rehearse,
    },
}

impl Command {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self {
            Command::Enable { .. } => {
                ctx.out.expects(&NEW)?;
                let made = ctx.client().await?.enable_totp().await?;
                ctx.out.one(&made, &NEW)?;
                if !ctx.out.format().is_json() {
                    ctx.out.note("totp-go-on", &[]);
                }
                Ok(())
            }
            Command::Confirm { code, .. } => {
                ctx.out.expects(&STATE)?;
                let code = match code.optional(ctx).await? {
                    Some(code) => code,
                    None => secrets::typed(ctx, "--code", "ask-code")?,
                };
                let proof = AuthenticatorProof { code: Some(code), password: None };
                let state = ctx.client().await?.confirm_totp(&proof).await?;
                Ok(ctx.out.one(&state, &STATE)?)
            }
            Command::Disable { code, password, .. } => {
                ctx.out.expects(&STATE)?;
                let code = code.optional(ctx).await?;
                let proof = match (code, &password.password_file) {
                    (Some(code), _) => AuthenticatorProof { code: Some(code), password: None },
                    (None, Some(_)) => AuthenticatorProof {
                        code: None,
                        password: Some(password.required(ctx, "ask-password").await?),
                    },
                    (None, None) => {
                        let code = secrets::typed(ctx, "--code", "ask-code")?;
                        AuthenticatorProof { code: Some(code), password: None }
                    }
                };
                let state = ctx.client().await?.disable_totp(&proof).await?;
                Ok(ctx.out.one(&state, &STATE)?)
            }
        }
    }
}
