//! `appeal batch retry`: files rows again that were refused or whose outcome is unknown.

use std::path::PathBuf;

use super::index::{self, Digests};
use super::journal;
use super::report::Counts;
use super::selection::Selection;
use super::submit::{BatchRun, FilingArgs, platform_name, summary};
use crate::cli::base::{Context, Exit, Failure};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Reads the input file named in the journal, with the templates and strictness of that
run, and files the rows that failed or whose outcome is unknown. Rows that were never sent are left to
`appeal batch submit`.

Example:
  appeal batch retry appeals.csv.journal.jsonl -o jsonl"
)]
pub struct Args {
    /// Journal of the batch
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    #[command(flatten)]
    args: FilingArgs,
}

impl Args {
    /// # Errors
    /// As `batch submit`; the journal is about another platform; the records cannot be read again.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let mut keys = Digests::default();
        let mut open = 0u64;
        let header = journal::scan(&self.journal, |line| {
            if line.status != "filed" {
                open += 1;
                keys.put(index::digest(&line.key), []);
            }
            Ok(())
        })?;
        let path = self.journal.display().to_string();
        if header.place != platform_name(ctx)? {
            let message = message!("batch-retry-elsewhere", path, place = header.place);
            return Err(Failure::from_message(Exit::Conflict, "journal_elsewhere", message));
        }
        let options = header.options;
        let Some(file) = options.file.clone().filter(|file| file.is_file()) else {
            let message = message!("batch-retry-input", path, input = header.input);
            return Err(Failure::from_message(Exit::Invalid, "no_records", message));
        };
        if open == 0 {
            ctx.out.expects(&super::report::SHAPE)?;
            ctx.out.list(&super::report::SHAPE).finish()?;
            summary(ctx, &Counts::default(), Some(&path), message!("batch-retry-none"));
            return Ok(());
        }
        let run = BatchRun {
            file,
            journal: Some(self.journal),
            options,
            args: self.args,
            selection: Selection::Keys(keys),
        };
        run.run(ctx).await
    }
}
