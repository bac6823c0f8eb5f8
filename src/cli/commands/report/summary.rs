//! `appeal report summary`: statistics as a table, JSON or a chart.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::args::change::DRY_RUN;
use crate::cli::args::values::word;
use crate::cli::base::durations::{self, outside};
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::output::{Cell, Column, Format, Shape, chart};
use appeal_api::{Received, Report, ReportQuery, Titles};
use appeal_domain::{Direction, ReportBy, When};
use appeal_files::parts;
use appeal_i18n::{Lang, message, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Summarize the appeals filed in a period, by group and in total: filed, answered, in time, overdue; \
                  time to the first status and to the decision (median and 95th percentile); shares of solved, \
                  repeated and escalated appeals; satisfaction.\n\n\
                  In time and overdue are measured against the due date of the decision. Times are elapsed time since \
                  filing, including nights and holidays but not the time spent waiting for the applicant; in JSON and \
                  CSV they are in seconds. Percentiles use the nearest-rank method. Solved is a share of the appeals \
                  that were completed, closed or rejected. Drafts are not counted.",
    after_long_help = "Examples:\n  \
        appeal report summary\n  \
        appeal report summary --from 2026-11-01 --to 2026-11-30 --by department -o csv\n  \
        appeal report summary --from 90d --by month --chart quarter.svg\n  \
        appeal report summary --json --jq '.groups[] | select(.overdue > 0) | .key'"
)]
pub struct Args {
    /// First day of the period, in the platform's time zone, or a duration before now [default: 30 days before --to]
    #[arg(long, value_name = "T", value_parser = durations::when)]
    from: Option<When>,
    /// Last day of the period (inclusive), or a time (exclusive) [default: today]
    #[arg(long, value_name = "T", value_parser = durations::when)]
    to: Option<When>,
    /// Group by
    #[arg(long, value_name = "WHAT", value_parser = word::<ReportBy>(), default_value = "category")]
    by: ReportBy,
    /// Also draw a chart: an image, or a self-contained HTML page with the table
    #[arg(long, value_name = "FILE.svg|FILE.html", value_hint = ValueHint::FilePath)]
    chart: Option<PathBuf>,
    /// Replace an existing chart file
    #[arg(long, requires = "chart")]
    force: bool,
    /// Print what would be written, without writing it
    #[arg(long = "dry-run", id = DRY_RUN, requires = "chart")]
    dry_run: bool,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("key", Cell::Code).optional(),
        Column::new("title", Cell::Title),
        Column::new("filed", Cell::Number),
        Column::new("answered", Cell::Number),
        Column::new("in_time", Cell::Number),
        Column::new("overdue", Cell::Number),
        Column::new("time_to_decision.median", Cell::Duration),
        Column::new("time_to_decision.p95", Cell::Duration).optional(),
        Column::new("time_to_first_status.median", Cell::Duration).optional(),
        Column::new("time_to_first_status.p95", Cell::Duration).optional(),
        Column::new("outcomes", Cell::Number).optional(),
        Column::new("share_solved", Cell::Share).optional(),
        Column::new("share_repeated", Cell::Share).optional(),
        Column::new("share_escalated", Cell::Share).optional(),
        Column::new("satisfaction.mean", Cell::Mean).optional(),
        Column::new("satisfaction.count", Cell::Number).optional(),
    ],
    more: &[
        Column::new("time_to_decision.count", Cell::Number),
        Column::new("time_to_first_status.count", Cell::Number),
        Column::new("solved", Cell::Number),
        Column::new("repeated", Cell::Number),
        Column::new("escalated", Cell::Number),
    ],
    key: "key",
};

