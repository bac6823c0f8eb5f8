//! `appeal admin`: platform data, the administration journal, the state of the platform, backups.

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
        long_about = "Manage the platform: its reference data, backups and state. Data is loaded from files and listed in \
                      the same format, so you can edit a list and load it back. Administrators only.",
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
    /// Departments and their routing
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
    /// Production calendars: holidays, moved and shortened days
    #[command(subcommand, after_long_help = "Example:\n  appeal admin calendar load 2028.yaml --dry-run")]
    Calendar(data::Data, DataKind::Calendar),
    /// Deadline policies: default, named and per channel
    #[command(subcommand, after_long_help = "Example:\n  appeal admin policies list")]
    Policies(data::Data, DataKind::Policies),
    /// Support contacts, shown to people who cannot go on by themselves
    #[command(subcommand, after_long_help = "Example:\n  appeal admin contacts load contacts.yaml")]
    Contacts(data::Data, DataKind::Contacts),
    /// Back up a running platform
    Backup(backup::Args),
    /// Restore a backup into a platform that is not running
    Restore(restore::Args),
    /// Export everything in a database-independent format
    Export(export::Args),
    /// Import an export into a platform that has no appeals yet
    Import(import::Args),
    /// List administrative changes, newest first
    #[command(after_long_help = "Example:\n  appeal admin log --limit 100 -o jsonl")]
    Log(log::Args),
    /// Show the state of the platform, and verify its data
    Status(status::Args),
}
