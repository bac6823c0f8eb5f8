//! `appeal auth`: signing in and out, the password, the authenticator, access tokens (P3, P7).

mod password;
mod token;
mod totp;

use crate::cli::base::{Context, Failure};
use crate::cli::commands::{login, logout, whoami};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal --server https://appeals.example auth login
  appeal auth status
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sign in to a platform
    Login(login::Args),
    /// Sign out
    Logout(logout::Args),
    /// Show who is signed in
    Status(whoami::Args),
    /// Change your password
    Password(password::Change),
    /// Replace a forgotten password
    Reset(password::Reset),
    /// An authenticator application for signing in
    #[command(subcommand, after_long_help = totp::EXAMPLES)]
    Totp(totp::Command),
    /// Access tokens
    #[command(subcommand, after_long_help = token::EXAMPLES)]
    Token(token::Command),
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Login(args) => args.run(ctx).await,
            Command::Logout(args) => args.run(ctx).await,
            Command::Status(args) => args.run(ctx).await,
            Command::Password(args) => args.run(ctx).await,
            Command::Reset(args) => args.run(ctx).await,
            Command::Totp(command) => command.run(ctx).await,
            Command::Token(command) => command.run(ctx).await,
        }
    }
}
