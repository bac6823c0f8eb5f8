//! Whom a person turns to whose account does not let them go on.

use crate::fault::Result;
use crate::store::admin_catalogue;
use crate::store::db::Tx;
use appeal_api::{ContactRecord, code};
use appeal_i18n::{Lang, t};

/// Problems that a person cannot solve alone.
const STUCK: [&str; 5] = [
    code::ACCOUNT_BLOCKED,
    code::ACCOUNT_UNCONFIRMED,
    code::SIGN_IN_LOCKED,
    code::TOO_MANY_CODES,
    code::CHANNEL_UNAVAILABLE,
];

/// Returns whether the contacts belong to a problem with this code.
pub fn concerns(code: &str) -> bool {
    STUCK.contains(&code)
}

/// Returns a sentence with the support contacts; `None` if there are none.
pub async fn sentence(tx: &mut Tx, lang: Lang) -> Result<Option<String>> {
    let contacts = admin_catalogue::contacts(tx).await?;
    if contacts.is_empty() {
        return Ok(None);
    }
    let contacts: Vec<String> = contacts.iter().map(|contact| line(contact, lang)).collect();
    Ok(Some(t!(lang, "support-contacts", contacts = contacts.join("; "))))
}

fn line(contact: &ContactRecord, lang: Lang) -> String {
    let ContactRecord { id: _, title, phone, email, url, hours } = contact;
    let ways: Vec<&str> = [phone, email, url].into_iter().flatten().map(String::as_str).collect();
    let line = format!("{} {}", lang.pick(title), ways.join(", "));
    match hours {
        Some(hours) => format!("{line} ({})", lang.pick(hours)),
        None => line,
    }
}
