//! The outcome of a command that did not fail.

use super::dry_run::DryRun;

/// How a command ended. Commands that only read give `()`, which is [`Outcome::Done`].
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It has done its work and printed the result.
    Done,
    /// It was a dry run; this is the plan.
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
