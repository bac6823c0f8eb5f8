//! `appeal admin import`.

use std::io;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::archive::{broken, file_failure};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use crate::output::{Cell, Column, Shape};
use appeal_files::backup::Archive;

const IMPORTED: Shape = Shape {
    columns: &[Column::new("appeals", Cell::Number), Column::new("files", Cell::Number)],
    more: &[],
    key: "appeals",
};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Import an export into a platform that has no appeals yet. Numbers, journals and files are preserved; \
                  people and other platform data are replaced by those of the export.",
    after_long_help = "Example:
  appeal admin import platform.zip"
)]
pub struct Args {
    /// Export to import, a ZIP
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&IMPORTED)?;
        let path = self.file.clone();
        let looked = tokio::task::spawn_blocking(move || -> io::Result<_> {
            let problems = Archive::open(&path)?.verify()?;
            let mut file = std::fs::File::open(&path)?;
            let mut digest = Sha256::new();
            let size = io::copy(&mut file, &mut HashWriter(&mut digest))?;
            Ok((problems, hex::encode(digest.finalize()), size))
        });
        let (problems, sha256, size) =
            looked.await.map_err(io::Error::other)?.map_err(|e| file_failure(&self.file, &e))?;
        broken(&problems)?;
        if self.dry_run.dry_run {
            ctx.client().await?.admin_status(false).await?;
            let request = json!({ "file": self.file.display().to_string(), "size": size, "sha256": sha256 });
            let headers = [("content-type", "application/zip")];
            let run = DryRun::default().request(&Method::PUT, "/v1/admin/import", &headers, request);
            return Ok(run.into());
        }
        let imported = ctx.client().await?.admin_import(&self.file, &sha256, size).await?;
        let mut value = serde_json::to_value(&imported).unwrap_or_default();
        value["appeals"] = imported.rows.get("appeals").copied().unwrap_or(0).into();
        Ok(ctx.out.one(&value, &IMPORTED)?.into())
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
