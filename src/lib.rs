//! `appeal`: file appeals with public authorities from a shell, follow them to an answer, take them further when the
//! answer is bad; and the platform they are filed with, in the same binary.
//!
//! # The map
//!
//! This crate is the command-line tool. The folders beside it that have a `Cargo.toml` are crates of their own; Cargo
//! keeps the arrows between them.
//!
//! | folder | what it holds | what it uses |
//! |---|---|---|
//! | `domain` | what an appeal is: vocabularies, life cycle, numbers, requisites, deadlines, writing rules, the journal's chain. Pure: no I/O, no clock | – |
//! | `files` | checks of attachments: what a file really is, limits, digests | `domain` |
//! | `api` | the wire: request and response types, problem codes, paging, events | `domain` |
//! | `i18n` | messages in English and Russian | `domain`, `api` |
//! | `client` | a typed client of the API: retries, idempotency keys, paging, uploads, the event stream | `domain`, `files`, `api`, `i18n` |
//! | `platform` | routes, use cases, the database, background jobs | `domain`, `files`, `api`, `i18n` |
//! | [`config`] | the config file, profiles, credentials, paths | `domain` |
//! | [`output`] | tables, JSON, CSV, progress, prompts: the only place that writes to the terminal | `domain`, `api`, `i18n` |
//! | [`cli`] | one file a command: its arguments and its `run` | all of them; `platform` only in `base/{connect,gateways}` and `commands/serve` |
//!
//! The client and the platform meet only in HTTP messages: over a socket for a URL, in this process for
//! `--server local`.

pub mod cli;
pub mod config;
pub mod output;
