//! How a command ends that does not fail.

use super::dry_run::DryRun;

/// How a command ended. Commands that only read give `()`, which is [`Outcome::Done`].
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It did what it was asked to do, and printed its result.
    Done,
    /// It was a dry run: this is what it would have done.
    DryRun(Box<DryRun>),
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Outcome::Done
    }
}

impl From<DryRun> for Outcome {
    fn from(run: DryRun) -> Self {
        Outcome::DryRun(Box::new(run))
    }
}
