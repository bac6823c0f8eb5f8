//! Arguments of commands for an unsent text.

use crate::cli::args::change::DryRunArg;
use crate::cli::base::Failure;
use crate::cli::base::unsent::store::{self, Stored};

/// An unsent text.
#[derive(Debug, clap::Args)]
pub struct StoredArg {
    /// Id of the text (`appeal unsent list`), or a unique prefix of it
    #[arg(value_name = "ID")]
    id: String,
}

impl StoredArg {
    /// Finds the text.
    ///
    /// # Errors
    /// No text matches (exit 5); several match (exit 2).
    pub fn find(&self) -> Result<Stored, Failure> {
        store::find(&self.id)
    }
}

/// A change to an unsent text.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    pub stored: StoredArg,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}
