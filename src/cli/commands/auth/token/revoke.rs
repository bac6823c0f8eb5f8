//! `appeal auth token revoke`.

use super::shape::TOKENS;
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, Failure, Outcome};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal auth token revoke 0199c2f0-7d53-7cc0-9c1e-3a2b1c0d9e8f")]
pub struct Args {
    /// Id of the token (`appeal auth token list`)
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&TOKENS)?;
        let change = ctx.client().await?.revoke_token(&self.id);
        ctx.send(change, |ctx, token| Ok(ctx.out.one(&token, &TOKENS)?)).await
    }
}
