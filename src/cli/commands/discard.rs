//! `appeal discard`.

use crate::cli::args::change::DryRunArg;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Delete a draft and its files. A filed appeal cannot be deleted, but it can be cancelled.",
    after_long_help = "Example:\n  appeal discard D-0123ABCD"
)]
pub struct Args {
    /// Id of the draft
    #[arg(value_name = "DRAFT")]
    number: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

const SHAPE: Shape = Shape {
    columns: &[Column::new("number", Cell::Text), Column::new("discarded", Cell::Bool)],
    more: &[],
    key: "number",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let change = ctx.client().await?.discard(&number);
        ctx.send(change, |ctx, discarded| Ok(ctx.out.one(&discarded, &SHAPE)?)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::testing::{Bench, parse, problem};

    #[tokio::test]
    async fn what_was_discarded_is_named() {
        let answers =
            [problem(404, "not_found"), (200, json!({ "number": "D-0123ABCD", "discarded": true }))];
        let mut bench = Bench::new(answers);
        parse::<Args>(&["D-0123ABCD"]).run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.json(), json!({ "number": "D-0123ABCD", "discarded": true }));
    }
}
