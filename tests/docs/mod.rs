//! The documentation matches the tool: READMEs, examples, manual pages, completions.

mod commands;
mod examples;
mod generated;
mod links;
mod pasted;
mod tour;
