//! `appeal export`.

mod gather;
mod target;

use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::PathBuf;
use std::pin::pin;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::cli::args::change::DryRunArg;
use crate::cli::args::filters::Filters;
use crate::cli::args::values;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::output::{Cell, Column, Progress, Shape};
use appeal_api::PAGE_MAX;
use appeal_client::Client;
use appeal_i18n::{message, t};
use gather::gather;
use target::Target;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Export the whole history of appeals to a directory or a ZIP. Each appeal has a directory named after \
                  its number with appeal.json (the card, the journal with its verified chain, the versions of every \
                  file), appeal.pdf, answer-1.pdf and so on, and every version of its files; index.json and index.csv \
                  list the appeals.\n\n\
                  All appeals that match the filters are exported. The directory or ZIP appears under its name once \
                  complete; an interrupted export leaves nothing behind.",
    after_long_help = "Examples:\n  appeal export --to appeals.zip\n  appeal export --status closed --since 2026-01-01 --to archive-2026\n  \
                       appeal export 2026-0123456789-3 --to case.zip"
)]
pub struct Args {
    /// Numbers of appeals or drafts [default: all that match the filters]
    #[arg(value_name = "NUMBER", conflicts_with = "Filters")]
    pub numbers: Vec<String>,
    #[command(flatten)]
    pub filters: Filters,
    /// New directory, or a file ending in .zip
    #[arg(long, value_name = "DIR|FILE.zip")]
    pub to: PathBuf,
    /// Replace an existing ZIP
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("status", Cell::Status),
        Column::new("subject", Cell::Text),
        Column::new("answers", Cell::Number),
        Column::new("files", Cell::Number),
        Column::new("bytes", Cell::Size),
        Column::new("verified", Cell::Bool),
    ],
    more: &[
        Column::new("path", Cell::Text),
        Column::new("kind", Cell::Word("kind")),
        Column::new("category", Cell::Code),
        Column::new("created_at", Cell::Time),
        Column::new("updated_at", Cell::Time),
        Column::new("due_at", Cell::Due),
        Column::new("due_on", Cell::Text),
        Column::new("time_zone", Cell::Text),
    ],
    key: "number",
};

/// Columns of `index.csv`.
const INDEX: [&str; 14] = [
    "number",
    "path",
    "status",
    "kind",
    "category",
    "subject",
    "created_at",
    "updated_at",
    "due_at",
    "answers",
    "files",
    "bytes",
    "verified",
    "due_on",
];

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let mut numbers = Vec::new();
        for number in values::numbers(&self.numbers)? {
            let number = number.to_string();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        let mut query = self.filters.query(ctx)?;
        if ctx.is_dry_run() {
            target::may_open(&self.to, self.force)?;
            return Ok(planned(ctx, &self.to, numbers, query).await?.into());
        }
        let target = Target::open(&self.to, self.force)?;
        let client = ctx.client().await?;
        let len = u64::try_from(numbers.len()).ok().filter(|len| *len > 0);
        let progress = ctx.out.progress(len, &t!(ctx.lang, "export-progress"));
        let mut export = Export {
            client: client.clone(),
            target,
            index: BufWriter::new(tempfile::tempfile()?),
            count: 0,
            unverified: 0,
            progress,
        };
        if numbers.is_empty() {
            query.sort = Some("created_at".to_owned());
            query.limit = Some(PAGE_MAX);
            let mut appeals = pin!(client.list(query));
            while let Some(appeal) = appeals.next().await {
                let number = appeal?.into_known().number;
                match export.add(ctx, &number).await {
                    // A draft that was discarded, an appeal that is no longer shared.
                    Err(failure) if failure.exit == Exit::NotFound => {
                        ctx.out.warn(message!("export-vanished", number));
                    }
                    outcome => outcome?,
                }
            }
        } else {
            for number in &numbers {
                export.add(ctx, number).await?;
            }
        }
        export.finish(ctx).map(Outcome::from)
    }
}

/// What would be fetched and written: the appeals are looked up, and nothing else.
async fn planned(
    ctx: &mut Context,
    to: &std::path::Path,
    mut numbers: Vec<String>,
    mut query: appeal_api::ListQuery,
) -> Result<DryRun, Failure> {
    let client = ctx.client().await?;
    let mut run = DryRun::default();
    if numbers.is_empty() {
        query.sort = Some("created_at".to_owned());
        query.limit = Some(PAGE_MAX);
        let path = appeal_client::paths::with_query("/v1/appeals", &query)?;
        run = run.request(&reqwest::Method::GET, &path, &[], Value::Null);
        let mut appeals = pin!(client.list(query));
        while let Some(appeal) = appeals.next().await {
            numbers.push(appeal?.into_known().number);
        }
    } else {
        for number in &numbers {
            // An appeal that cannot be seen fails the command before anything is fetched.
            client.show(number, false).await?;
            let path = appeal_client::paths::path(number, "?journal=true").replace("/?", "?");
            run = run.request(&reqwest::Method::GET, &path, &[], Value::Null);
        }
    }
    Ok(run.changes("write", to, json!({ "appeals": numbers.len(), "numbers": numbers })))
}

