//! `appeal batch submit`: checks every record before the first is sent, then files them.

use std::path::PathBuf;

use super::file::{Filing, Job, Jobs};
use super::index::{self, Index, Kind};
use super::journal::{Journal, Options};
use super::keys::Key;
use super::letter::Letter;
use super::prepare::Preparer;
use super::read::{BadRow, Read, Rows};
use super::report::{Counts, Findings, RowResult, RowStatus, SHAPE};
use super::source::Source;
use crate::cli::connect::{self, Place};
use crate::cli::record::Record;
use crate::cli::{Context, Exit, Failure};
use crate::client::{self, Client};
use crate::domain::Finding;
use crate::i18n::t;

/// What may be filed of what is read.
pub enum Wanted {
    /// Every row.
    All,
    /// The rows with these keys.
    Keys(Box<Index>),
}

impl Wanted {
    fn has(&self, key: &Key) -> Result<bool, Failure> {
        match self {
            Wanted::All => Ok(true),
            Wanted::Keys(keys) => Ok(keys.number(Kind::Named, index::digest(&key.key))?.is_some()),
        }
    }
}

/// How to file.
#[derive(Debug, clap::Args)]
pub struct How {
    /// Most requests at once; it starts with one and takes more while the platform keeps up
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Check everything and file nothing
    #[arg(long)]
    pub dry_run: bool,
    /// File the records that are valid although others are not
    #[arg(long)]
    pub allow_invalid: bool,
    /// Print the results in the order of the file, not as they come
    #[arg(long)]
    pub ordered: bool,
    /// Stop sending after so many refusals
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_failures: Option<u64>,
}

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "The file:
  CSV (UTF-8, a header row; `;`, `,` or tab between cells), JSON Lines, or a JSON array. Columns are the names of the
  flags of `appeal create`: subject, text, category, kind, contact-email, attach (several paths separated by |),
  field.KEY, document.CODE, ... and an optional `key` that names the row. Relative paths are relative to the file.

Every record and its files are checked before the first is sent; where anything is wrong, nothing is filed.
What was filed is kept in a journal beside the file. The same command run again files only what is not filed yet, also
after a crash or a lost answer. A row is known by its `key`, or else by its content.

A template makes subject and text of a row's columns (the syntax of Jinja2): {{ address }}, {{ row[\"field.meter\"] }},
{% if days > 3 %}...{% endif %}. The file may then have columns that no appeal has; a value that a template names and
a row lacks is a finding.

Examples:
  appeal batch submit appeals.csv --dry-run
  appeal batch submit appeals.csv -o csv > numbers.csv
  appeal batch submit flats.csv --text-template letter.txt --subject-template 'No heating: {{ address }}'
  ./export | appeal batch submit - --journal export.journal.jsonl")]
pub struct Args {
    /// CSV, JSON Lines or JSON file; `-` is stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to keep what was filed [default: FILE.journal.jsonl; for stdin a name made of the content]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Treat warnings of the writing rules as errors
    #[arg(long)]
    pub strict: bool,
    /// Make the texts of this template and the columns of each row
    #[arg(long, value_name = "FILE")]
    pub text_template: Option<PathBuf>,
    /// Make the subjects of this template and the columns of each row
    #[arg(long, value_name = "TEMPLATE")]
    pub subject_template: Option<String>,
    #[command(flatten)]
    pub how: How,
}

/// What the first reading found.
#[derive(Default)]
struct Checked {
    rows: u64,
    invalid: u64,
    findings: Findings,
    warnings: Findings,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let regular = self.file.as_os_str() != "-" && self.file.is_file();
        let options = Options {
            file: regular.then(|| absolute(self.file.clone())),
            strict: self.strict,
            text_template: self.text_template.map(absolute),
            subject_template: self.subject_template,
        };
        let run = Run { file: self.file, journal: self.journal, options, how: self.how, wanted: Wanted::All };
        run.run(ctx).await
    }
}

/// One reading and filing of a file.
pub struct Run {
    /// The file as it was named.
    pub file: PathBuf,
    /// The journal, where it is not the file's own.
    pub journal: Option<PathBuf>,
    /// What the journal keeps of how it was asked.
    pub options: Options,
    /// How to file.
    pub how: How,
    /// Which rows.
    pub wanted: Wanted,
}

