//! `appeal notifications read`.

use crate::cli::args::change::KeyArg;
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::{Cell, Column, Shape};
use appeal_api::ReadNotices;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  appeal notifications read 01931f0e-7c1a-7000-8000-000000000001\n  appeal notifications read --all"
)]
pub struct Args {
    /// Ids, as `list -q` prints them
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// Mark all notifications as read
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    key: KeyArg,
}

const SHAPE: Shape = Shape { columns: &[Column::new("read", Cell::Number)], more: &[], key: "read" };

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let key = self.key.or_fresh(ctx);
        let which = ReadNotices { ids: self.ids, all: self.all };
        let change = ctx.client().await?.read_notices(&which, &key);
        ctx.send(change, |ctx, read| {
            if !ctx.out.format().is_json() {
                ctx.out.note(message!("done-notices-read", count = read.read));
            }
            Ok(ctx.out.one(&read, &SHAPE)?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, parse};

    #[tokio::test]
    async fn all_are_read_with_one_request() {
        let mut bench = Bench::new([(200, serde_json::json!({ "read": 3 }))]);
        parse::<Args>(&["--all"]).run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.seen()[0].line, "POST /v1/me/notifications/read");
        assert_eq!(bench.json()["read"], 3);
    }
}
