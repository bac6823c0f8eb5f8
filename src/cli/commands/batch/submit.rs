//! `appeal batch submit`: checks every record before the first is sent, then files them.

use std::path::{Path, PathBuf};

use super::checked_rows::CheckedRows;
use super::duplicates::DuplicateWarning;
use super::journal::{BatchOptions, Journal};
use super::prepare::Preparer;
use super::report::{Counts, Findings, RowResult, SHAPE};
use super::scheduler::{CheckedRow, RowSource, RowState, Scheduler, Update};
use super::selection::Selection;
use super::source::Source;
use super::template::RowTemplates;
use crate::cli::args::change::OWN_DRY_RUN;
use crate::cli::args::values::whole;
use crate::cli::base::connect::{self, Place};
use crate::cli::base::{Context, Exit, Failure};
use appeal_client::Client;
use appeal_i18n::{Message, message, t};

/// How to file.
#[derive(Debug, clap::Args)]
pub struct FilingArgs {
    /// Maximum number of parallel requests; starts with one and adds more while the platform keeps up
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = whole(1..=64_u16))]
    pub jobs: u16,
    /// Check everything without filing
    #[arg(long = "dry-run", id = OWN_DRY_RUN)]
    pub dry_run: bool,
    /// File the valid records even if others are invalid
    #[arg(long)]
    pub allow_invalid: bool,
    /// Print results in file order instead of as they arrive
    #[arg(long)]
    pub ordered: bool,
    /// Stop after this many failures
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    pub max_failures: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = "The file:
  CSV (UTF-8 with a header row, delimited by `;`, `,` or tab), JSON Lines, or a JSON array. Columns are named like the
  flags of `appeal create`: subject, text, category, kind, contact-email, attach (several paths separated by |),
  field.KEY, document.CODE, ... An optional `key` identifies the row. Paths are relative to the file.

All records and files are checked before the first is sent; if anything is invalid, nothing is filed. Filed rows are
recorded in a journal next to the file. Run the same command again to file only the remaining rows, even after a crash
or a lost response. Rows are identified by `key`, or by content if there is no key.

