//! `appeal admin people block`.

use serde::{Deserialize, Serialize};

use crate::cli::args::change::{Begun, KeyArg};
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::commands::admin::data::loaded;
use crate::cli::commands::admin::data::shapes::LOADED;
use crate::cli::submission::TextCommand;

/// How the reason is sent. The number of the submission is the login.
pub const BLOCK: &TextCommand = &TextCommand {
    command: "admin people block",
    send: |ctx, submission| {
        Box::pin(async move {
            let (login, key) = (submission.number.clone(), submission.key.clone());
            let Reason { reason } = submission.ready(ctx).await?;
            let change = ctx.client().await?.admin_block(&login, reason, &key);
            ctx.send(change, loaded::print).await
        })
    },
    ask: None,
    missing: None,
    change: None,
};

#[derive(Debug, Serialize, Deserialize)]
struct Reason {
    reason: String,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal admin people block ivanova --reason 'The password was stolen'")]
pub struct Args {
    /// Login of the account
    #[arg(value_name = "LOGIN")]
    login: String,
    #[command(flatten)]
    reason: texts::Reason,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&LOADED)?;
        let begun = Begun { key: self.key.or_fresh(ctx), number: self.login };
        let mut submission = BLOCK.begin(ctx, begun, Reason { reason: String::new() }, Vec::new()).await?;
        submission.body.reason = self.reason.required(ctx).await?;
        submission.send(ctx).await
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
