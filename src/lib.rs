//! `appeal`: file appeals with public authorities from a shell, follow them to an answer, fight on when the answer
//! is bad; and the platform they are filed with, in the same binary.
//!
//! # The map of the house
//!
//! | room | what lives there | what it may import |
//! |---|---|---|
//! | [`domain`] | what an appeal is: vocabularies, life cycle, numbers, requisites, deadlines, writing rules, the journal's chain. Pure: no I/O, no clock | nothing of ours |
//! | [`files`] | checks of attachments: what a file really is, limits, digests | `domain` |
//! | [`api`] | the wire: request and response types, problem codes, paging, events | `domain` |
//! | [`i18n`] | the words people read, in English and Russian | `domain`, `api` |
//! | [`client`] | a typed client of the API: retries, idempotency keys, paging, uploads, the event stream | `domain`, `api`, `files`, `i18n` |
//! | [`config`] | the config file, profiles, credentials, paths | `domain` |
//! | [`output`] | tables, JSON, CSV, progress, prompts: the only place that writes to the terminal | `domain`, `api`, `i18n` |
//! | [`cli`] | one file a command: its arguments and its `run` | all of the above; `platform` only in `cli/connect.rs` and `cli/serve.rs` |
//! | [`platform`] | routes, use cases, the database, background jobs | `domain`, `files`, `api`, `i18n` |
//!
//! The client and the platform meet only in HTTP messages: over a socket for a URL, in this process for
//! `--server local`. `tests/house.rs` keeps these rules.

pub mod api;
pub mod cli;
pub mod client;
pub mod config;
pub mod domain;
pub mod files;
pub mod i18n;
pub mod output;
#[cfg(feature = "platform")]
pub mod platform;