/// The file of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picture {
    Svg,
    Html,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let picture = self.chart.as_deref().map(|path| picture(path, self.force)).transpose()?;
        let query = ReportQuery {
            from: asked("--from", self.from, false, ctx)?,
            to: asked("--to", self.to, true, ctx)?,
            by: Some(self.by.to_string()),
        };
        let report = ctx.client().await?.report(&query).await?;
        if let Some(path) = self.chart.as_deref().filter(|_| self.dry_run) {
            let query = appeal_client::paths::with_query("/v1/reports/summary", &query)?;
            let plan = DryRun::default().request(&Method::GET, &query, &[], Value::Null);
            return Ok(plan.changes("write", path, json!({})).into());
        }
        if let (Some(path), Some(picture)) = (&self.chart, picture) {
            let drawn = match picture {
                Picture::Svg => chart::svg(&report, ctx.lang),
                Picture::Html => chart::page(&report, ctx.lang),
            };
            write(path, &drawn, self.force)?;
        }
        if let Some(path) = self.chart.as_deref().filter(|_| ctx.out.is_quiet()) {
            return Ok(ctx.out.data(&format!("{}\n", path.display()))?.into());
        }
        print(ctx, &report)?;
        if let Some(path) = &self.chart
            && !ctx.out.format().is_json()
        {
            ctx.out.note(message!("report-written", path = path.display()));
        }
        Ok(Outcome::Done)
    }
}

/// A limit of the period: its first day, or its last. Days are sent as days, because they are in the platform's time
/// zone.
fn asked(flag: &str, when: Option<When>, last: bool, ctx: &Context) -> Result<Option<String>, Failure> {
    let Some(when) = when else { return Ok(None) };
    let (now, zone) = (ctx.now(), ctx.zone());
    let day = match when {
        When::Month(first) if last => Ok(Some(first.last_of_month())),
        When::Month(first) => Ok(Some(first)),
        _ => when.whole_day(Direction::Back, now, &zone),
    };
    let limit = match day {
        Ok(Some(day)) => Ok(day.to_string()),
        Ok(None) => when.start(Direction::Back, now, &zone).map(|at| at.to_string()),
        Err(error) => Err(error),
    };
    limit.map(Some).map_err(|error| Failure::usage(flag, outside(error)))
}

/// Draws the chart for this file.
///
/// # Errors
/// The extension is not `.svg` or `.html` (exit 2), or the file exists (exit 3).
fn picture(path: &Path, force: bool) -> Result<Picture, Failure> {
    let shown = path.display().to_string();
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let picture = match ending.as_str() {
        "svg" => Picture::Svg,
        "html" | "htm" => Picture::Html,
        _ => {
            return Err(Failure::usage_message("--chart", message!("failure-chart-kind", path = shown)));
        }
    };
    if !force && path.symlink_metadata().is_ok() { Err(exists(&shown)) } else { Ok(picture) }
}

fn exists(path: &str) -> Failure {
    Failure::from_message(Exit::Invalid, "exists", message!("failure-exists", path))
}

/// Writes the file atomically.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let broken = |error: &std::io::Error| crate::cli::args::texts::unreadable(&shown, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    parts::sweep(folder);
    builder.prefix(parts::PREFIX).suffix(parts::SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask applies, as to any new file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(|error| broken(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| broken(&error))?;
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(&shown)),
        Err(error) => Err(broken(&error.error)),
    }
}

/// Prints the report: in JSON as a whole, otherwise a line for each group and one for all of them.
fn print(ctx: &mut Context, report: &Received<Report>) -> Result<(), Failure> {
    let lines = ctx.out.is_quiet() || !ctx.out.is_json();
    if !lines && ctx.out.format() != Format::Jsonl {
        return Ok(ctx.out.json(report)?);
    }
    if !ctx.out.format().is_json() {
        let period = chart::period(report, ctx.lang);
        ctx.out.note(message!("report-period", period, zone = report.time_zone));
    }
    let mut list = ctx.out.list(&SHAPE);
    for group in &report.items("groups", |report| &report.groups) {
        list.push(group)?;
    }
    if !list.output().is_quiet() {
        list.push(&total(report))?;
    }
    Ok(list.finish()?)
}

/// The last line; its key is `total`.
fn total(report: &Report) -> Value {
    let said = |lang| t!(lang, "report-total");
    let mut row = json!({ "key": "total", "title": Titles { en: said(Lang::En), ru: said(Lang::Ru) } });
    if let (Value::Object(row), Ok(Value::Object(numbers))) = (&mut row, serde_json::to_value(&report.total))
    {
        row.extend(numbers);
    }
    row
}
