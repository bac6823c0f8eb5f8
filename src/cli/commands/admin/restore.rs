//! `appeal admin restore`.

use std::path::PathBuf;

use serde_json::json;

use super::archive::{ARCHIVE, broken, described, file_failure};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::connect::{self, Place};
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::t;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Restore a backup into the data directory (--data-dir) or the database (--database) of a platform \
                  that is not running. The backup is verified before anything changes. Change cursors issued before \
                  the restore are rejected afterwards, since they may refer to changes that no longer exist.",
    after_long_help = "Examples:
  appeal --server local --data-dir /srv/new admin restore /backups/appeal-2026-11-21.zip
  appeal --server local --database sqlite:/srv/appeal/appeal.db admin restore backup.zip --force"
)]
pub struct Args {
    /// Backup to restore
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Move existing data aside, and accept files that were missing when the backup was made
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let globals = ctx.globals.clone();
        let Place::Local { data_dir, database, .. } = connect::choose(&globals, ctx.config()?)? else {
            return Err(Failure::usage("--server", t!(ctx.lang, "admin-restore-local")));
        };
        let url = database.unwrap_or_else(|| format!("sqlite:{}", data_dir.join("appeal.db").display()));
        let size = std::fs::metadata(&self.file).map_err(|e| file_failure(&self.file, &e))?.len();
        if self.dry_run.dry_run {
            let occupied = connect::may_restore(&url, self.force)?;
            let (manifest, integrity) = connect::verify_backup(&self.file).await?;
            if integrity.problems.len() > if self.force { manifest.broken.len() } else { 0 } {
                broken(&integrity.problems)?;
            }
            let mut more = described(&self.file, size, &manifest);
            more["from"] = more["path"].take();
            if let Some(more) = more.as_object_mut() {
                more.remove("path");
                more.insert("moves_aside".into(), occupied.into());
            }
            let database = PathBuf::from(url.trim_start_matches("sqlite:"));
            return Ok(DryRun::default().changes("restore", &database, more).into());
        }
        let (manifest, aside) = connect::restore(&self.file, &url, self.force, ctx.now()).await?;
        let mut value = described(&self.file, size, &manifest);
        value["path"] = url.trim_start_matches("sqlite:").into();
        value["aside"] = json!(aside.map(|p| p.display().to_string()));
        Ok(ctx.out.one(&value, &ARCHIVE)?.into())
    }
}
