//! `appeal batch submit`: checks every record before the first is sent, then files them.

use std::path::{Path, PathBuf};

use super::alike::Alike;
use super::file::{Filing, Job, Jobs, State, Told};
use super::index::{self, Digests};
use super::journal::{Journal, Options};
use super::keys::Key;
use super::letter::Letter;
use super::prepare::Preparer;
use super::reading::Reading;
use super::report::{Counts, Findings, RowResult, SHAPE};
use super::source::Source;
use crate::cli::args::change::OWN_DRY_RUN;
use crate::cli::base::connect::{self, Place};
use crate::cli::base::{Context, Exit, Failure};
use appeal_client::Client;
use appeal_i18n::t;

/// What may be filed of what is read.
pub enum Wanted {
    /// Every row.
    All,
    /// The rows with these keys.
    Keys(Digests),
}

impl Wanted {
    /// True for a row that is to be filed.
    pub fn has(&self, key: &Key) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Keys(keys) => keys.get(index::digest(&key.key)).is_some(),
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
    #[arg(long = "dry-run", id = OWN_DRY_RUN)]
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

A row that says much the same as another appeal that is open is warned of on stderr. With -o json and -o jsonl every line
of stderr is a JSON object: {\"warning\":...}, {\"progress\":...}, {\"summary\":...} or {\"error\":...}.

A template makes subject and text of a row's columns (the syntax of Jinja2): {{ address }}, {{ row[\"field.meter\"] }},
{% if days > 3 %}...{% endif %}. The file may then have columns that no appeal has; a value that a template names and
a row lacks, or has empty, is a finding, unless the template asks for it: {% if flat %}, {{ flat | default(\"none\") }}.

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
        let mut place = place_of(ctx)?;
        let client = ctx.client().await?;
        let mut known = Journal::read(&path, &place)?;
        if let Some(name) = former_name(&client, &known).await? {
            place = name;
            known = Journal::read(&path, &place)?;
        }
        still_there(&client, &known).await?;
        let preparer = Preparer::new(&client, source.base.clone(), self.options.strict, letter);
        let (checked, preparer) = self.check(ctx, &source, preparer, &known).await?;
        if checked.invalid > 0 && !self.how.allow_invalid && !self.how.dry_run {
            return Err(refusal(checked));
        }
        self.warn(ctx, &checked);
        if self.how.dry_run {
            return self.rehearse(ctx, &source, preparer, &known, checked).await;
        }
        let journal = known.take_up(&place, &source.name, &self.options, ctx.now())?;
        let mut filing = Filing::new(&client, journal, usize::from(self.how.jobs), ctx.lang);
        filing.ordered = self.how.ordered;
        filing.max_failures = self.how.max_failures;
        file(ctx, &source, preparer, filing, &self.wanted, checked.rows).await
    }

    /// The first reading: every record that is not filed yet, and its files.
    async fn check<'a>(
        &'a self,
        ctx: &mut Context,
        source: &'a Source,
        preparer: Preparer<'a>,
        known: &Journal,
    ) -> Result<(Checked, Preparer<'a>), Failure> {
        let progress = ctx.out.progress(None, &t(ctx.lang, "batch-checking", &[]));
        let mut checked = Checked::default();
        let rows = match source.rows()? {
            Ok(rows) => rows,
            Err(finding) => {
                checked.invalid = 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &[*finding]);
                return Err(refusal(checked));
            }
        };
        let mut reading = Reading::new(source, rows, preparer, &self.wanted);
        let mut columns_checked = false;
        while let Some(Job { row, line, state, .. }) = reading.next(known).await? {
            if !std::mem::replace(&mut columns_checked, true)
                && let Some(findings) = reading.unknown_columns()
            {
                checked.invalid += 1;
                checked.findings.add(ctx.lang, &source.name, 0, 1, &findings);
                return Err(refusal(checked));
            }
            if row == 0 {
                // The header or the file as a whole: no record can be trusted.
                if let State::Invalid(findings) = state {
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, 0, line, &findings);
                }
                return Err(refusal(checked));
            }
            checked.rows += 1;
            match state {
                State::Known(_) => {}
                State::Ready(ready) => {
                    checked.warnings.add(ctx.lang, &source.name, row, line, &ready.warnings);
                }
                State::Invalid(findings) => {
                    checked.invalid += 1;
                    checked.findings.add(ctx.lang, &source.name, row, line, &findings);
                }
            }
            progress.inc(1);
        }
        if let Some(findings) = (!columns_checked).then(|| reading.unknown_columns()).flatten() {
            checked.invalid += 1;
            checked.findings.add(ctx.lang, &source.name, 0, 1, &findings);
            return Err(refusal(checked));
        }
        progress.finish();
        Ok((checked, reading.again()))
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
        preparer: Preparer<'_>,
        known: &Journal,
        checked: Checked,
    ) -> Result<(), Failure> {
        let mut counts = Counts::default();
        let lang = ctx.lang;
        let Ok(rows) = source.rows()? else { return Err(refusal(checked)) };
        let mut reading = Reading::new(source, rows, preparer, &self.wanted);
        let mut list = ctx.out.list(&SHAPE);
        while let Some(Job { row, key, state, .. }) = reading.next(known).await? {
            let result = match state {
                State::Known(known) => *known,
                State::Ready(_) => RowResult::pending(row, key.as_ref()),
                State::Invalid(findings) => RowResult::invalid(lang, row, key, &findings),
            };
            counts.add(result.status);
            unread(list.push(&result))?;
        }
        unread(list.finish())?;
        let invalid = checked.invalid + counts.failed;
        if invalid > 0 {
            return Err(refusal(Checked { invalid, ..checked }));
        }
        summary(ctx, &counts, None, "batch-rehearsed", &[("counts", &counts.told(lang))]);
        Ok(())
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
    let mut reading = Reading::new(source, rows, preparer, wanted);
    let progress = ctx.out.progress(Some(total), &t(lang, "batch-filing", &[]));
    progress.rated(move |rate| t(lang, "batch-rate", &[("rate", rate)]));
    let so_far = ctx.so_far_handle();
    let mut list = ctx.out.list(&SHAPE);
    let mut within = 0;
    let mut each = |told: Told, counts: &Counts| {
        let result = match told {
            Told::Result(result) => result,
            Told::Alike(alike) => {
                progress.suspend(|| warn_of_alike(list.output(), &alike, &mut within));
                return Ok(());
            }
            Told::Waiting => return unread(list.output().finish()),
        };
        unread(progress.suspend(|| list.push(&result)))?;
        progress.message(&t(lang, "batch-filing-counts", &[("counts", &counts.told(lang))]));
        progress.details(|| serde_json::to_value(counts).unwrap_or_default());
        progress.inc(1);
        if let Ok(mut line) = so_far.lock() {
            *line = Some(t(lang, "batch-so-far", &[("counts", &counts.told(lang))]));
        }
        Ok(())
    };
    filing.run(&mut reading, &mut each).await?;
    filing.rest(&mut each)?;
    progress.finish();
    unread(list.finish())?;
    filing.journal.sync()?;
    if within > WITHIN_TOLD && !ctx.out.is_quiet() && !ctx.out.format().is_json() {
        let more = (within - WITHIN_TOLD).to_string();
        ctx.out.warn("batch-similar-more", &[("count", &more)]);
    }
    close(ctx, &filing)
}

/// Results that nobody reads any more (`| head -1`) are not printed; the rows are filed all the same.
fn unread(printed: crate::output::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(crate::output::Error::Closed) => Ok(()),
        other => Ok(other?),
    }
}

