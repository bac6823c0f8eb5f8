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
mod strangers;
mod versions;

/// Returns the number of cases of a property whose cases are slow: `few` by default, and more in proportion if
/// `PROPTEST_CASES` asks for more than proptest's default of 256.
pub fn slow_cases(few: u32) -> u32 {
    few * proptest::test_runner::Config::default().cases.div_ceil(256)
}
