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

    /// Make one: prints the secret and the otpauth:// URL, this once
    Enable(enable::Args),
    /// Enter its first code: from then on it is asked for
    Confirm(confirm::Args),
    /// Switch it off, with a code of it or the password
    Disable(disable::Args),
}
