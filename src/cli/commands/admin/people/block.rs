//! `appeal admin people block`.

use crate::cli::args::change::KeyArg;
use crate::cli::args::texts::Reason;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::commands::admin::data::loaded;
use crate::cli::commands::admin::data::shapes::LOADED;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal admin people block ivanova --reason 'The password was stolen'")]
pub struct Args {
    /// Whose account
    #[arg(value_name = "LOGIN")]
    login: String,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&LOADED)?;
        let reason = self.reason.required(ctx).await?;
        let key = self.key.or_fresh(ctx);
        let change = ctx.client().await?.admin_block(&self.login, reason, &key);
        ctx.send(change, loaded::print).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, parse};

    #[tokio::test]
    async fn the_reason_is_sent() {
        let loaded = serde_json::json!({
            "kind": "people", "dry_run": false, "added": 0, "changed": 1, "unchanged": 0, "removed": 0, "items": [],
        });
        let mut bench = Bench::new([(200, loaded)]);
        parse::<Args>(&["ivanova", "--reason", "Украден пароль"]).run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.seen()[0].line, "POST /v1/admin/people/ivanova/block");
        assert_eq!(bench.seen()[0].body, serde_json::json!({ "reason": "Украден пароль" }));
    }
}
