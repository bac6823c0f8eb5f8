//! `appeal batch`: many appeals from one file.

mod blank;
mod checked_rows;
pub(crate) mod csv_rows;
mod duplicates;
mod file_cache;
mod index;
mod journal;
mod json_rows;
mod keys;
mod prepare;
mod reader;
mod report;
mod retry;
mod row;
mod scheduler;
mod selection;
mod send;
mod source;
mod status;
mod submit;
mod template;

pub use report::RowStatus;

group! {
    #[command(after_long_help = "Examples:
  appeal batch submit appeals.csv --dry-run
  appeal batch submit appeals.csv -o csv > numbers.csv
  appeal batch status appeals.csv.journal.jsonl
  appeal batch retry appeals.csv.journal.jsonl")]

    /// File appeals from a CSV, JSON Lines or JSON file
    Submit(submit::Args),
    /// Show the results recorded in the journal of a batch
    Status(status::Args),
    /// Retry the rows of a batch that failed or whose outcome is unknown
    Retry(retry::Args),
}
