//! One-time codes (P3, P4): six digits, valid for ten minutes, five attempts. Only digests of the challenge id and of
//! the code are stored, and the digest of the code includes the id, so that the database alone does not reveal a code.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::fault::{Fault, Refusal, Result};
use crate::gateways::Gateways;
use crate::store::accounts::{self, ChallengeRow, Credentials, Purpose};
use crate::store::db::Tx;
use crate::store::outbox::{self, NewMessage};
use appeal_api::{WayOffered, code};
use appeal_domain::*;
use appeal_i18n::{Lang, t};

/// How long a code is valid.
pub const LIVES: SignedDuration = SignedDuration::from_mins(10);
/// Number of attempts.
pub const TRIES: u32 = 5;
/// Maximum number of codes sent to a person for one purpose within [`WINDOW`]. Codes for a new password are counted
/// separately for places that the person has never signed in from, so that strangers cannot use them up.
pub const SENDS: u32 = 10;
/// Maximum number of codes for a new password that such a place gets within [`WINDOW`].
const SENDS_TO_STRANGER: u32 = 3;
/// See [`SENDS`].
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// Generates the id of a challenge: 192 random bits.
pub fn fresh_id() -> String {
    hex::encode(rand::random::<[u8; 24]>())
}

/// Generates a code of six digits.
pub fn fresh_code() -> String {
    format!("{:06}", rand::random_range(0..1_000_000u32))
}

/// Returns the stored digest of an id.
pub fn digest_of_id(id: &str) -> String {
    hex::encode(Sha256::digest(id.as_bytes()))
}

