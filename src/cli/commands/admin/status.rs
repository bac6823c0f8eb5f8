//! `appeal admin status`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::archive::{broken, described, file_failure};
use crate::cli::base::{Context, Failure, connect};
use crate::output::{Cell, Column, Shape};
use appeal_api::{PlatformStatus, Received};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show the state of the platform: version, sizes, appeals by status, overdue appeals, queued messages \
                  and the last backup. With --verify, check all stored data: the database, the digest of every file \
                  and the chain of every journal. Problems are listed, and the exit code is 1.",
    after_long_help = "Examples:
  appeal admin status
  appeal admin status --verify -o json
  appeal admin status --backup /backups/appeal-2026-11-21.zip"
)]
pub struct Args {
    /// Verify the database, every file and every journal
    #[arg(long)]
    verify: bool,
    /// Verify this backup instead; needs no platform
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    backup: Option<PathBuf>,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("version", Cell::Text),
        Column::new("engine", Cell::Text),
        Column::new("schema", Cell::Number),
        Column::new("database_bytes", Cell::Size),
        Column::new("files.count", Cell::Number),
        Column::new("files.bytes", Cell::Size),
        Column::new("appeals_in_all", Cell::Number),
        Column::new("appeals_by_status", Cell::Join),
        Column::new("overdue", Cell::Number),
        Column::new("people_by_state", Cell::Join),
        Column::new("outbox.pending", Cell::Number),
        Column::new("outbox.failed", Cell::Number),
        Column::new("last_backup.at", Cell::Time),
        Column::new("last_backup.verified_at", Cell::Time),
        Column::new("jobs_ran_at", Cell::Time),
        Column::new("integrity.ok", Cell::Bool),
    ],
    more: &[
        Column::new("now", Cell::Time),
        Column::new("integrity.appeals", Cell::Number),
        Column::new("integrity.entries", Cell::Number),
        Column::new("integrity.files", Cell::Number),
        Column::new("integrity.problems", Cell::Join),
    ],
    key: "version",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        if let Some(path) = self.backup {
            return check_backup(ctx, &path).await;
        }
        ctx.out.expects(&SHAPE)?;
        let status = ctx.client().await?.admin_status(self.verify).await?;
        if ctx.out.is_json() {
            ctx.out.one(&status, &SHAPE)?;
        } else {
            let shown = shown(ctx, &status);
            ctx.out.one(&shown, &SHAPE)?;
        }
        broken(status.integrity.as_ref().map_or(&[], |found| found.problems.as_slice()))
    }
}

/// Prepares the status for a table: counts by word become lines.
fn shown(ctx: &Context, status: &Received<PlatformStatus>) -> Value {
    let mut value = serde_json::to_value(status).unwrap_or_default();
    value["appeals_in_all"] = status.appeals.values().sum::<u64>().into();
    let line = |label: String, n: &u64| format!("{label}: {n}");
    value["appeals_by_status"] = status
        .appeals
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(word, n)| {
            let label = word.parse().map(|s| appeal_i18n::status_label(ctx.lang, s).to_owned());
            Value::from(line(label.unwrap_or_else(|_| word.clone()), n))
        })
        .collect();
    value["people_by_state"] = status
        .people
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(word, n)| Value::from(line(appeal_i18n::label(ctx.lang, "account state", word), n)))
        .collect();
    value
}

const CHECKED: Shape = Shape {
    columns: &[
        Column::new("path", Cell::Text),
        Column::new("made_at", Cell::Time),
        Column::new("size", Cell::Size),
        Column::new("appeals", Cell::Number),
        Column::new("files", Cell::Number),
        Column::new("integrity.ok", Cell::Bool),
    ],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("schema", Cell::Number),
        Column::new("integrity.entries", Cell::Number),
        Column::new("integrity.problems", Cell::Join),
    ],
    key: "path",
};

/// Prints the result of checking a backup, for `status --backup`.
async fn check_backup(ctx: &mut Context, path: &Path) -> Result<(), Failure> {
    ctx.out.expects(&CHECKED)?;
    let size = std::fs::metadata(path).map_err(|e| file_failure(path, &e))?.len();
    let (manifest, integrity) = connect::verify_backup(path).await?;
    let mut value = described(path, size, &manifest);
    value["integrity"] = serde_json::to_value(&integrity).unwrap_or_default();
    ctx.out.one(&value, &CHECKED)?;
    broken(&integrity.problems)
}