/// An export under way.
struct Export {
    client: Client,
    target: Target,
    /// A row of JSON for each appeal: memory does not grow with their count.
    index: BufWriter<std::fs::File>,
    count: u64,
    unverified: u64,
    progress: Progress,
}

impl Export {
    async fn add(&mut self, ctx: &mut Context, number: &str) -> Result<(), Failure> {
        self.progress.message(number);
        let gathered = gather(&self.client, number, self.target.place()).await?;
        if let Some(seq) = gathered.broken {
            self.unverified += 1;
            let seq = seq.to_string();
            let warn = || ctx.out.warn(message!("export-unverified", number, seq));
            self.progress.suspend(warn);
        }
        for entry in gathered.entries {
            self.target.add(&entry.name, entry.at, entry.file)?;
        }
        serde_json::to_writer(&mut self.index, &gathered.row).map_err(std::io::Error::from)?;
        self.index.write_all(b"\n")?;
        self.count += 1;
        self.progress.inc(1);
        ctx.so_far(t!(ctx.lang, "export-so-far", done = self.count));
        Ok(())
    }

    /// Writes the index, gives the export its name, and says what is in it.
    fn finish(self, ctx: &mut Context) -> Result<(), Failure> {
        let Export { mut target, index, count, unverified, progress, .. } = self;
        progress.finish();
        let mut rows = index.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let last = listed(&mut rows, &mut target)?;
        let path = target.finish(last)?.display().to_string();
        rows.rewind()?;
        let mut list = ctx.out.list(&SHAPE);
        for row in BufReader::new(&rows).lines() {
            list.push(&serde_json::from_str::<Value>(&row?).map_err(std::io::Error::from)?)?;
        }
        list.finish()?;
        let count = count.to_string();
        if !ctx.out.format().is_json() {
            ctx.out.note(message!("export-done", count, path));
        }
        if unverified > 0 {
            let message = message!("failure-export-unverified", count = unverified);
            return Err(Failure::from_message(Exit::Invalid, "journal_broken", message));
        }
        Ok(())
    }
}

/// Adds `index.json` and `index.csv`; gives the time of the newest change, for both.
fn listed(rows: &mut std::fs::File, target: &mut Target) -> Result<jiff::Timestamp, Failure> {
    rows.rewind()?;
    let mut newest = jiff::Timestamp::UNIX_EPOCH;
    let mut json_file = BufWriter::new(NamedTempFile::new_in(target.place())?);
    let mut csv_file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BufWriter::new(NamedTempFile::new_in(target.place())?));
    let failed = |error: csv::Error| Failure::from(std::io::Error::other(error));
    csv_file.write_record(INDEX).map_err(failed)?;
    json_file.write_all(b"[")?;
    for (at, row) in BufReader::new(&*rows).lines().enumerate() {
        let row = row?;
        json_file.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        json_file.write_all(row.as_bytes())?;
        let row: Value = serde_json::from_str(&row).map_err(std::io::Error::from)?;
        if let Some(at) = row["updated_at"].as_str().and_then(|at| at.parse().ok()) {
            newest = newest.max(at);
        }
        csv_file.write_record(INDEX.map(|column| cell(&row[column]))).map_err(failed)?;
    }
    json_file.write_all(b"\n]\n")?;
    let json_file = json_file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    let csv_file = csv_file.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    let csv_file = csv_file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    target.add("index.json", newest, json_file)?;
    target.add("index.csv", newest, csv_file)?;
    Ok(newest)
}

/// A value as a cell; one that a spreadsheet would compute is marked as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The error for a file that cannot be written.
fn unwritable(path: &std::path::Path, error: std::io::Error) -> Failure {
    appeal_client::Error::File { path: path.display().to_string(), error }.into()
}

/// A row of the index.
fn row(appeal: &appeal_api::Appeal, path: &str, files: usize, bytes: u64, verified: bool) -> Value {
    json!({
        "number": appeal.number, "path": path, "status": appeal.status, "kind": appeal.kind,
        "category": appeal.category, "subject": appeal.subject, "created_at": appeal.created_at,
        "updated_at": appeal.updated_at, "due_at": appeal.due_at, "due_on": appeal.due_on,
        "time_zone": appeal.time_zone,
        "answers": appeal.answers.as_ref().map_or(0, Vec::len), "files": files, "bytes": bytes, "verified": verified,
    })
}