/// Returns the stored digest of a code.
pub fn digest_of_code(id: &str, code: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["appeal one-time code", id, code] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// Removes everything but digits from a typed code.
pub fn digits_of(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Compares two digests in constant time.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Creates a challenge; the caller stores it.
pub fn challenge(id: &str, person_id: Option<String>, now: Timestamp) -> Result<ChallengeRow> {
    Ok(ChallengeRow {
        digest: digest_of_id(id),
        person_id,
        way: None,
        address: None,
        code_digest: None,
        tries: 0,
        sends: 0,
        created_at: now,
        expires_at: after(now)?,
        used_at: None,
        login: None,
        network: None,
        known: true,
    })
}

/// Returns when a code sent now expires.
pub fn after(now: Timestamp) -> Result<Timestamp> {
    now.checked_add(LIVES).map_err(|e| Fault::Internal(e.to_string()))
}

/// Returns whether the code can still be entered.
pub fn is_open(row: &ChallengeRow, now: Timestamp) -> bool {
    row.used_at.is_none() && row.tries < TRIES && now < row.expires_at
}

/// 401: wrong code, with the number of attempts left.
pub fn wrong(status: u16, row: &ChallengeRow) -> Fault {
    let left = TRIES.saturating_sub(row.tries);
    let refusal = Fault::refuse(status, code::WRONG_CODE).arg("left", left.to_string());
    if left == 0 { refusal.message("wrong-code-last") } else { refusal }.into()
}

/// No code is expected any more.
pub fn expired(status: u16) -> Fault {
    Fault::refuse(status, code::CODE_EXPIRED).into()
}

/// Returns the channel of a way; `None` for an authenticator.
pub fn channel(way: CodeWay) -> Option<MessageChannel> {
    match way {
        CodeWay::Totp => None,
        CodeWay::Sms => Some(MessageChannel::Sms),
        CodeWay::Email => Some(MessageChannel::Email),
    }
}

/// 409: this platform cannot send messages this way.
pub fn unavailable(way: Option<CodeWay>) -> Refusal {
    let refusal = Fault::refuse(409, code::CHANNEL_UNAVAILABLE);
    match way {
        Some(way) => refusal.arg("way", way.as_str()),
        None => refusal.message("channel-unavailable-all"),
    }
}

/// Returns the ways of receiving a code for signing in, with their addresses. An unconfirmed contact is used only if
/// there is no other way: the password was correct, and a change of contacts must not lock a person out.
pub fn ways(person: &Credentials, gateways: &Gateways) -> Vec<(CodeWay, Option<String>)> {
    let mut sure = Vec::new();
    if person.totp {
        sure.push((CodeWay::Totp, None));
    }
    let contacts = [
        (CodeWay::Sms, &person.phone, person.phone_confirmed),
        (CodeWay::Email, &person.email, person.email_confirmed),
    ];
    let mut unsure = Vec::new();
    for (way, address, confirmed) in contacts {
        let reached = channel(way).is_some_and(|channel| gateways.reach(channel));
        if let Some(address) = address.clone().filter(|_| reached) {
            if confirmed { &mut sure } else { &mut unsure }.push((way, Some(address)));
        }
    }
    if sure.is_empty() { unsure } else { sure }
}

/// Converts the ways for the API, with masked addresses.
pub fn offered(ways: &[(CodeWay, Option<String>)]) -> Vec<WayOffered> {
    ways.iter()
        .map(|(way, address)| WayOffered { way: (*way).into(), address: address.as_deref().map(masked) })
        .collect()
}

/// Masks an address so that only its owner recognises it.
pub fn masked(address: &str) -> String {
    if let Some((name, domain)) = address.rsplit_once('@') {
        let first: String = name.chars().take(1).collect();
        return format!("{first}***@{domain}");
    }
    let all: Vec<char> = address.chars().collect();
    let tail: String = all.iter().skip(all.len().saturating_sub(2)).collect();
    let head: String = all.iter().take(if all.len() > 6 { 2 } else { 0 }).collect();
    format!("{head}***{tail}")
}

/// The data needed for sending a code.
pub struct Sending<'a> {
    pub purpose: Purpose,
    pub person_id: &'a str,
    pub id: &'a str,
    pub code: &'a str,
    pub now: Timestamp,
    pub lang: Lang,
}

/// Adds a code to the outbox and records it in the challenge, which the caller stores. For an authenticator, only the
/// way is recorded.
///
/// # Errors
/// 403: too many codes were sent to this person recently.
pub async fn send(
    tx: &mut Tx,
    row: &mut ChallengeRow,
    (way, address): (CodeWay, Option<String>),
    new: &Sending<'_>,
) -> Result<()> {
    row.way = Some(way);
    let (Some(channel), Some(address)) = (channel(way), address) else {
        (row.address, row.code_digest) = (None, None);
        return Ok(());
    };
    let window = new.now.checked_sub(WINDOW).map_err(|e| Fault::Internal(e.to_string()))?;
    let mut sent = accounts::challenges_since(tx, new.purpose, new.person_id, window).await?;
    if new.purpose == Purpose::Reset {
        sent.retain(|earlier| earlier.known == row.known);
    }
    let from_here = sent.iter().filter(|earlier| earlier.network == row.network);
    let too_many = sent.iter().map(|earlier| earlier.sends).sum::<u32>() >= SENDS
        || new.purpose == Purpose::Reset
            && !row.known
            && from_here.map(|earlier| earlier.sends).sum::<u32>() >= SENDS_TO_STRANGER;
    if let (true, Some(oldest)) = (too_many, sent.first()) {
        let until = oldest.created_at.checked_add(WINDOW).map_err(|e| Fault::Internal(e.to_string()))?;
        return Err(pause(code::TOO_MANY_CODES, until, new.now));
    }
    let expires_at = after(new.now)?;
    let (code, minutes) = (new.code, LIVES.as_mins());
    let text = match new.purpose {
        Purpose::SignIn => t!(new.lang, "code-sign-in", code, minutes),
        Purpose::Reset => t!(new.lang, "code-reset", code, minutes),
        Purpose::Confirm => t!(new.lang, "code-confirm", code, minutes),
    };
    let message = NewMessage {
        person_id: new.person_id,
        appeal_id: None,
        channel,
        kind: NoticeKind::Code,
        address: Some(&address),
        subject: &t!(new.lang, "code-subject"),
        text: &text,
        body: json!({ "purpose": new.purpose.as_str(), "expires_at": expires_at }),
        at: new.now,
        expires_at: Some(expires_at),
    };
    outbox::put(tx, &message).await?;
    row.code_digest = Some(digest_of_code(new.id, new.code));
    row.address = Some(address);
    row.sends += 1;
    row.tries = 0;
    row.expires_at = expires_at;
    Ok(())
}

/// 403 with the time at which to try again.
pub fn pause(code: &'static str, until: Timestamp, now: Timestamp) -> Fault {
    // Rounded up to the end of the second, so that a client that waits does not return too early.
    let seconds = u64::try_from(until.duration_since(now).as_secs()).unwrap_or(0) + 1;
    let whole = until.round(jiff::Unit::Second).unwrap_or(until);
    Fault::refuse(403, code)
        .arg("until", whole.to_string())
        .arg("minutes", (seconds - 1).div_ceil(60).max(1).to_string())
        .retry_after(seconds)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("+79001234567"), "+7***67");
        assert_eq!(masked("petrova@example.org"), "p***@example.org");
        assert_eq!(masked("12"), "***12");
    }

    #[test]
    fn a_code_is_six_digits_and_its_digest_needs_the_id() {
        for _ in 0..100 {
            let code = fresh_code();
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
        assert_ne!(digest_of_code("a", "123456"), digest_of_code("b", "123456"));
        assert!(same(&digest_of_code("a", "123456"), &digest_of_code("a", &digits_of(" 123 456\n"))));
    }
}
