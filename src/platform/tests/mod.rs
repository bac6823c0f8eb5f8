//! Tests of appeals on a complete platform in this process.

mod accounts;
mod authority;
mod deadlines;
mod disagreement;
mod files;
pub mod harness;
mod jobs;
mod life;
mod lists;
mod matrix;
mod model;
mod moves;
pub mod notices;
mod outbox;
mod reports;
mod reviews;
mod sharing;
mod versions;
