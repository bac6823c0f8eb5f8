//! The command line.
//!
//! | module | what is in it |
//! |---|---|
//! | `run`, `signals`, `complete` | the process: from the arguments to the exit code, Ctrl-C, completions |
//! | `translation`, `layout` | the help and the errors of the argument parser in the language of the user |
//! | [`commands`] | one file or directory per command |
//! | [`record`] | one appeal as written by users: record files, checks before sending |
//! | [`args`] | groups of arguments that commands share |
//! | [`submission`] | what a command with a text sends, now or later |
//! | [`base`] | what every command works with: context, failures, exit codes, connecting, unsent texts |

pub mod args;
pub mod base;
pub mod commands;
mod complete;
mod layout;
pub mod record;
mod run;
mod signals;
pub mod submission;
#[cfg(test)]
mod testing;
mod translation;

pub use base::{Context, Exit, Failure, Globals};
pub use commands::Cli;
pub use run::{fault, main};
