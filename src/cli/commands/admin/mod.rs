//! `appeal admin`: the platform's own data, its journal, its state, backups.

mod archive;
mod backup;
mod data;
mod export;
mod import;
mod log;
mod people;
mod restore;
mod status;

pub use people::BLOCK;

use appeal_domain::DataKind;

group! {
    #[command(
        long_about = "The platform's own data is loaded from files and listed in the form in which it is loaded: change a \
                      list and load it back. Only administrators.",
        after_long_help = "Examples:
  appeal admin people load people.csv --dry-run
  appeal admin categories list -o json > categories.json
  appeal admin calendar load 2028.yaml
  appeal admin backup /backups/
  appeal admin status"
    )]

    /// Accounts: roles, states, contacts, departments, organizations
    #[command(subcommand, after_long_help = "Example:\n  appeal admin people load people.csv --dry-run")]
    People(people::People),
    /// Departments and what is routed to them
    #[command(subcommand, after_long_help = "Example:\n  appeal admin departments load departments.yaml")]
    Departments(data::Data, DataKind::Departments),
    /// The tree of categories
    #[command(
        subcommand,
        after_long_help = "Example:\n  appeal admin categories show housing.repairs -o json"
    )]
    Categories(data::Data, DataKind::Categories),
    /// Templates of typical appeals
    #[command(subcommand, after_long_help = "Example:\n  appeal admin templates load templates.toml")]
    Templates(data::Data, DataKind::Templates),
    /// Production calendars: holidays, moved and short days
    #[command(subcommand, after_long_help = "Example:\n  appeal admin calendar load 2028.yaml --dry-run")]
    Calendar(data::Data, DataKind::Calendar),
    /// Deadline policies: terms by default, by name, by channel
    #[command(subcommand, after_long_help = "Example:\n  appeal admin policies list")]
    Policies(data::Data, DataKind::Policies),
    /// Make a backup while the platform works
    Backup(backup::Args),
    /// Restore a backup where no platform works
    Restore(restore::Args),
    /// Export everything as JSON Lines, for a platform on another database
    Export(export::Args),
    /// Take an export into a platform that has no appeals yet
    Import(import::Args),
    /// Who changed what, the newest first
    #[command(after_long_help = "Example:\n  appeal admin log --limit 100 -o jsonl")]
    Log(log::Args),
    /// The platform at a glance, and a check of everything it keeps
    Status(status::Args),
}
