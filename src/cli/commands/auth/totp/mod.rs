//! `appeal auth totp`: an authenticator application for signing in (RFC 6238).

mod confirm;
mod disable;
mod enable;
mod shape;

group! {
    #[command(after_long_help = "Examples:
  appeal auth totp enable
  appeal auth totp confirm --code 123456
  appeal auth totp disable --code 123456")]

    /// Set up an authenticator app; the secret and otpauth:// URL are shown only once
    Enable(enable::Args),
    /// Confirm the setup with a first code; sign-in requires a code from then on
    Confirm(confirm::Args),
    /// Disable the authenticator app, with a code or the password
    Disable(disable::Args),
}