/// Most rows of a run that are much like other rows of the same batch and told one by one: letters made of a template
/// are all alike. Likeness to anything else is told of every row.
const WITHIN_TOLD: u64 = 20;

/// Names the likeliest appeal that says much the same as a row. Under JSON all of them, as an object a line.
fn warn_of_alike(out: &mut crate::output::Output, alike: &Alike, within: &mut u64) {
    if out.is_quiet() {
        return;
    }
    let lang = crate::cli::base::failure::lang();
    if out.format().is_json() {
        out.object(&alike.object(lang));
        return;
    }
    if alike.is_within() {
        *within += 1;
        if *within > WITHIN_TOLD {
            return;
        }
    }
    let (id, args) = alike.message();
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    out.warn(id, &args);
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
        let why = stopped.message.trim_end();
        let stop = if why.ends_with(['.', '!', '?', '…', ':']) { "" } else { "." };
        failure.message = format!("{why}{stop} {}", failure.message);
        failure.details.clone_from(&stopped.details);
        return Err(failure);
    }
    if counts.failed + counts.invalid + counts.pending > 0 {
        return Err(Failure::told(Exit::Partial, "partial", "batch-partial", &args));
    }
    summary(ctx, &counts, Some(&journal), "batch-done", &args);
    Ok(())
}

