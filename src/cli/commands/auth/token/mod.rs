//! `appeal auth token`: access tokens for unattended use.

mod create;
mod list;
mod revoke;
mod shape;

group! {
    #[command(after_long_help = "Examples:
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token
  appeal auth token list
  appeal auth token revoke 0199c2f0-7d53-7cc0-9c1e-3a2b1c0d9e8f")]

    /// Create an access token; it is shown only once
    Create(create::Args),
    /// List access tokens, including revoked and expired ones
    List(list::Args),
    /// Revoke a token
    Revoke(revoke::Args),
}
