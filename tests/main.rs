//! The integration tests. One binary, because linking the tool for every file took most of the build time. They run the
//! real binary against the real platform, embedded and over HTTP.
//!
//! `cargo test --test integration batch::` runs the tests of a folder.

// The tests use a Unix shell, and most of them the embedded platform.
#![cfg(all(unix, feature = "platform"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot continue should stop"
)]

#[macro_use]
mod common;

mod architecture;
mod batch;
mod cli;
mod docs;
mod platform;
mod previous_edition;
