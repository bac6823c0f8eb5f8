//! `appeal admin people unblock`.

use crate::cli::args::change::KeyArg;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::commands::admin::data::loaded;
use crate::cli::commands::admin::data::shapes::LOADED;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal admin people unblock ivanova")]
pub struct Args {
    /// Login of the account
    #[arg(value_name = "LOGIN")]
    login: String,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&LOADED)?;
        let key = self.key.or_fresh(ctx);
        let change = ctx.client().await?.admin_unblock(&self.login, &key);
        ctx.send(change, loaded::print).await
    }
}
