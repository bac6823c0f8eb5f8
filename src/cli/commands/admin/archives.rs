//! `appeal admin backup`, `restore`, `export`, `import`.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::args::fields::Rehearse;
use crate::cli::args::texts::unreadable;
use crate::cli::base::connect::{self, Place};
use crate::cli::base::plan::Plan;
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_files::backup::{Archive, Manifest};
use appeal_i18n::t;

/// Make a backup while the platform works.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Make a backup while the platform works: the database as it is at one moment and every file it names, \
                  in one ZIP with a manifest. It gets its name when it is whole and checked, is readable by its owner \
                  alone, and never replaces another file by itself. Passwords and tokens are in it as hashes only; it \
                  still is everything the platform knows.",
    after_long_help = "Examples:
  appeal admin backup /backups/appeal-2026-11-21.zip
  appeal --server local --database sqlite:/srv/appeal/appeal.db --as admin admin backup /backups/"
)]
pub struct Backup {
    /// The file; in a directory it is named by the time
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    rehearse: Rehearse,
}

/// Restore a backup where no platform works.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Restore a backup into the data directory (--data-dir) or the database (--database) of a platform that \
                  does not run. Everything is checked before anything is changed. Cursors of changes from before are \
                  refused afterwards, since the restored platform may have forgotten what they saw.",
    after_long_help = "Examples:
  appeal --server local --data-dir /srv/new admin restore /backups/appeal-2026-11-21.zip
  appeal --server local --database sqlite:/srv/appeal/appeal.db admin restore backup.zip --force"
)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Move data that is there aside, and accept files that were lost before the backup was made
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    rehearse: Rehearse,
}

/// Export everything as JSON Lines.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Export everything in a form of no particular database: JSON Lines for each kind of data, and the files. \
                  `appeal admin import` takes it into another platform.",
    after_long_help = "Examples:
  appeal admin export --to platform.zip
  appeal admin export --to platform/"
)]
pub struct Export {
    /// A file that ends in .zip, or a directory that is empty or not there
    #[arg(long, value_name = "DIR|FILE.zip")]
    to: PathBuf,
    #[command(flatten)]
    rehearse: Rehearse,
}

/// Take an export in.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Take an export into a platform that has no appeals yet. Numbers, journals and files stay what they \
                  were; people and other data of the platform give way to those of the export.",
    after_long_help = "Example:
  appeal admin import platform.zip"
)]
pub struct Import {
    /// The export, a ZIP
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    rehearse: Rehearse,
}

const ARCHIVE: Shape = Shape {
    columns: &[
        Column::new("path", Cell::Text),
        Column::new("made_at", Cell::Time),
        Column::new("size", Cell::Size),
        Column::new("appeals", Cell::Number),
        Column::new("files", Cell::Number),
    ],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("aside", Cell::Text),
        Column::new("broken", Cell::Join),
    ],
    essential: "path",
};

const IMPORTED: Shape = Shape {
    columns: &[Column::new("appeals", Cell::Number), Column::new("files", Cell::Number)],
    more: &[],
    essential: "appeals",
};

fn file_failure(path: &Path, error: &io::Error) -> Failure {
    unreadable(&path.display().to_string(), error)
}

fn described(path: &Path, size: u64, manifest: &Manifest) -> serde_json::Value {
    let files = manifest.entries.keys().filter(|n| n.starts_with(appeal_files::backup::FILES)).count();
    json!({
        "path": path.display().to_string(),
        "id": manifest.id,
        "made_at": manifest.made_at,
        "size": size,
        "appeals": manifest.rows.get("appeals").copied().unwrap_or(0),
        "files": files,
        "schema": manifest.schema,
        "broken": manifest.broken,
    })
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Receives an archive and checks it.
async fn receive(
    ctx: &mut Context,
    what: &str,
    dir: &Path,
) -> Result<(tempfile::NamedTempFile, String, Manifest), Failure> {
    let client = ctx.client().await?;
    let progress = ctx.out.progress(None, &t(ctx.lang, "admin-receiving", &[]));
    let received = client.admin_archive(what, dir, &|done| progress.set(done)).await;
    progress.finish();
    let (file, id) = received?;
    let path = file.path().to_owned();
    let checked = tokio::task::spawn_blocking(move || -> io::Result<_> {
        let mut archive = Archive::open(&path)?;
        let problems = archive.verify()?;
        Ok((archive.manifest, problems))
    });
    let (manifest, problems) = checked.await.map_err(io::Error::other)?.map_err(|e| file_failure(dir, &e))?;
    broken(&problems)?;
    Ok((file, id, manifest))
}

fn keep(file: tempfile::NamedTempFile, path: &Path, force: bool) -> Result<(), Failure> {
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map_err(|e| file_failure(path, &e.error))?;
    #[cfg(unix)]
    std::fs::File::open(folder_of(path))
        .and_then(|dir| dir.sync_all())
        .map_err(|e| file_failure(path, &e))?;
    Ok(())
}

fn free(path: &Path, force: bool) -> Result<(), Failure> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(file_failure(path, &io::ErrorKind::AlreadyExists.into()));
    }
    Ok(())
}

