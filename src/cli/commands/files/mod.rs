//! `appeal files`.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::args::fields::{KeyArg, Rehearse};
use crate::cli::args::values;
use crate::cli::base::plan::Plan;
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{CHANGED_SHAPE, Cell, Column, Shape};
use appeal_api::Attachment;
use appeal_client::appeals;
use appeal_i18n::t;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "The files of an appeal: list and download them, remove one until work starts, see the versions of one \
                  and make an old version the current one again. `appeal attach` adds files.",
    after_long_help = "Examples:\n  appeal files list 2026-0123456789-3\n  appeal files get 2026-0123456789-3 --dir answer"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the files of an appeal
    #[command(
        after_long_help = "Example:\n  appeal files list 2026-0123456789-3 --columns id,name,size,sha256"
    )]
    List {
        /// Number of the appeal or draft
        #[arg(value_name = "NUMBER")]
        number: String,
    },
    /// Download files; each is checked against its digest, and nothing is overwritten
    #[command(after_long_help = "Example:\n  appeal files get 2026-0123456789-3 4f1c --dir ~/answer")]
    Get {
        /// Number of the appeal or draft
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Ids or names of files; all unless given
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Folder they go to; made if it is not there
        #[arg(long, value_name = "DIR", default_value = ".")]
        dir: PathBuf,
        /// This version of the one file named, instead of the current one
        #[arg(long, value_name = "V", value_parser = clap::value_parser!(u32).range(1..))]
        version: Option<u32>,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Remove a file; possible until work starts
    #[command(after_long_help = "Example:\n  appeal files remove 2026-0123456789-3 4f1c")]
    Remove {
        /// Number of the appeal or draft
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Id or name of the file
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Show the versions of a file
    #[command(after_long_help = "Example:\n  appeal files history 2026-0123456789-3 4f1c")]
    History {
        /// Number of the appeal or draft
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Id or name of the file
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Make an old version of a file the current one again
    #[command(after_long_help = "Example:\n  appeal files restore 2026-0123456789-3 4f1c --version 1")]
    Restore {
        /// Number of the appeal or draft
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Id or name of the file
        #[arg(value_name = "ID")]
        id: String,
        /// The version to restore, from 1
        #[arg(long, value_name = "V", value_parser = clap::value_parser!(u32).range(1..))]
        version: u32,
        #[command(flatten)]
        key: KeyArg,
    },
}

const FILE_SHAPE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("version", Cell::Number),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[Column::new("media_type", Cell::Text), Column::new("sha256", Cell::Text)],
    essential: "id",
};

const VERSION_SHAPE: Shape = Shape {
    columns: &[
        Column::new("version", Cell::Number),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[Column::new("sha256", Cell::Text)],
    essential: "version",
};

const GOT_SHAPE: Shape = Shape {
    columns: &[Column::new("path", Cell::Text)],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("sha256", Cell::Text),
        Column::new("version", Cell::Number),
    ],
    essential: "path",
};

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::List { number } => {
                let number = values::number(&number)?.to_string();
                ctx.out.expects(&FILE_SHAPE)?;
                let files = ctx.client().await?.attachments(&number).await?;
                let mut list = ctx.out.list(&FILE_SHAPE);
                for file in &files {
                    list.push(file)?;
                }
                Ok(list.finish()?)
            }
            Command::Get { number, ids, dir, version, rehearse: _ } => {
                get(ctx, &number, &ids, dir, version).await
            }
            Command::Remove { number, id, rehearse: _ } => {
                let number = values::number(&number)?.to_string();
                ctx.out.expects(&CHANGED_SHAPE)?;
                let client = ctx.client().await?;
                let file = one(&client.attachments(&number).await?, &id)?;
                let appeal = client.remove_file(&number, &file.id).await?;
                Ok(ctx.out.changed(&appeal, "done-remove")?)
            }
            Command::History { number, id } => {
                let number = values::number(&number)?.to_string();
                ctx.out.expects(&VERSION_SHAPE)?;
                let client = ctx.client().await?;
                let file = one(&client.attachments(&number).await?, &id)?;
                let versions = client.file_history(&number, &file.id).await?;
                let mut list = ctx.out.list(&VERSION_SHAPE);
                for version in &versions {
                    list.push(version)?;
                }
                Ok(list.finish()?)
            }
            Command::Restore { number, id, version, key } => {
                let number = values::number(&number)?.to_string();
                ctx.out.expects(&CHANGED_SHAPE)?;
                let client = ctx.client().await?;
                let file = one(&client.attachments(&number).await?, &id)?;
                let appeal = client.restore_file(&number, &file.id, version, &key.or_fresh()).await?;
                Ok(ctx.out.changed(&appeal, "done-restore")?)
            }
        }
    }
}

