//! `appeal batch status`: lists the rows of a batch from its journal.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::journal::{self, Line};
use super::report::{Counts, RowResult, RowStatus, SHAPE};
use super::submit::summary;
use crate::cli::base::{Context, Failure};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Needs no platform. Each row is listed once with its latest result: filed, failed, or
pending if it was sent but no response was recorded; the next run retries pending rows.

Examples:
  appeal batch status appeals.csv.journal.jsonl
  appeal batch status appeals.csv.journal.jsonl -o json --jq 'map(select(.status != \"filed\"))'"
)]
pub struct Args {
    /// Journal of the batch
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
}

impl Args {
    /// # Errors
    /// The journal does not exist or cannot be read.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let mut counts = Counts::default();
        let mut list = ctx.out.list(&SHAPE);
        journal::scan(&self.journal, |line| {
            let result = result_of(line);
            counts.add(result.status);
            Ok(list.push(&result)?)
        })?;
        list.finish()?;
        let (described, path) = (counts.describe(ctx.lang), self.journal.display().to_string());
        summary(ctx, &counts, Some(&path), message!("batch-status-counts", counts = described, path));
        Ok(())
    }
}

fn result_of(line: Line) -> RowResult {
    let status = match line.status.as_str() {
        "filed" => RowStatus::Filed,
        "failed" => RowStatus::Failed,
        _ => RowStatus::Pending,
    };
    // Early journals contain errors as plain texts.
    let error = line.error.map(|error| match error {
        Value::String(message) => {
            json!({ "code": "failed", "message": message, "hint": null, "details": [] })
        }
        other => other,
    });
    RowResult { row: line.row, key: Some(line.key), status, number: line.number, error }
}
