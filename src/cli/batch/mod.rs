//! `appeal batch`: many appeals from one file.

pub(crate) mod csv_rows;
mod file;
mod journal;
mod json_rows;
mod keys;
mod prepare;
mod read;
mod report;
mod source;
mod submit;

pub use report::RowStatus;

use super::{Context, Failure};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal batch submit appeals.csv --dry-run
  appeal batch submit appeals.csv -o csv > numbers.csv")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// File the appeals of a CSV, JSON Lines or JSON file
    Submit(submit::Args),
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Submit(args) => args.run(ctx).await,
        }
    }
}