Rows that are likely duplicates of open appeals cause warnings on stderr. With -o json and -o jsonl, every line of
stderr is a JSON object: {\"warning\":...}, {\"progress\":...}, {\"summary\":...} or {\"error\":...}.

A template (Jinja2 syntax) generates the subject or text from the columns of a row: {{ address }},
{{ row[\"field.meter\"] }}, {% if days > 3 %}...{% endif %}. The file may then have extra columns for the template.
A missing or empty value is an error unless the template handles it: {% if flat %}, {{ flat | default(\"none\") }}.

Examples:
  appeal batch submit appeals.csv --dry-run
  appeal batch submit appeals.csv -o csv > numbers.csv
  appeal batch submit flats.csv --text-template letter.txt --subject-template 'No heating: {{ address }}'
  ./export | appeal batch submit - --journal export.journal.jsonl")]
pub struct Args {
    /// CSV, JSON Lines or JSON file; `-` is stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Journal of the batch [default: FILE.journal.jsonl; for stdin, named after the content]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Generate texts from this template file and the columns of each row
    #[arg(long, value_name = "FILE")]
    pub text_template: Option<PathBuf>,
    /// Generate subjects from this template and the columns of each row
    #[arg(long, value_name = "TEMPLATE")]
    pub subject_template: Option<String>,
    #[command(flatten)]
    pub args: FilingArgs,
}

/// Results of the first pass over the file.
#[derive(Default)]
struct CheckReport {
    rows: u64,
    invalid: u64,
    findings: Findings,
    warnings: Findings,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let regular = self.file.as_os_str() != "-" && self.file.is_file();
        let options = BatchOptions {
            file: regular.then(|| absolute(self.file.clone())),
            strict: self.strict,
            text_template: self.text_template.map(absolute),
            subject_template: self.subject_template,
        };
        let run = BatchRun {
            file: self.file,
            journal: self.journal,
            options,
            args: self.args,
            selection: Selection::All,
        };
        run.run(ctx).await
    }
}

/// One run over a file.
pub struct BatchRun {
    /// The file as the user named it.
    pub file: PathBuf,
    /// The journal, if it is not the default one.
    pub journal: Option<PathBuf>,
    /// Options recorded in the journal.
    pub options: BatchOptions,
    /// How to file.
    pub args: FilingArgs,
    /// The rows to file.
    pub selection: Selection,
}

impl BatchRun {
    /// Checks everything, then files the selected rows.
    ///
    /// # Errors
    /// A row is invalid or was refused, or the platform is unreachable.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let templates = RowTemplates::load(&self.options)?;
        let source = Source::open(ctx, &self.file).await?;
        let path = self.journal.clone().unwrap_or_else(|| source.journal.clone());
        let mut place = platform_name(ctx)?;
        let client = ctx.client().await?;
        let mut known = Journal::read(&path, &place)?;
        if let Some(name) = former_name(&client, &known).await? {
            place = name;
            known = Journal::read(&path, &place)?;
        }
        check_platform(&client, &known).await?;
        let preparer =
            Preparer::new(&client, source.base.clone(), self.options.strict, templates, known.edition());
        let (checked, preparer) = self.check(ctx, &source, preparer, &known).await?;
        if checked.invalid > 0 && !self.args.allow_invalid && !self.args.dry_run {
            return Err(refusal(checked));
        }
        self.warn(ctx, &checked);
        if self.args.dry_run {
            return self.print_dry_run(ctx, &source, preparer, &known, checked).await;
        }
        let journal = known.open_for_writing(&place, &source.name, &self.options, ctx.now())?;
        let mut scheduler = Scheduler::new(&client, journal, usize::from(self.args.jobs), ctx.lang);
        scheduler.ordered = self.args.ordered;
        scheduler.max_failures = self.args.max_failures;
        file(ctx, &source, preparer, scheduler, &self.selection, checked.rows).await
    }

    /// The first pass: checks every row that is not filed yet, and its files.
    async fn check<'a>(
        &'a self,
        ctx: &mut Context,
        source: &'a Source,
        preparer: Preparer<'a>,
        known: &Journal,
    ) -> Result<(CheckReport, Preparer<'a>), Failure> {
        let progress = ctx.out.progress(None, &t!(ctx.lang, "batch-checking"));
        let mut checked = CheckReport::default();
        let rows = match source.rows()? {
            Ok(rows) => rows,
            Err(finding) => {
                checked.invalid = 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &[*finding]);
                return Err(refusal(checked));
            }
        };
        let mut rows = CheckedRows::new(source, rows, preparer, &self.selection);
        let mut columns_checked = false;
        while let Some(CheckedRow { row, line, state, .. }) = rows.next(known).await? {
            if !std::mem::replace(&mut columns_checked, true)
                && let Some(findings) = rows.unknown_columns()
            {
                checked.invalid += 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &findings);
                return Err(refusal(checked));
            }
            if row == 0 {
                // The header or the file as a whole is wrong, so no record can be trusted.
                if let RowState::Invalid(findings) = state {
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, 0, line, &findings);
                }
                return Err(refusal(checked));
            }
            checked.rows += 1;
            match state {
                RowState::Known(_) => {}
                RowState::Ready(ready) => {
                    checked.warnings.add(ctx.lang, &source.name, row, line, &ready.warnings);
                }
                RowState::Invalid(findings) => {
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, row, line, &findings);
                }
            }
            progress.inc(1);
        }
        if let Some(findings) = (!columns_checked).then(|| rows.unknown_columns()).flatten() {
            checked.invalid += 1;
            checked.findings.add(ctx.lang, &source.name, 0, 1, &findings);
            return Err(refusal(checked));
        }
        progress.finish();
        Ok((checked, rows.into_preparer()))
    }

    /// Prints findings that do not stop the run. With JSON output, stderr is reserved for the error object.
    fn warn(&self, ctx: &mut Context, checked: &CheckReport) {
        if ctx.out.is_quiet() || ctx.out.format().is_json() {
            return;
        }
        if self.args.allow_invalid && !self.args.dry_run {
            ctx.out.findings(checked.findings.shown());
        }
        if checked.warnings.is_empty() {
            return;
        }
        if self.args.dry_run {
            ctx.out.findings(checked.warnings.shown());
        } else {
            let count = checked.warnings.count().to_string();
            ctx.out.warn(message!("batch-warnings", count));
        }
    }

    /// Prints what would be filed.
    async fn print_dry_run(
        &self,
        ctx: &mut Context,
        source: &Source,
        preparer: Preparer<'_>,
        known: &Journal,
        checked: CheckReport,
    ) -> Result<(), Failure> {
        let mut counts = Counts::default();
        let lang = ctx.lang;
        let Ok(rows) = source.rows()? else { return Err(refusal(checked)) };
        let mut rows = CheckedRows::new(source, rows, preparer, &self.selection);
        let mut list = ctx.out.list(&SHAPE);
        while let Some(CheckedRow { row, key, state, .. }) = rows.next(known).await? {
            let result = match state {
                RowState::Known(known) => *known,
                RowState::Ready(_) => RowResult::pending(row, key.as_ref()),
                RowState::Invalid(findings) => RowResult::invalid(lang, row, key, &findings),
            };
            counts.add(result.status);
            ignore_closed(list.push(&result))?;
        }
        ignore_closed(list.finish())?;
        let invalid = checked.invalid + counts.failed;
        if invalid > 0 {
            return Err(refusal(CheckReport { invalid, ..checked }));
        }
        summary(ctx, &counts, None, message!("batch-dry-run-ended", counts = counts.describe(lang)));
        Ok(())
    }
}

