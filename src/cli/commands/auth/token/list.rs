//! `appeal auth token list`.

use super::shape::TOKENS;
use crate::cli::base::{Context, Failure};

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  appeal auth token list\n  appeal auth token list --for petrova -o json"
)]
pub struct Args {
    /// List the tokens of this login (administrators only) [default: yourself]
    #[arg(long = "for", value_name = "LOGIN")]
    login: Option<String>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&TOKENS)?;
        let tokens = ctx.client().await?.tokens(self.login.as_deref()).await?;
        Ok(ctx.out.rows(&tokens, &TOKENS)?)
    }
}
