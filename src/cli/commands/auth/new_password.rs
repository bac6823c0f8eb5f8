//! Prompts for a new password, and reports that it is set.

use crate::cli::args::secrets::{self, PasswordArg};
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::{Hidden, PasswordSet, Received};
use appeal_i18n::message;

/// The result of setting a password.
pub const SET: Shape = Shape {
    columns: &[Column::new("login", Cell::Text), Column::new("sessions_ended", Cell::Number)],
    more: &[],
    key: "login",
};

/// Reads the new password; a typed one has to be typed twice.
///
/// # Errors
/// It cannot be read; the second one differs (exit 3).
pub async fn new_password(ctx: &mut Context, arg: &PasswordArg) -> Result<Hidden, Failure> {
    let new = arg.required(ctx, message!("ask-new-password")).await?;
    if arg.password_file.is_none()
        && secrets::typed(ctx, "--password-file", message!("ask-new-password-again"))? != new
    {
        return Err(Failure::from_message(Exit::Invalid, "invalid", message!("password-differs")));
    }
    Ok(new)
}

/// Reports that the password is set.
///
/// # Errors
/// Stdout cannot be written.
pub fn done(ctx: &mut Context, set: Received<PasswordSet>) -> Result<(), Failure> {
    ctx.out.one(&set, &SET)?;
    if !ctx.out.format().is_json() {
        ctx.out.note(message!("password-tokens-stay"));
    }
    Ok(())
}
