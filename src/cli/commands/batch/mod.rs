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

    /// File the appeals of a CSV, JSON Lines or JSON file
    Submit(submit::Args),
    /// Tell what became of the rows of a batch, by its journal
    Status(status::Args),
    /// File again the rows of a batch that were refused or whose outcome is not known
    Retry(retry::Args),
}
