//! Passwords are kept as argon2id hashes and nowhere else.

use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;

use crate::platform::fault::{Fault, Result};

/// The argon2id hash of a password, as a PHC string with a fresh salt. Takes tens of milliseconds on purpose: call it
/// where nobody waits for the thread.
///
/// # Errors
/// The password is longer than argon2 takes.
pub fn password_hash(password: &str) -> Result<String> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| Fault::Internal(format!("password: {e}")))?;
    Ok(hash.to_string())
}
