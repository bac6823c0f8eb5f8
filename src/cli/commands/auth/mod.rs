//! `appeal auth`: signing in and out, the password, the authenticator, access tokens.

mod new_password;
mod password;
mod reset;
mod token;
mod totp;

use super::{login, logout, whoami};

group! {
    #[command(after_long_help = "Examples:
  appeal --server https://appeals.example auth login
  appeal auth status
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token")]

    /// Sign in to a platform
    Login(login::Args),
    /// Sign out
    Logout(logout::Args),
    /// Show who is signed in
    Status(whoami::Args),
    /// Change your password
    Password(password::Args),
    /// Reset a forgotten password
    Reset(reset::Args),
    /// Manage an authenticator app
    Totp(totp::Args),
    /// Manage access tokens
    Token(token::Args),
}