/// The file of this id, or the only one of this name.
fn one(files: &[Attachment], wanted: &str) -> Result<Attachment, Failure> {
    if let Some(file) = files.iter().find(|file| file.id == wanted) {
        return Ok(file.clone());
    }
    let mut named = files.iter().filter(|file| file.name == wanted);
    match (named.next(), named.next()) {
        (Some(file), None) => Ok(file.clone()),
        (Some(_), Some(_)) => {
            Err(Failure::told(Exit::Invalid, "ambiguous", "failure-file-ambiguous", &[("name", wanted)]))
        }
        _ => Err(Failure::told(Exit::NotFound, "not_found", "failure-file-unknown", &[("id", wanted)])),
    }
}

async fn get(
    ctx: &mut Context,
    number: &str,
    ids: &[String],
    dir: PathBuf,
    version: Option<u32>,
) -> Result<(), Failure> {
    let number = values::number(number)?.to_string();
    ctx.out.expects(&GOT_SHAPE)?;
    if version.is_some() && ids.len() != 1 {
        return Err(Failure::usage("--version", t(ctx.lang, "files-version-one", &[])));
    }
    let client = ctx.client().await?;
    let files = client.attachments(&number).await?;
    let wanted: Vec<Attachment> = if ids.is_empty() {
        files
    } else {
        // All names are looked up before the first byte is fetched.
        ids.iter().map(|id| one(&files, id)).collect::<Result<_, _>>()?
    };
    let mut got = Vec::new();
    let mut plan = Plan::default();
    for file in &wanted {
        let old = match version {
            None => None,
            Some(wanted) => {
                let versions = client.file_history(&number, &file.id).await?;
                let found = versions.into_iter().find(|v| v.version == wanted).ok_or_else(|| {
                    let version = wanted.to_string();
                    Failure::told(
                        Exit::NotFound,
                        "not_found",
                        "failure-version-unknown",
                        &[("name", &file.name), ("version", &version)],
                    )
                })?;
                Some(found)
            }
        };
        let size = old.as_ref().map_or(file.size, |v| v.size);
        if ctx.rehearses {
            // A name that is taken gets a number when it is written.
            let version = old.as_ref().map_or(file.version, |v| v.version);
            let rest = format!("attachments/{}?version={version}", appeals::encode(&file.id));
            let sha256 = old.as_ref().map_or(&file.sha256, |v| &v.sha256);
            let name = old.as_ref().map_or(&file.name, |v| &v.name);
            plan = plan.request(&Method::GET, &appeals::path(&number, &rest), &[], Value::Null).changes(
                "write",
                &dir.join(name),
                json!({ "id": file.id, "size": size, "sha256": sha256 }),
            );
            continue;
        }
        let progress = ctx.out.progress(Some(size), &file.name);
        let result = client.download(&number, file, old.as_ref(), &dir, &|done| progress.set(done)).await;
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
        ctx.so_far(t(ctx.lang, "files-so-far", &[("done", &done), ("of", &of)]));
    }
    if ctx.rehearses {
        return Err(plan.end());
    }
    let mut list = ctx.out.list(&GOT_SHAPE);
    for file in &got {
        list.push(file)?;
    }
    list.finish()?;
    if got.is_empty() {
        ctx.out.note("files-none", &[("number", &number)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, name: &str) -> Attachment {
        Attachment {
            id: id.into(),
            name: name.into(),
            media_type: "application/pdf".into(),
            size: 1,
            sha256: String::new(),
            version: 1,
            added_at: "2026-11-01T09:00:00Z".parse().unwrap(),
            added_by: "applicant".into(),
        }
    }

    #[test]
    fn a_file_is_named_by_its_id_or_a_name_of_its_own() {
        let files = [file("1", "a.pdf"), file("2", "b.pdf"), file("3", "b.pdf"), file("a.pdf", "c.pdf")];
        assert_eq!(one(&files, "2").unwrap().id, "2");
        assert_eq!(one(&files, "a.pdf").unwrap().id, "a.pdf");
        assert_eq!(one(&files, "c.pdf").unwrap().id, "a.pdf");
        assert_eq!(one(&files, "b.pdf").unwrap_err().exit, Exit::Invalid);
        assert_eq!(one(&files, "x").unwrap_err().exit, Exit::NotFound);
    }
}