/// Files the valid rows.
async fn file(
    ctx: &mut Context,
    source: &Source,
    preparer: Preparer<'_>,
    mut scheduler: Scheduler,
    selection: &Selection,
    total: u64,
) -> Result<(), Failure> {
    let lang = ctx.lang;
    let Ok(rows) = source.rows()? else { return Err(refusal(CheckReport::default())) };
    let mut rows = CheckedRows::new(source, rows, preparer, selection);
    let progress = ctx.out.progress(Some(total), &t!(lang, "batch-filing"));
    progress.rated(move |rate| t!(lang, "batch-rate", rate));
    let so_far = ctx.so_far_handle();
    let mut list = ctx.out.list(&SHAPE);
    let mut within = 0;
    let mut each = |update: Update, counts: &Counts| {
        let result = match update {
            Update::Result(result) => result,
            Update::Duplicates(warning) => {
                progress.suspend(|| warn_of_duplicates(list.output(), &warning, &mut within));
                return Ok(());
            }
            Update::Idle => return ignore_closed(list.output().finish()),
        };
        ignore_closed(progress.suspend(|| list.push(&result)))?;
        progress.message(&t!(lang, "batch-filing-counts", counts = counts.describe(lang)));
        progress.details(|| serde_json::to_value(counts).unwrap_or_default());
        progress.inc(1);
        if let Ok(mut line) = so_far.lock() {
            *line = Some(t!(lang, "batch-so-far", counts = counts.describe(lang)));
        }
        Ok(())
    };
    scheduler.run(&mut rows, &mut each).await?;
    scheduler.flush(&mut each)?;
    progress.finish();
    ignore_closed(list.finish())?;
    scheduler.journal.sync()?;
    if within > WITHIN_WARNINGS_MAX && !ctx.out.is_quiet() && !ctx.out.format().is_json() {
        let more = (within - WITHIN_WARNINGS_MAX).to_string();
        ctx.out.warn(message!("batch-similar-more", count = more));
    }
    close(ctx, &scheduler)
}

/// Ignores a closed stdout (`| head -1`): the rows are filed all the same.
fn ignore_closed(printed: crate::output::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(crate::output::Error::Closed) => Ok(()),
        other => Ok(other?),
    }
}

/// Most warnings about rows that are similar only to other rows of the batch: texts rendered from one template are
/// all similar. Other similar appeals are reported for every row.
const WITHIN_WARNINGS_MAX: u64 = 20;

/// Warns about the most similar appeal; with JSON output, prints an object that lists all of them.
fn warn_of_duplicates(out: &mut crate::output::Output, warning: &DuplicateWarning, within: &mut u64) {
    if out.is_quiet() {
        return;
    }
    if out.format().is_json() {
        out.object(&warning.object(out.lang()));
        return;
    }
    if warning.is_within_batch() {
        *within += 1;
        if *within > WITHIN_WARNINGS_MAX {
            return;
        }
    }
    if let Some(message) = warning.message() {
        out.warn(message);
    }
}