impl Backup {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let path = if self.file.is_dir() {
            self.file.join(format!("appeal-{}.zip", ctx.now().strftime("%Y%m%dT%H%M%SZ")))
        } else {
            self.file
        };
        free(&path, self.force)?;
        if self.rehearse.rehearse {
            ctx.client().await?.admin_status(false).await?;
            let plan = Plan::default().request(&Method::GET, "/v1/admin/backup", &[], Value::Null).sends(
                &Method::POST,
                "/v1/admin/backups/{id}/verified",
                &json!({}),
            );
            return Err(plan.changes("write", &path, json!({ "replaces": path.exists() })).end());
        }
        let (file, id, manifest) = receive(ctx, "backup", &folder_of(&path)).await?;
        let size = file.as_file().metadata()?.len();
        keep(file, &path, self.force)?;
        let client = ctx.client().await?;
        client.admin_backup_verified(&id, &ctx.key()).await?;
        ctx.out.one(&described(&path, size, &manifest), &ARCHIVE)?;
        if !manifest.broken.is_empty() {
            ctx.out.warn("admin-backup-broken", &[("count", &manifest.broken.len().to_string())]);
        }
        Ok(())
    }
}

impl Restore {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let globals = ctx.globals.clone();
        let Place::Local { data_dir, database, .. } = connect::choose(&globals, ctx.config()?)? else {
            return Err(Failure::usage("--server", t(ctx.lang, "admin-restore-local", &[])));
        };
        let url = database.unwrap_or_else(|| format!("sqlite:{}", data_dir.join("appeal.db").display()));
        let size = std::fs::metadata(&self.file).map_err(|e| file_failure(&self.file, &e))?.len();
        if self.rehearse.rehearse {
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
            return Err(Plan::default().changes("restore", &database, more).end());
        }
        let (manifest, aside) = connect::restore(&self.file, &url, self.force, ctx.now()).await?;
        let mut value = described(&self.file, size, &manifest);
        value["path"] = url.trim_start_matches("sqlite:").into();
        value["aside"] = json!(aside.map(|p| p.display().to_string()));
        Ok(ctx.out.one(&value, &ARCHIVE)?)
    }
}

impl Export {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&ARCHIVE)?;
        let zip = self.to.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        if zip {
            free(&self.to, false)?;
        } else if std::fs::read_dir(&self.to).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(file_failure(&self.to, &io::ErrorKind::AlreadyExists.into()));
        }
        if self.rehearse.rehearse {
            ctx.client().await?.admin_status(false).await?;
            let plan = Plan::default().request(&Method::GET, "/v1/admin/export", &[], Value::Null);
            return Err(plan.changes("write", &self.to, json!({})).end());
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
        Ok(ctx.out.one(&described(&self.to, size, &manifest), &ARCHIVE)?)
    }
}

/// Takes an archive apart. Names come from the manifest and stay below the directory.
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

impl Import {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
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
        if self.rehearse.rehearse {
            ctx.client().await?.admin_status(false).await?;
            let request = json!({ "file": self.file.display().to_string(), "size": size, "sha256": sha256 });
            let headers = [("content-type", "application/zip")];
            let plan = Plan::default().request(&Method::PUT, "/v1/admin/import", &headers, request);
            return Err(plan.end());
        }
        let imported = ctx.client().await?.admin_import(&self.file, &sha256, size).await?;
        let mut value = serde_json::to_value(&imported).unwrap_or_default();
        value["appeals"] = imported.rows.get("appeals").copied().unwrap_or(0).into();
        Ok(ctx.out.one(&value, &IMPORTED)?)
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

/// What a check of a backup found, for `status --backup`.
pub async fn verify_backup(ctx: &mut Context, path: &Path) -> Result<(), Failure> {
    ctx.out.expects(&CHECKED)?;
    let size = std::fs::metadata(path).map_err(|e| file_failure(path, &e))?.len();
    let (manifest, integrity) = connect::verify_backup(path).await?;
    let mut value = described(path, size, &manifest);
    value["integrity"] = serde_json::to_value(&integrity).unwrap_or_default();
    ctx.out.one(&value, &CHECKED)?;
    broken(&integrity.problems)
}

/// Fails with exit code 1 and the list of problems, if there are any.
///
/// # Errors
/// There are problems.
pub fn broken(problems: &[String]) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let count = problems.len().to_string();
    let mut failure = Failure::told(Exit::Failed, "damaged", "failure-damaged", &[("count", &count)]);
    failure.details = problems.iter().map(|p| json!({ "problem": p })).collect();
    // The hint is for people, the details are for programs.
    failure.hint = Some(problems.join("\n"));
    Err(failure)
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
    essential: "path",
};
