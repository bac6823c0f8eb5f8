//! `appeal`: file appeals with public authorities from a shell, follow them to an answer, take them further when the
//! answer is bad; and the platform they are filed with, in the same binary.
//!
//! This crate is the command-line tool. `docs/ARCHITECTURE.md` has the map of all crates and the rules between them.

pub mod cli;
pub mod config;
pub mod output;
