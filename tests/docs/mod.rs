//! What is written about the tool is true: READMEs, examples, manual pages, completions.

mod examples;
mod generated;
mod links;
mod tour;
