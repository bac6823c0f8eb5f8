//! `appeal admin export`.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use super::archive::{ARCHIVE, described, file_failure, folder_of, free, keep, receive};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_files::backup::Archive;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Export everything in a database-independent format: JSON Lines for each kind of data, and the files. \
                  Use `appeal admin import` to load it into another platform.",
    after_long_help = "Examples:
  appeal admin export --to platform.zip
  appeal admin export --to platform/"
)]
pub struct Args {
    /// Output file ending in .zip, or a new or empty directory
    #[arg(long, value_name = "DIR|FILE.zip")]
    to: PathBuf,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let zip = self.to.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        if zip {
            free(&self.to, false)?;
        } else if std::fs::read_dir(&self.to).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(file_failure(&self.to, &io::ErrorKind::AlreadyExists.into()));
        }
        if self.dry_run.dry_run {
            ctx.client().await?.admin_status(false).await?;
            let run = DryRun::default().request(&Method::GET, "/v1/admin/export", &[], Value::Null);
            return Ok(run.changes("write", &self.to, json!({})).into());
        }
        let (file, _, manifest) = receive(ctx, "export", &folder_of(&self.to)).await?;
        let size = file.as_file().metadata()?.len();
        if zip {
            keep(file, &self.to, false)?;
        } else {
            let (from, to) = (file.path().to_owned(), self.to.clone());
            let unpacked = tokio::task::spawn_blocking(move || unpack(&from, &to));
            unpacked.await.map_err(io::Error::other)?.map_err(|e| file_failure(&self.to, &e))?;
        }
        Ok(ctx.out.one(&described(&self.to, size, &manifest), &ARCHIVE)?.into())
    }
}

/// Unpacks an archive. File names are from the manifest and cannot leave the directory.
fn unpack(from: &Path, to: &Path) -> io::Result<()> {
    let mut archive = Archive::open(from)?;
    for name in archive.names() {
        if name.split('/').any(|part| matches!(part, "" | "." | "..")) || name.contains(['\\', ':']) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{name}: leads elsewhere")));
        }
        let target = to.join(&name);
        std::fs::create_dir_all(folder_of(&target))?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&target)?;
        archive.copy(&name, &mut file)?;
    }
    let manifest = serde_json::to_vec_pretty(&archive.manifest)?;
    std::fs::write(to.join(appeal_files::backup::MANIFEST), manifest)
}