/// The closing line of what went well; under JSON an object.
pub fn summary(ctx: &mut Context, counts: &Counts, journal: Option<&str>, id: &str, args: &[(&str, &str)]) {
    if !ctx.out.format().is_json() || ctx.out.is_quiet() {
        ctx.out.note(id, args);
        return;
    }
    let mut summary = serde_json::to_value(counts).unwrap_or_default();
    if let Some(journal) = journal {
        summary["journal"] = journal.into();
    }
    summary["message"] = t(ctx.lang, id, args).into();
    ctx.out.object(&serde_json::json!({ "summary": summary }));
}

/// Everything found, in one report.
fn refusal(checked: Checked) -> Failure {
    let (invalid, rows) = (checked.invalid.to_string(), checked.rows.max(checked.invalid).to_string());
    let args = [("invalid", invalid.as_str()), ("rows", rows.as_str())];
    let mut failure = Failure::told(Exit::Invalid, "invalid", "batch-invalid", &args);
    if checked.findings.more() > 0 {
        let more = checked.findings.more().to_string();
        failure.hint = Some(t(crate::cli::base::failure::lang(), "batch-more-findings", &[("count", &more)]));
    }
    failure.details = checked.findings.into_details();
    failure
}

/// Which platform this is, for the journal: an appeal filed at one is not filed at another.
pub fn place_of(ctx: &mut Context) -> Result<String, Failure> {
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

/// One name for all the ways to a database file, whether it is there yet or not.
fn local(database: PathBuf) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    let absolute = std::path::absolute(&database).unwrap_or(database);
    let in_folder = || Some(whole(absolute.parent()?)?.join(absolute.file_name()?));
    let path = whole(&absolute).or_else(in_folder).unwrap_or_else(|| absolute.clone());
    format!("local:{}", path.display())
}

/// The name under which a journal knows this platform, where it goes by another one now (`localhost` for `127.0.0.1`,
/// a proxy before it): an appeal that was filed under that name is here.
async fn former_name(client: &Client, journal: &Journal) -> Result<Option<String>, Failure> {
    for (place, number) in journal.elsewhere() {
        match client.show(number, false).await {
            Ok(_) => return Ok(Some(place.to_owned())),
            // Numbers are drawn by chance: another platform does not have it.
            Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// A journal whose appeals are not there belongs to another platform, or to one that was set up anew: going by it
/// would leave appeals unfiled.
async fn still_there(client: &Client, journal: &Journal) -> Result<(), Failure> {
    let Some(number) = journal.any_filed() else { return Ok(()) };
    match client.show(number, false).await {
        Ok(_) => Ok(()),
        Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => {
            let path = journal.path().display().to_string();
            let args = [("path", path.as_str()), ("number", number)];
            Err(Failure::told(Exit::Conflict, "journal_foreign", "batch-journal-foreign", &args))
        }
        Err(error) => Err(error.into()),
    }
}
