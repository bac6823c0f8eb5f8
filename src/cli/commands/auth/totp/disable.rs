//! `appeal auth totp disable`.

use super::shape::STATE;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::{CodeArg, PasswordArg};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::AuthenticatorProof;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  appeal auth totp disable --code 123456\n  appeal auth totp disable --password-file pw"
)]
pub struct Args {
    #[command(flatten)]
    code: CodeArg,
    #[command(flatten)]
    password: PasswordArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&STATE)?;
        let proof = match self.code.optional(ctx).await? {
            None if self.password.password_file.is_some() => AuthenticatorProof {
                code: None,
                password: Some(self.password.required(ctx, message!("ask-password")).await?),
            },
            None => AuthenticatorProof { code: Some(self.code.required(ctx).await?), password: None },
            code => AuthenticatorProof { code, password: None },
        };
        let change = ctx.client().await?.disable_totp(&proof);
        ctx.send(change, |ctx, state| Ok(ctx.out.one(&state, &STATE)?)).await
    }
}
