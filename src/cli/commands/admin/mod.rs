//! `appeal admin`: the platform's own data, its journal, its state, backups (O4).

mod archives;
mod data;
mod log;
mod read;
mod status;

use crate::cli::base::{Context, Failure};
use appeal_domain::DataKind;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
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
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Accounts: roles, states, contacts, departments, organizations
    #[command(subcommand, after_long_help = "Example:\n  appeal admin people load people.csv --dry-run")]
    People(data::People),
    /// Departments and what is routed to them
    #[command(subcommand, after_long_help = "Example:\n  appeal admin departments load departments.yaml")]
    Departments(data::Data),
    /// The tree of categories
    #[command(
        subcommand,
        after_long_help = "Example:\n  appeal admin categories show housing.repairs -o json"
    )]
    Categories(data::Data),
    /// Templates of typical appeals
    #[command(subcommand, after_long_help = "Example:\n  appeal admin templates load templates.toml")]
    Templates(data::Data),
    /// Production calendars: holidays, moved and short days
    #[command(subcommand, after_long_help = "Example:\n  appeal admin calendar load 2028.yaml --dry-run")]
    Calendar(data::Data),
    /// Deadline policies: terms by default, by name, by channel
    #[command(subcommand, after_long_help = "Example:\n  appeal admin policies list")]
    Policies(data::Data),
    /// Make a backup while the platform works
    Backup(archives::Backup),
    /// Restore a backup where no platform works
    Restore(archives::Restore),
    /// Export everything as JSON Lines, for a platform on another database
    Export(archives::Export),
    /// Take an export into a platform that has no appeals yet
    Import(archives::Import),
    /// Who changed what, the newest first
    #[command(after_long_help = "Example:\n  appeal admin log --limit 100 -o jsonl")]
    Log(log::Args),
    /// The platform at a glance, and a check of everything it keeps
    Status(status::Args),
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::People(command) => command.run(ctx).await,
            Command::Departments(command) => command.run(ctx, DataKind::Departments).await,
            Command::Categories(command) => command.run(ctx, DataKind::Categories).await,
            Command::Templates(command) => command.run(ctx, DataKind::Templates).await,
            Command::Calendar(command) => command.run(ctx, DataKind::Calendar).await,
            Command::Policies(command) => command.run(ctx, DataKind::Policies).await,
            Command::Backup(args) => args.run(ctx).await,
            Command::Restore(args) => args.run(ctx).await,
            Command::Export(args) => args.run(ctx).await,
            Command::Import(args) => args.run(ctx).await,
            Command::Log(args) => args.run(ctx).await,
            Command::Status(args) => args.run(ctx).await,
        }
    }
}
