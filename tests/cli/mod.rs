//! Commands as used by people and scripts.

mod accounts;
mod admin;
mod authority;
mod commands;
mod conversation;
mod dates;
mod deadlines;
mod dry_run;
mod every_command;
mod exits;
mod files;
mod help;
mod language;
mod life;
mod notices;
mod output;
mod pdf;
mod place;
mod prompts;
mod regions;
mod reports;
mod table;
mod texts;
mod unsent;
mod watch;
mod words;
