//! The integration tests: one binary, because linking the tool once for each file took most of the time of a build.
//! They run the real binary against the real platform, in one process and over HTTP.
//!
//! `cargo test --test integration batch::` runs the tests of a folder.

// What the tests run is written for a Unix shell, and most of it needs the embedded platform.
#![cfg(all(unix, feature = "platform"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop"
)]

#[macro_use]
mod common;

mod architecture;
mod batch;
mod cli;
mod docs;
mod platform;
mod previous_edition;