/// Prints the closing line, or returns the error that determines the exit code.
fn close(ctx: &mut Context, scheduler: &Scheduler) -> Result<(), Failure> {
    let counts = scheduler.counts;
    let described = counts.describe(ctx.lang);
    let journal = scheduler.journal.path().display().to_string();
    if let Some(stopped) = &scheduler.stopped {
        let exit = match stopped.exit {
            Exit::Denied if counts.filed + counts.already == 0 => Exit::Denied,
            Exit::Unreachable => Exit::Unreachable,
            _ => Exit::Partial,
        };
        let mut failure = Failure::from_message(
            exit,
            &stopped.code,
            message!("batch-stopped", counts = described, journal),
        );
        let why = stopped.message.trim_end();
        let stop = if why.ends_with(['.', '!', '?', '…', ':']) { "" } else { "." };
        failure.message = format!("{why}{stop} {}", failure.message);
        failure.details.clone_from(&stopped.details);
        return Err(failure);
    }
    if counts.failed + counts.invalid + counts.pending > 0 {
        return Err(Failure::from_message(
            Exit::Partial,
            "partial",
            message!("batch-partial", counts = described, journal),
        ));
    }
    summary(ctx, &counts, Some(&journal), message!("batch-done", counts = described, journal));
    Ok(())
}

/// Prints the closing line of a successful run, as an object with JSON output.
pub fn summary(ctx: &mut Context, counts: &Counts, journal: Option<&str>, message: Message) {
    if !ctx.out.format().is_json() || ctx.out.is_quiet() {
        ctx.out.note(message);
        return;
    }
    let mut summary = serde_json::to_value(counts).unwrap_or_default();
    if let Some(journal) = journal {
        summary["journal"] = journal.into();
    }
    summary["message"] = message.text(ctx.lang).into();
    ctx.out.object(&serde_json::json!({ "summary": summary }));
}

/// The error that lists all findings.
fn refusal(checked: CheckReport) -> Failure {
    let (invalid, rows) = (checked.invalid, checked.rows.max(checked.invalid));
    let mut failure =
        Failure::from_message(Exit::Invalid, "invalid", message!("batch-invalid", invalid, rows));
    if checked.findings.more() > 0 {
        let more = checked.findings.more().to_string();
        failure = failure.hint_message(message!("batch-more-findings", count = more));
    }
    failure.details = checked.findings.into_details();
    failure
}

/// The name of the platform in the journal.
pub fn platform_name(ctx: &mut Context) -> Result<String, Failure> {
    let globals = ctx.globals.clone();
    Ok(match connect::choose(&globals, ctx.config()?)? {
        Place::Url { url, .. } => url.to_string(),
        Place::Local { database: Some(database), .. } => match database.strip_prefix("sqlite:") {
            Some(path) => local(PathBuf::from(path.strip_prefix("//").unwrap_or(path))),
            None => format!("local:{database}"),
        },
        Place::Local { data_dir, .. } => local(data_dir.join("appeal.db")),
    })
}

/// One name for all paths to a database file, even if it does not exist yet.
fn local(database: PathBuf) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    let absolute = std::path::absolute(&database).unwrap_or(database);
    let in_folder = || Some(whole(absolute.parent()?)?.join(absolute.file_name()?));
    let path = whole(&absolute).or_else(in_folder).unwrap_or_else(|| absolute.clone());
    format!("local:{}", path.display())
}

/// The name under which the journal knows this platform, if it has another one now (`localhost` for `127.0.0.1`, a
/// proxy, a moved directory): an appeal filed under that name is found here.
async fn former_name(client: &Client, journal: &Journal) -> Result<Option<String>, Failure> {
    for (place, number) in journal.other_places() {
        match client.show(number, false).await {
            Ok(_) => return Ok(Some(place.to_owned())),
            // Numbers are random: another platform does not have this one.
            Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Refuses a journal whose appeals this platform does not have. It belongs to another platform, or this one was set up
/// again; trusting it would leave appeals unfiled.
async fn check_platform(client: &Client, journal: &Journal) -> Result<(), Failure> {
    let Some(number) = journal.any_filed() else { return Ok(()) };
    match client.show(number, false).await {
        Ok(_) => Ok(()),
        Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => {
            let message = message!("batch-journal-foreign", path = journal.path().display(), number);
            Err(Failure::from_message(Exit::Conflict, "journal_foreign", message))
        }
        Err(error) => Err(error.into()),
    }
}
