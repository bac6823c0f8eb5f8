//! `appeal files get`.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use super::find;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::values::{self, whole};
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::output::{Cell, Column, Shape};
use appeal_api::{Attachment, Received};
use appeal_client::paths;
use appeal_i18n::{message, t};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal files get 2026-0123456789-3 scan.pdf --dir ~/answer")]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Ids or names of files [default: all]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Directory to save to, created if needed
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Download this version of a single file instead of the current one
    #[arg(long, value_name = "V", value_parser = whole(1..=u32::MAX))]
    version: Option<u32>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

const SHAPE: Shape = Shape {
    columns: &[Column::new("path", Cell::Text)],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("sha256", Cell::Text),
        Column::new("version", Cell::Number),
    ],
    key: "path",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let Args { number, ids, dir, version, dry_run: _ } = self;
        let number = values::number(&number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        if version.is_some() && ids.len() != 1 {
            return Err(Failure::usage("--version", t!(ctx.lang, "files-version-one")));
        }
        let client = ctx.client().await?;
        let files = client.attachments(&number).await?;
        let wanted: Vec<Received<Attachment>> = if ids.is_empty() {
            files
        } else {
            // All names are resolved before anything is downloaded.
            ids.iter().map(|id| find::one(&files, id)).collect::<Result<_, _>>()?
        };
        let mut got = Vec::new();
        let mut run = DryRun::default();
        for file in &wanted {
            let old = match version {
                None => None,
                Some(wanted) => {
                    let versions = client.file_history(&number, &file.id).await?;
                    let found = versions.into_iter().find(|v| v.version == wanted).ok_or_else(|| {
                        let version = wanted.to_string();
                        Failure::from_message(
                            Exit::NotFound,
                            "not_found",
                            message!("failure-version-unknown", name = file.name, version),
                        )
                    })?;
                    Some(found)
                }
            };
            let size = old.as_ref().map_or(file.size, |v| v.size);
            if ctx.is_dry_run() {
                // If a name is taken, a number is added when the file is written.
                let version = old.as_ref().map_or(file.version, |v| v.version);
                let rest = format!("attachments/{}?version={version}", paths::encode(&file.id));
                let sha256 = old.as_ref().map_or(&file.sha256, |v| &v.sha256);
                let name = old.as_ref().map_or(&file.name, |v| &v.name);
                run = run.request(&Method::GET, &paths::path(&number, &rest), &[], Value::Null).changes(
                    "write",
                    &dir.join(name),
                    json!({ "id": file.id, "size": size, "sha256": sha256 }),
                );
                continue;
            }
            let progress = ctx.out.progress(Some(size), &file.name);
            let result =
                client.download(&number, file, old.as_deref(), &dir, &|done| progress.set(done)).await;
            progress.finish();
            let path = result?;
            let sha256 = old.as_ref().map_or(&file.sha256, |v| &v.sha256);
            let version = old.as_ref().map_or(file.version, |v| v.version);
            got.push(json!({
                "path": path.to_string_lossy(), "id": file.id, "name": file.name, "size": size, "sha256": sha256,
                "version": version,
            }));
            let done = got.len().to_string();
            let of = wanted.len().to_string();
            ctx.so_far(t!(ctx.lang, "files-so-far", done, of));
        }
        if ctx.is_dry_run() {
            return Ok(run.into());
        }
        let mut list = ctx.out.list(&SHAPE);
        for file in &got {
            list.push(file)?;
        }
        list.finish()?;
        if got.is_empty() {
            ctx.out.note(message!("files-none", number));
        }
        Ok(Outcome::Done)
    }
}
