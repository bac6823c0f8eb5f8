//! `appeal auth totp confirm`.

use super::shape::STATE;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::CodeArg;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::AuthenticatorProof;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal auth totp confirm --code 123456")]
pub struct Args {
    #[command(flatten)]
    code: CodeArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&STATE)?;
        let code = self.code.required(ctx).await?;
        let proof = AuthenticatorProof { code: Some(code), password: None };
        let change = ctx.client().await?.confirm_totp(&proof);
        ctx.send(change, |ctx, state| Ok(ctx.out.one(&state, &STATE)?)).await
    }
}
