//! `appeal answer`.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::cli::args::change::DRY_RUN;
use crate::cli::args::values;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::output::{Cell, Column, Format, Shape, Zones};
use appeal_api::{Answer, Appeal, Received};
use appeal_client::downloads::{self, Arrived, Pdf};
use appeal_client::{Client, paths};
use appeal_i18n::{message, status_shown, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show the official answers to an appeal: the decision, the text, who signed it and when, and its \
                  files. With --pdf, save the answer as a PDF; with --dir, save the PDF and all its files. Every file \
                  is checked against its digest, and existing files are not overwritten. The newest answer is saved \
                  unless --id selects another. If there is no answer yet, the command prints when it is due and exits \
                  with 6.",
    after_long_help = "Examples:\n  appeal answer 2026-0123456789-3\n  appeal answer 2026-0123456789-3 --pdf answer.pdf\n  \
                       appeal answer 2026-0123456789-3 --dir ~/answer\n  \
                       appeal answer 2026-0123456789-3 --pdf - | pdftotext - -"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Save the answer as a PDF; `-` is stdout
    #[arg(long, value_name = "FILE", conflicts_with = "dir", group = "saves")]
    pub pdf: Option<PathBuf>,
    /// Save the answer as a PDF, with its files, in this directory, creating it if needed
    #[arg(long, value_name = "DIR", group = "saves")]
    pub dir: Option<PathBuf>,
    /// Id of the answer [default: the newest]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Overwrite an existing --pdf file
    #[arg(long, requires = "pdf")]
    pub force: bool,
    /// Print what would be written, without writing it
    #[arg(long = "dry-run", id = DRY_RUN, requires = "saves")]
    pub dry_run: bool,
}

const ANSWER_SHAPE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("at", Cell::Time),
        Column::new("decision", Cell::Word("decision")),
        Column::new("signed_by", Cell::Text),
        Column::new("attachments", Cell::Join),
        Column::new("text", Cell::Text),
    ],
    more: &[],
    key: "text",
};

const SAVED_SHAPE: Shape = Shape {
    columns: &[Column::new("path", Cell::Text)],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("size", Cell::Size),
        Column::new("sha256", Cell::Text),
    ],
    key: "path",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        let to_stdout = self.pdf.as_deref() == Some(Path::new("-"));
        if to_stdout && ctx.out.is_terminal() {
            return Err(Failure::from_message(Exit::Usage, "usage", message!("failure-pdf-terminal")));
        }
        let saves = self.pdf.is_some() || self.dir.is_some();
        ctx.out.expects(if saves { &SAVED_SHAPE } else { &ANSWER_SHAPE })?;
        if let Some(file) = self.pdf.as_deref().filter(|_| !to_stdout) {
            // Checked before anything is fetched, and again when the file is renamed to its final name.
            may_write(file, self.force)?;
        }
        let client = ctx.client().await?;
        let appeal = client.show(&number, false).await?;
        let answers = appeal.items("answers", |appeal| appeal.answers.as_deref().unwrap_or_default());
        if answers.is_empty() {
            return Err(none_yet(ctx, &appeal));
        }
        let chosen = match &self.id {
            None => None,
            Some(id) => Some(answers.iter().position(|a| a.id == *id).ok_or_else(|| {
                let message = message!("failure-answer-unknown", number = appeal.number, id);
                Failure::from_message(Exit::NotFound, "not_found", message)
            })?),
        };
        if !saves {
            let shown = match chosen {
                Some(at) => &answers[at..=at],
                None => &answers[..],
            };
            return print(ctx, shown).map(Outcome::from);
        }
        let at = chosen.unwrap_or(answers.len() - 1);
        if self.dry_run {
            return Ok(self.planned(&appeal, (&answers[at], at + 1)).into());
        }
        match (&self.pdf, &self.dir) {
            (Some(file), _) => save(ctx, &client, &appeal, &answers[at], file, self.force).await?,
            (None, Some(dir)) => save_all(ctx, &client, &appeal, (&answers[at], at + 1), dir).await?,
            (None, None) => {}
        }
        Ok(Outcome::Done)
    }
}

impl Args {
    /// Lists what would be fetched and written. If a file name is taken, a number is added when the file is written.
    fn planned(&self, appeal: &Appeal, (answer, place): (&Answer, usize)) -> DryRun {
        let path = paths::path(&appeal.number, &format!("answers/{}/pdf", paths::encode(&answer.id)));
        let run = DryRun::default().request(&Method::GET, &path, &[], Value::Null);
        let Some(dir) = &self.dir else {
            let file = self.pdf.clone().unwrap_or_default();
            return run.changes("write", &file, json!({ "id": answer.id }));
        };
        let name = format!("{}-answer-{place}.pdf", appeal.number);
        let run = run.changes("write", &dir.join(name), json!({ "id": answer.id }));
        appeal.attachments.iter().filter(|f| answer.attachments.contains(&f.id)).fold(run, |run, file| {
            let rest = format!("attachments/{}?version={}", paths::encode(&file.id), file.version);
            let path = paths::path(&appeal.number, &rest);
            run.request(&Method::GET, &path, &[], Value::Null).changes(
                "write",
                &dir.join(&file.name),
                json!({ "id": file.id, "size": file.size, "sha256": file.sha256 }),
            )
        })
    }
}

