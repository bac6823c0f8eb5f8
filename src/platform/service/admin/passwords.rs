//! Passwords in the records of people: hashed before the transaction, because hashing takes time.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::data_set::Hashes;
use crate::app::App;
use crate::fault::Result;
use crate::service::passwords::{hash, signed_in, verify, weaknesses};
use crate::store::admin_people;
use appeal_domain::{DataKind, Finding};

/// The passwords of the records that are loaded.
#[derive(Debug, Clone, Default)]
pub struct Passwords {
    /// Their hashes.
    pub hashes: Hashes,
    /// Weak passwords, and values that are none. Reported with all other findings.
    pub findings: Vec<Finding>,
}

impl Passwords {
    /// Returns whether no record has a password.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty() && self.findings.is_empty()
    }
}

/// Takes the passwords out of records of people and hashes them, except those that people already have.
///
/// # Errors
/// The database cannot be read; a password cannot be hashed.
pub async fn take(app: &App, kind: DataKind, records: &mut [Value]) -> Result<Passwords> {
    let mut passwords = Passwords::default();
    if kind != DataKind::People {
        return Ok(passwords);
    }
    let Passwords { hashes, findings } = &mut passwords;
    for (n, record) in (1..).zip(records.iter_mut()) {
        let Value::Object(map) = record else { continue };
        let Some(password) = map.remove("password") else { continue };
        let login = map.get("login").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let at = format!("{n} ({login})");
        let password = match password {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) => SecretString::from(text),
            _ => {
                let finding = Finding::error("admin-value", "password").at(at);
                findings.push(finding.arg("field", "password").arg("error", "it has to be a text"));
                continue;
            }
        };
        let known = app.read(async |tx| admin_people::password_hash(tx, &login).await).await?;
        if known.is_some() && verify(signed_in(), &password, known).await? {
            hashes.insert(login, None);
            continue;
        }
        let weak = weaknesses(password.expose_secret(), &login);
        if weak.is_empty() {
            hashes.insert(login, Some(hash(signed_in(), &password).await?));
        }
        findings.extend(weak.into_iter().map(|finding| finding.at(&at)));
    }
    Ok(passwords)
}