impl Run {
    /// Checks everything, then files what is to be filed.
    ///
    /// # Errors
    /// Something is invalid, a part was refused, the platform is not reached.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let letter = Letter::of(&self.options)?;
        let source = Source::open(ctx, &self.file).await?;
        let path = self.journal.clone().unwrap_or_else(|| source.journal.clone());
        let place = place_of(ctx)?;
        let client = ctx.client().await?;
        let known = Journal::read(&path, &place)?;
        still_there(&client, &known).await?;
        let mut preparer = Preparer::new(&client, source.base.clone(), self.options.strict, letter)?;
        let checked = self.check(ctx, &source, &mut preparer).await?;
        if checked.invalid > 0 && !self.how.allow_invalid && !self.how.dry_run {
            return Err(refusal(checked));
        }
        self.warn(ctx, &checked);
        preparer.again()?;
        if self.how.dry_run {
            return self.rehearse(ctx, &source, &mut preparer, &known, checked).await;
        }
        drop(known);
        let journal = Journal::open(&path, &place, &source.name, &self.options, ctx.now())?;
        let mut filing = Filing::new(&client, journal, usize::from(self.how.jobs), ctx.lang);
        filing.ordered = self.how.ordered;
        filing.max_failures = self.how.max_failures;
        file(ctx, &source, preparer, filing, &self.wanted, checked.rows).await
    }

    /// The first reading: every record and its files.
    async fn check(
        &self,
        ctx: &mut Context,
        source: &Source,
        preparer: &mut Preparer<'_>,
    ) -> Result<Checked, Failure> {
        let progress = ctx.out.progress(None, &t(ctx.lang, "batch-checking", &[]));
        let mut checked = Checked::default();
        let mut rows = match source.rows()? {
            Ok(rows) => rows,
            Err(finding) => {
                checked.invalid = 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &[*finding]);
                return Err(refusal(checked));
            }
        };
        let mut columns_checked = false;
        while let Some(read) = rows.next().map_err(|error| source.unreadable(&error))? {
            if !std::mem::replace(&mut columns_checked, true)
                && let Some(findings) = unknown_columns(&rows, preparer)
            {
                checked.invalid += 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &findings);
                return Err(refusal(checked));
            }
            match read {
                // The header or the file as a whole: no record can be trusted.
                Read::Bad(BadRow { row: 0, line, findings }) => {
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, 0, line, &findings);
                    return Err(refusal(checked));
                }
                Read::Bad(bad) => {
                    checked.rows += 1;
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, bad.row, bad.line, &bad.findings);
                }
                Read::Row(row) => {
                    let (number, line) = (row.row, row.line);
                    let prepared = preparer.prepare(row).await?;
                    if !self.wanted.has(&prepared.key)? {
                        continue;
                    }
                    checked.rows += 1;
                    match prepared.outcome {
                        Ok(ready) => {
                            checked.warnings.add(ctx.lang, &source.name, number, line, &ready.warnings);
                        }
                        Err(findings) => {
                            checked.invalid += 1;
                            checked.findings.add(ctx.lang, &source.name, number, line, &findings);
                        }
                    }
                }
            }
            progress.inc(1);
        }
        progress.finish();
        Ok(checked)
    }

    /// Tells of what is let pass. Under JSON stderr is left to the one object of a failure.
    fn warn(&self, ctx: &mut Context, checked: &Checked) {
        if ctx.out.is_quiet() || ctx.out.format().is_json() {
            return;
        }
        if self.how.allow_invalid && !self.how.dry_run {
            ctx.out.findings(checked.findings.told());
        }
        if checked.warnings.is_empty() {
            return;
        }
        if self.how.dry_run {
            ctx.out.findings(checked.warnings.told());
        } else {
            let count = checked.warnings.count().to_string();
            ctx.out.warn("batch-warnings", &[("count", &count)]);
        }
    }

    /// What would be done.
    async fn rehearse(
        &self,
        ctx: &mut Context,
        source: &Source,
        preparer: &mut Preparer<'_>,
        known: &Journal,
        checked: Checked,
    ) -> Result<(), Failure> {
        let mut counts = Counts::default();
        let lang = ctx.lang;
        let Ok(mut rows) = source.rows()? else { return Err(refusal(checked)) };
        let mut list = ctx.out.list(&SHAPE);
        while let Some(read) = rows.next().map_err(|error| source.unreadable(&error))? {
            let Some(job) = job_of(read, preparer, &self.wanted).await? else { continue };
            let filed = match &job.key {
                Some(key) => known.filed(&key.key)?.map(|filed| RowResult::known(job.row, key, &filed)),
                None => None,
            };
            let result = filed.unwrap_or_else(|| {
                let failure = |found: &[Finding]| Failure::invalid(crate::i18n::findings(lang, found));
                let findings = job.outcome.err();
                RowResult {
                    row: job.row,
                    key: job.key.map(|key| key.key),
                    status: if findings.is_some() { RowStatus::Invalid } else { RowStatus::Pending },
                    number: None,
                    error: findings.map(|found| super::report::error(&failure(&found))),
                    similar: Vec::new(),
                }
            });
            counts.add(result.status);
            list.push(&result)?;
        }
        list.finish()?;
        let invalid = checked.invalid + counts.failed;
        if invalid > 0 {
            return Err(refusal(Checked { invalid, ..checked }));
        }
        ctx.out.note("batch-rehearsed", &[("counts", &counts.told(lang))]);
        Ok(())
    }
}

