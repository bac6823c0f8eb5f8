//! What every command uses: context, failures, exit codes, connection, unsent texts.

pub mod connect;
pub mod context;
pub mod dry_run;
pub mod durations;
pub mod exit;
pub mod failure;
pub mod gateways;
pub mod globals;
pub mod listing;
pub mod outcome;
pub mod unsent;

pub use context::Context;
pub use dry_run::DryRun;
pub use exit::Exit;
pub use failure::Failure;
pub use globals::Globals;
pub use outcome::Outcome;