fn none_yet(ctx: &Context, appeal: &Appeal) -> Failure {
    let status = status_shown(ctx.lang, &appeal.status);
    let number = &appeal.number;
    let message = match appeal.due_at.filter(|_| !appeal.status.is_final()) {
        Some(due) => {
            let due = Zones::named(appeal.time_zone.as_deref(), &ctx.zone()).due(due);
            message!("failure-no-answer", number, status, due)
        }
        None => message!("failure-no-answer-undated", number, status),
    };
    Failure::from_message(Exit::Conflict, "no_answer", message)
}

/// For people, prints cards below each other; otherwise a list.
fn print(ctx: &mut Context, answers: &[Received<Answer>]) -> Result<(), Failure> {
    let cards = ctx.out.format() == Format::Table
        && !ctx.out.is_quiet()
        && ctx.globals.jq.is_none()
        && ctx.globals.columns.is_none();
    if cards {
        for (at, answer) in answers.iter().enumerate() {
            if at > 0 {
                ctx.out.data("\n")?;
            }
            ctx.out.one(answer, &ANSWER_SHAPE)?;
        }
        return Ok(());
    }
    let mut list = ctx.out.list(&ANSWER_SHAPE);
    for answer in answers {
        list.push(answer)?;
    }
    Ok(list.finish()?)
}

/// Refuses to overwrite a file, unless that is allowed, and anything that is not a regular file.
pub(super) fn may_write(file: &Path, force: bool) -> Result<(), Failure> {
    let path = file.display().to_string();
    match std::fs::symlink_metadata(file) {
        Ok(found) if found.is_dir() || !found.is_file() && !found.is_symlink() => {
            let mut failure =
                Failure::from_message(Exit::Invalid, "exists", message!("failure-special-file", path));
            failure.details.push(json!({ "path": path }));
            Err(failure)
        }
        Ok(_) if !force => {
            let mut failure =
                Failure::from_message(Exit::Invalid, "exists", message!("failure-exists", path));
            failure.details.push(json!({ "path": path }));
            Err(failure)
        }
        _ => Ok(()),
    }
}

/// The parent directory of a path.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Renames a complete file to its final name.
pub(super) fn settle(whole: NamedTempFile, file: &Path, force: bool) -> Result<(), Failure> {
    may_write(file, force)?;
    let outcome = if force { whole.persist(file) } else { whole.persist_noclobber(file) };
    outcome.map(drop).map_err(|refused| {
        if refused.error.kind() == std::io::ErrorKind::AlreadyExists {
            let path = file.display().to_string();
            return Failure::from_message(Exit::Invalid, "exists", message!("failure-exists", path));
        }
        appeal_client::Error::File { path: file.display().to_string(), error: refused.error }.into()
    })
}

async fn save(
    ctx: &mut Context,
    client: &Client,
    appeal: &Appeal,
    answer: &Answer,
    file: &Path,
    force: bool,
) -> Result<(), Failure> {
    let to_stdout = file == Path::new("-");
    let mut whole = if to_stdout {
        NamedTempFile::new()?
    } else {
        let dir = folder_of(file);
        downloads::temporary(dir).await?
    };
    let arrived = client.pdf(&appeal.number, Pdf::Answer(&answer.id), &whole).await?;
    if to_stdout {
        whole.rewind()?;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let read = whole.read(&mut chunk)?;
            if read == 0 {
                return Ok(());
            }
            ctx.out.bytes(&chunk[..read])?;
        }
    }
    settle(whole, file, force)?;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let mut list = ctx.out.list(&SAVED_SHAPE);
    list.push(&saved(file, &answer.id, &name, &arrived))?;
    Ok(list.finish()?)
}

fn saved(path: &Path, id: &str, name: &str, arrived: &Arrived) -> Value {
    json!({
        "path": path.to_string_lossy(), "id": id, "name": name, "size": arrived.size, "sha256": arrived.sha256,
    })
}

async fn save_all(
    ctx: &mut Context,
    client: &Client,
    appeal: &Appeal,
    (answer, place): (&Answer, usize),
    dir: &Path,
) -> Result<(), Failure> {
    let name = format!("{}-answer-{place}.pdf", appeal.number);
    let whole = downloads::temporary(dir).await?;
    let arrived = client.pdf(&appeal.number, Pdf::Answer(&answer.id), &whole).await?;
    let kept = downloads::keep(whole, dir, &name)
        .map_err(|error| appeal_client::Error::File { path: dir.join(&name).display().to_string(), error })?;
    let mut rows = vec![saved(&kept, &answer.id, &name, &arrived)];
    let files: Vec<_> = appeal.attachments.iter().filter(|f| answer.attachments.contains(&f.id)).collect();
    let of = files.len().to_string();
    for file in files {
        let progress = ctx.out.progress(Some(file.size), &file.name);
        let result = client.download(&appeal.number, file, None, dir, &|done| progress.set(done)).await;
        progress.finish();
        let arrived = Arrived { size: file.size, sha256: file.sha256.clone() };
        rows.push(saved(&result?, &file.id, &file.name, &arrived));
        let done = (rows.len() - 1).to_string();
        ctx.so_far(t!(ctx.lang, "files-so-far", done, of));
    }
    let mut list = ctx.out.list(&SAVED_SHAPE);
    for row in &rows {
        list.push(row)?;
    }
    Ok(list.finish()?)
}
