//! `appeal admin backup`.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use super::archive::{ARCHIVE, described, folder_of, free, keep, receive};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Back up a running platform: a consistent snapshot of the database and every file it refers to, in \
                  one ZIP with a manifest. The file appears under its name once it is complete and verified, is \
                  readable only by its owner, and does not replace an existing file without --force. Passwords and \
                  tokens are stored only as hashes, but the backup holds all the platform's other data: keep it safe.",
    after_long_help = "Examples:
  appeal admin backup /backups/appeal-2026-11-21.zip
  appeal --server local --database sqlite:/srv/appeal/appeal.db --as admin admin backup /backups/"
)]
pub struct Args {
    /// Output file; in a directory, the file is named after the current time
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let path = if self.file.is_dir() {
            self.file.join(format!("appeal-{}.zip", ctx.now().strftime("%Y%m%dT%H%M%SZ")))
        } else {
            self.file
        };
        free(&path, self.force)?;
        if self.dry_run.dry_run {
            ctx.client().await?.admin_status(false).await?;
            let run = DryRun::default().request(&Method::GET, "/v1/admin/backup", &[], Value::Null).sends(
                &Method::POST,
                "/v1/admin/backups/{id}/verified",
                &json!({}),
            );
            return Ok(run.changes("write", &path, json!({ "replaces": path.exists() })).into());
        }
        let (file, id, manifest) = receive(ctx, "backup", &folder_of(&path)).await?;
        let size = file.as_file().metadata()?.len();
        keep(file, &path, self.force)?;
        let client = ctx.client().await?;
        client.admin_backup_verified(&id, &ctx.key).await?;
        ctx.out.one(&described(&path, size, &manifest), &ARCHIVE)?;
        if !manifest.broken.is_empty() {
            ctx.out.warn(message!("admin-backup-broken", count = manifest.broken.len()));
        }
        Ok(Outcome::Done)
    }
}