/// The second reading.
struct Reading<'a> {
    source: &'a Source,
    rows: Rows<std::io::BufReader<std::fs::File>>,
    preparer: Preparer<'a>,
    wanted: &'a Wanted,
}

impl Jobs for Reading<'_> {
    async fn next(&mut self) -> Result<Option<Job>, Failure> {
        while let Some(read) = self.rows.next().map_err(|error| self.source.unreadable(&error))? {
            if let Some(job) = job_of(read, &mut self.preparer, self.wanted).await? {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }
}

/// Files what is valid.
async fn file(
    ctx: &mut Context,
    source: &Source,
    preparer: Preparer<'_>,
    mut filing: Filing,
    wanted: &Wanted,
    total: u64,
) -> Result<(), Failure> {
    let lang = ctx.lang;
    let Ok(rows) = source.rows()? else { return Err(refusal(Checked::default())) };
    let mut reading = Reading { source, rows, preparer, wanted };
    let progress = ctx.out.progress(Some(total), &t(lang, "batch-filing", &[]));
    let so_far = ctx.so_far_handle();
    let mut list = ctx.out.list(&SHAPE);
    let mut similar = 0;
    let mut each = |result: RowResult, counts: &Counts| {
        progress.suspend(|| {
            list.push(&result)?;
            if similar < SIMILAR_TOLD && warn_of_similar(list.output(), &result) {
                similar += 1;
            }
            Ok::<(), Failure>(())
        })?;
        progress.message(&t(lang, "batch-filing-counts", &[("counts", &counts.told(lang))]));
        progress.inc(1);
        if let Ok(mut line) = so_far.lock() {
            *line = Some(t(lang, "batch-so-far", &[("counts", &counts.told(lang))]));
        }
        Ok(())
    };
    filing.run(&mut reading, &mut each).await?;
    filing.rest(&mut each)?;
    progress.finish();
    list.finish()?;
    filing.journal.sync()?;
    close(ctx, &filing)
}

/// Most rows of a run whose likeness to others is told on stderr: the rest are the same again.
const SIMILAR_TOLD: u32 = 20;

/// Names the likeliest appeal that says much the same as a row; true where there is one. Under JSON stderr is left to
/// the one object of a failure.
fn warn_of_similar(out: &mut crate::output::Output, result: &RowResult) -> bool {
    let Some(other) = result.similar.first() else { return false };
    if out.format().is_json() || out.is_quiet() {
        return true;
    }
    let (row, score) = (result.row.to_string(), other.score.to_string());
    out.warn("batch-similar", &[("row", &row), ("number", &other.number), ("score", &score)]);
    true
}

/// The closing line and the exit code.
fn close(ctx: &mut Context, filing: &Filing) -> Result<(), Failure> {
    let counts = filing.counts;
    let told = counts.told(ctx.lang);
    let journal = filing.journal.path().display().to_string();
    let args = [("counts", told.as_str()), ("journal", journal.as_str())];
    if let Some(stopped) = &filing.stopped {
        let exit = match stopped.exit {
            Exit::Denied if counts.filed + counts.already == 0 => Exit::Denied,
            Exit::Unreachable => Exit::Unreachable,
            _ => Exit::Partial,
        };
        let mut failure = Failure::told(exit, &stopped.code, "batch-stopped", &args);
        failure.message = format!("{} {}", stopped.message, failure.message);
        failure.details.clone_from(&stopped.details);
        return Err(failure);
    }
    if counts.failed + counts.invalid + counts.pending > 0 {
        return Err(Failure::told(Exit::Partial, "partial", "batch-partial", &args));
    }
    ctx.out.note("batch-done", &args);
    Ok(())
}

/// The job of a row; none where it is not wanted.
async fn job_of(read: Read, preparer: &mut Preparer<'_>, wanted: &Wanted) -> Result<Option<Job>, Failure> {
    match read {
        Read::Row(row) => {
            let number = row.row;
            let prepared = preparer.prepare(row).await?;
            Ok(wanted.has(&prepared.key)?.then(|| Job::of(number, prepared)))
        }
        Read::Bad(bad) => Ok(Some(Job { row: bad.row, key: None, outcome: Err(bad.findings) })),
    }
}

/// Columns that no appeal has: a mistake in the header would leave something out of every appeal.
fn unknown_columns<R: std::io::BufRead>(rows: &Rows<R>, preparer: &Preparer<'_>) -> Option<Vec<Finding>> {
    let columns = match rows {
        Rows::Csv(rows) => rows.columns()?,
        _ => return None,
    };
    let map = columns
        .iter()
        .filter(|name| !name.is_empty() && !preparer.names(name))
        .map(|name| (name.clone(), serde_json::Value::String(String::new())))
        .collect();
    let findings: Vec<Finding> = Record::from_map(map)
        .err()?
        .into_iter()
        .filter(|finding| finding.code == "record-key-unknown")
        .collect();
    (!findings.is_empty()).then_some(findings)
}

/// Everything found, in one report.
fn refusal(checked: Checked) -> Failure {
    let (invalid, rows) = (checked.invalid.to_string(), checked.rows.max(checked.invalid).to_string());
    let args = [("invalid", invalid.as_str()), ("rows", rows.as_str())];
    let mut failure = Failure::told(Exit::Invalid, "invalid", "batch-invalid", &args);
    if checked.findings.more() > 0 {
        let more = checked.findings.more().to_string();
        failure.hint = Some(t(crate::cli::failure::lang(), "batch-more-findings", &[("count", &more)]));
    }
    failure.details = checked.findings.into_details();
    failure
}

/// Which platform this is, for the journal: an appeal filed at one is not filed at another.
pub fn place_of(ctx: &mut Context) -> Result<String, Failure> {
    let globals = ctx.globals.clone();
    Ok(match connect::choose(&globals, ctx.config()?)? {
        Place::Url { url, .. } => url.to_string(),
        Place::Local { database: Some(database), .. } => format!("local:{database}"),
        Place::Local { data_dir, .. } => {
            let path = std::path::absolute(&data_dir).unwrap_or(data_dir);
            format!("local:{}", path.display())
        }
    })
}

/// A journal whose appeals are not there belongs to another platform, or to one that was set up anew: going by it
/// would leave appeals unfiled.
async fn still_there(client: &Client, journal: &Journal) -> Result<(), Failure> {
    let Some(number) = journal.any_filed() else { return Ok(()) };
    match client.show(number, false).await {
        Ok(_) => Ok(()),
        Err(client::Error::Problem(problem)) if problem.status == 404 => {
            let path = journal.path().display().to_string();
            let args = [("path", path.as_str()), ("number", number)];
            Err(Failure::told(Exit::Conflict, "journal_foreign", "batch-journal-foreign", &args))
        }
        Err(error) => Err(error.into()),
    }
}
