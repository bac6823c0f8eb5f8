//! Accounts besides personal data: sign-in locks, pending one-time codes, authenticators, tokens.

use jiff::{SignedDuration, Timestamp};

use super::db::{Arg, Row, Tx};
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{EditProfile, Organization, TokenInfo};
use appeal_domain::lockout::{FORGOTTEN, Lockout};
use appeal_domain::*;

/// The last use of a token is recorded at most once in this time.
pub const USE_NOTED: SignedDuration = SignedDuration::from_mins(5);

fn count(value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|e| Fault::Internal(e.to_string()))
}

/// Returns the state of the lock with this key.
pub async fn lockout(tx: &mut Tx, key: &str) -> Result<Lockout> {
    let sql = "SELECT failures, lockouts, locked_until, last_at FROM sign_in_locks WHERE login = $1";
    match tx.first(sql, args![key]).await? {
        Some(row) => Ok(Lockout {
            failures: count(row.int("failures")?)?,
            lockouts: count(row.int("lockouts")?)?,
            locked_until: row.time_opt("locked_until")?,
            last: row.time_opt("last_at")?,
        }),
        None => Ok(Lockout::default()),
    }
}

/// Stores the state of the lock with this key.
pub async fn keep_lockout(tx: &mut Tx, key: &str, lock: &Lockout) -> Result<()> {
    if *lock == Lockout::default() {
        tx.run("DELETE FROM sign_in_locks WHERE login = $1", args![key]).await?;
        return Ok(());
    }
    tx.run(
        "INSERT INTO sign_in_locks (login, failures, lockouts, locked_until, last_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (login) DO UPDATE SET failures = excluded.failures, lockouts = excluded.lockouts, \
         locked_until = excluded.locked_until, last_at = excluded.last_at",
        args![key, lock.failures, lock.lockouts, lock.locked_until, lock.last],
    )
    .await?;
    Ok(())
}

/// The data of a person needed for signing in.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub person_id: String,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub password_hash: Option<String>,
    pub email: Option<String>,
    pub email_confirmed: bool,
    pub phone: Option<String>,
    pub phone_confirmed: bool,
    /// Whether an authenticator is active.
    pub totp: bool,
}

const CREDENTIALS: &str = "SELECT p.id, p.login, p.name, p.role, p.password_hash, p.email, p.email_unconfirmed, p.phone, \
     p.phone_unconfirmed, (SELECT count(*) FROM authenticators a WHERE a.person_id = p.id AND a.confirmed_at IS NOT NULL) \
     AS totp FROM people p WHERE ";

fn credentials(row: &Row) -> Result<Credentials> {
    Ok(Credentials {
        person_id: row.text("id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        role: row.word("role")?,
        password_hash: row.text_opt("password_hash")?.filter(|hash| !hash.is_empty()),
        email: row.text_opt("email")?,
        email_confirmed: !row.flag("email_unconfirmed")?,
        phone: row.text_opt("phone")?,
        phone_confirmed: !row.flag("phone_unconfirmed")?,
        totp: row.flag("totp")?,
    })
}

/// Returns the person with this login.
pub async fn by_login(tx: &mut Tx, login: &str) -> Result<Option<Credentials>> {
    let row = tx.first(&format!("{CREDENTIALS} p.login = $1"), args![login]).await?;
    row.as_ref().map(credentials).transpose()
}

/// Returns the person with this id.
pub async fn by_id(tx: &mut Tx, id: &str) -> Result<Credentials> {
    credentials(&tx.one(&format!("{CREDENTIALS} p.id = $1"), args![id]).await?)
}

/// The purpose of a one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    SignIn,
    Reset,
    Confirm,
}

impl Purpose {
    /// Returns the word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::SignIn => "sign_in",
            Purpose::Reset => "reset",
            Purpose::Confirm => "confirm",
        }
    }
}

/// A pending one-time code.
#[derive(Debug, Clone)]
pub struct ChallengeRow {
    pub digest: String,
    pub person_id: Option<String>,
    pub way: Option<CodeWay>,
    pub address: Option<String>,
    pub code_digest: Option<String>,
    pub tries: u32,
    pub sends: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// Digest of the login as it was typed.
    pub login: Option<String>,
    /// Digest of the network that the request came from.
    pub network: Option<String>,
    /// Whether the person signed in from this network or on this device before.
    pub known: bool,
}

const CHALLENGE: &str = "SELECT digest, person_id, way, address, code_digest, tries, sends, created_at, expires_at, used_at, \
     login, network, known FROM challenges WHERE ";

fn challenge(row: &Row) -> Result<ChallengeRow> {
    Ok(ChallengeRow {
        digest: row.text("digest")?,
        person_id: row.text_opt("person_id")?,
        way: row.word_opt("way")?,
        address: row.text_opt("address")?,
        code_digest: row.text_opt("code_digest")?,
        tries: count(row.int("tries")?)?,
        sends: count(row.int("sends")?)?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_opt("used_at")?,
        login: row.text_opt("login")?,
        network: row.text_opt("network")?,
        known: row.flag("known")?,
    })
}

/// Returns the challenge with this digest.
pub async fn challenge_by_digest(
    tx: &mut Tx,
    purpose: Purpose,
    digest: &str,
) -> Result<Option<ChallengeRow>> {
    let sql = format!("{CHALLENGE} digest = $1 AND purpose = $2");
    let row = tx.first(&sql, args![digest, purpose.as_str()]).await?;
    row.as_ref().map(challenge).transpose()
}

/// Returns the newest challenge of a person.
pub async fn newest_challenge(
    tx: &mut Tx,
    purpose: Purpose,
    person_id: &str,
) -> Result<Option<ChallengeRow>> {
    let sql = format!("{CHALLENGE} person_id = $1 AND purpose = $2 ORDER BY created_at DESC, digest LIMIT 1");
    let row = tx.first(&sql, args![person_id, purpose.as_str()]).await?;
    row.as_ref().map(challenge).transpose()
}

/// Stores a new or changed challenge.
pub async fn keep_challenge(tx: &mut Tx, purpose: Purpose, row: &ChallengeRow) -> Result<()> {
    tx.run(
        "INSERT INTO challenges (digest, purpose, person_id, way, address, code_digest, tries, sends, created_at, \
         expires_at, used_at, login, network, known) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (digest) DO UPDATE SET way = excluded.way, address = excluded.address, \
         code_digest = excluded.code_digest, tries = excluded.tries, sends = excluded.sends, \
         expires_at = excluded.expires_at, used_at = excluded.used_at",
        args![
            &row.digest,
            purpose.as_str(),
            row.person_id.clone(),
            row.way.map(|way| way.as_str()),
            row.address.clone(),
            row.code_digest.clone(),
            row.tries,
            row.sends,
            row.created_at,
            row.expires_at,
            row.used_at,
            row.login.clone(),
            row.network.clone(),
            row.known,
        ],
    )
    .await?;
    Ok(())
}

/// Returns the challenges of a person since this time for which codes were sent, oldest first.
pub async fn challenges_since(
    tx: &mut Tx,
    purpose: Purpose,
    person_id: &str,
    since: Timestamp,
) -> Result<Vec<ChallengeRow>> {
    let sql = format!(
        "{CHALLENGE} person_id = $1 AND purpose = $2 AND created_at > $3 AND sends > 0 ORDER BY created_at, digest"
    );
    tx.all(&sql, args![person_id, purpose.as_str(), since]).await?.iter().map(challenge).collect()
}

/// Returns the number of challenges for new passwords that a network asked for since this time.
pub async fn resets_of_network(tx: &mut Tx, network: &str, since: Timestamp) -> Result<u32> {
    let sql =
        "SELECT count(*) AS n FROM challenges WHERE network = $1 AND purpose = 'reset' AND created_at > $2";
    count(tx.one(sql, args![network, since]).await?.int("n")?)
}

/// Sets a password; ends all sessions except the one with this digest, and invalidates pending codes. Returns the
/// number of ended sessions.
pub async fn set_password(
    tx: &mut Tx,
    person_id: &str,
    hash: &str,
    but: Option<&str>,
    now: Timestamp,
) -> Result<u64> {
    tx.run("UPDATE people SET password_hash = $2 WHERE id = $1", args![person_id, hash]).await?;
    tx.run(
        "UPDATE challenges SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL AND purpose <> 'confirm'",
        args![person_id, now],
    )
    .await?;
    let ended = tx
        .run(
            "UPDATE tokens SET revoked_at = $2 WHERE person_id = $1 AND session = 1 AND revoked_at IS NULL \
             AND expires_at > $2 AND digest <> $3",
            args![person_id, now, but.unwrap_or_default()],
        )
        .await?;
    Ok(ended)
}

/// A token to store.
#[derive(Debug, Clone)]
pub struct TokenRow<'a> {
    pub id: &'a str,
    pub digest: &'a str,
    pub person_id: &'a str,
    pub name: &'a str,
    pub scopes: &'a [Scope],
    pub at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether the token was created by signing in.
    pub session: bool,
}

/// Stores a token.
pub async fn add_token(tx: &mut Tx, new: &TokenRow<'_>) -> Result<()> {
    let scopes = serde_json::to_string(new.scopes).map_err(|e| Fault::Internal(e.to_string()))?;
    tx.run(
        "INSERT INTO tokens (id, digest, person_id, name, scopes, created_at, expires_at, session) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![new.id, new.digest, new.person_id, new.name, scopes, new.at, new.expires_at, new.session],
    )
    .await?;
    Ok(())
}

const TOKENS: &str = "SELECT t.id, t.digest, t.person_id, t.name, p.login, t.scopes, t.created_at, t.expires_at, \
     t.last_used_at, t.revoked_at, t.session FROM tokens t JOIN people p ON p.id = t.person_id WHERE ";

fn token(row: &Row, current: &str) -> Result<TokenInfo> {
    Ok(TokenInfo {
        id: row.text("id")?,
        name: row.text("name")?,
        login: row.text("login")?,
        scopes: row.json("scopes")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        last_used_at: row.time_opt("last_used_at")?,
        revoked_at: row.time_opt("revoked_at")?,
        session: row.flag("session")?,
        current: row.text("digest")? == current,
    })
}

/// Returns the tokens of a person, newest first; `current` is the digest of the current one.
pub async fn tokens_of(tx: &mut Tx, person_id: &str, current: &str) -> Result<Vec<TokenInfo>> {
    let sql = format!("{TOKENS} t.person_id = $1 ORDER BY t.created_at DESC, t.id DESC");
    tx.all(&sql, args![person_id]).await?.iter().map(|row| token(row, current)).collect()
}

/// Returns a token by its id, with the id of its owner.
pub async fn token_by_id(tx: &mut Tx, id: &str, current: &str) -> Result<Option<(TokenInfo, String)>> {
    let row = tx.first(&format!("{TOKENS} t.id = $1"), args![id]).await?;
    row.map(|row| Ok((token(&row, current)?, row.text("person_id")?))).transpose()
}

/// Returns a token by its digest, with the id of its owner.
pub async fn token_by_digest(tx: &mut Tx, digest: &str) -> Result<Option<(TokenInfo, String)>> {
    let row = tx.first(&format!("{TOKENS} t.digest = $1"), args![digest]).await?;
    row.map(|row| Ok((token(&row, digest)?, row.text("person_id")?))).transpose()
}

/// Returns the digest of a token.
pub async fn token_digest(tx: &mut Tx, id: &str) -> Result<Option<String>> {
    let row = tx.first("SELECT digest FROM tokens WHERE id = $1", args![id]).await?;
    Ok(row.map(|r| r.text("digest")).transpose()?)
}

/// Revokes a token; revoking again has no effect.
pub async fn revoke(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    tx.run("UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", args![id, now]).await?;
    Ok(())
}

/// Returns whether the use of this token should be recorded.
pub async fn is_use_due(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<bool> {
    let before = now.checked_sub(USE_NOTED).map_err(|e| Fault::Internal(e.to_string()))?;
    let sql = "SELECT 1 AS due FROM tokens WHERE digest = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    Ok(tx.first(sql, args![digest, before]).await?.is_some())
}

/// Records the use of a token.
pub async fn note_use(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<()> {
    tx.run("UPDATE tokens SET last_used_at = $2 WHERE digest = $1", args![digest, now]).await?;
    Ok(())
}

/// An authenticator app.
#[derive(Debug, Clone)]
pub struct AuthenticatorRow {
    /// Secret in Base32.
    pub secret: String,
    pub confirmed: bool,
    /// The last time step whose code was accepted.
    pub last_step: i64,
}

/// Returns the authenticator of a person.
pub async fn authenticator(tx: &mut Tx, person_id: &str) -> Result<Option<AuthenticatorRow>> {
    let sql = "SELECT secret, confirmed_at, last_step FROM authenticators WHERE person_id = $1";
    let row = tx.first(sql, args![person_id]).await?;
    row.map(|row| {
        Ok(AuthenticatorRow {
            secret: row.text("secret")?,
            confirmed: row.int_opt("confirmed_at")?.is_some(),
            last_step: row.int("last_step")?,
        })
    })
    .transpose()
}

/// Stores a new authenticator, which is not active yet.
pub async fn put_authenticator(tx: &mut Tx, person_id: &str, secret: &str, now: Timestamp) -> Result<()> {
    tx.run("DELETE FROM authenticators WHERE person_id = $1", args![person_id]).await?;
    tx.run(
        "INSERT INTO authenticators (person_id, secret, created_at, last_step) VALUES ($1, $2, $3, 0)",
        args![person_id, secret, now],
    )
    .await?;
    Ok(())
}

/// Records that the code of a time step was accepted; the first time activates the authenticator.
pub async fn authenticated(tx: &mut Tx, person_id: &str, step: i64, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE authenticators SET last_step = $2, confirmed_at = coalesce(confirmed_at, $3) WHERE person_id = $1",
        args![person_id, step, now],
    )
    .await?;
    Ok(())
}

/// Removes the authenticator of a person.
pub async fn drop_authenticator(tx: &mut Tx, person_id: &str) -> Result<()> {
    tx.run("DELETE FROM authenticators WHERE person_id = $1", args![person_id]).await?;
    Ok(())
}

/// Data shown only in the profile.
#[derive(Debug, Clone)]
pub struct ProfileRow {
    pub snils: Option<String>,
    pub inn: Option<String>,
    pub passport: Option<String>,
    pub created_at: Timestamp,
}

/// Returns the rest of a person's profile.
pub async fn profile(tx: &mut Tx, person_id: &str) -> Result<ProfileRow> {
    let sql = "SELECT snils, inn, passport, created_at FROM people WHERE id = $1";
    let row = tx.one(sql, args![person_id]).await?;
    Ok(ProfileRow {
        snils: row.text_opt("snils")?,
        inn: row.text_opt("inn")?,
        passport: row.text_opt("passport")?,
        created_at: row.time("created_at")?,
    })
}

/// Returns the organizations a person may file for.
pub async fn organizations(tx: &mut Tx, person_id: &str) -> Result<Vec<Organization>> {
    let rows = tx
        .all(
            "SELECT o.inn, o.ogrn, o.name, o.address FROM organizations o JOIN representatives r ON r.inn = o.inn \
             WHERE r.person_id = $1 ORDER BY o.inn",
            args![person_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Organization {
                inn: row.text("inn")?,
                ogrn: row.text_opt("ogrn")?,
                name: row.text("name")?,
                address: row.text_opt("address")?,
            })
        })
        .collect()
}

/// Changes the given fields of a profile, in their normal form; an empty value clears a field.
pub async fn edit(tx: &mut Tx, person_id: &str, edit: &EditProfile) -> Result<()> {
    let fields = [
        ("name", &edit.name),
        ("snils", &edit.snils),
        ("inn", &edit.inn),
        ("passport", &edit.passport),
        ("email", &edit.email),
        ("phone", &edit.phone),
        ("region", &edit.region),
    ];
    for (column, value) in fields {
        if let Some(value) = value {
            let value = Some(value.clone()).filter(|value| !value.is_empty());
            let sql = format!("UPDATE people SET {column} = $2 WHERE id = $1");
            tx.run(&sql, args![person_id, value]).await?;
        }
    }
    if let Some(preferred) = edit.preferred {
        tx.run("UPDATE people SET preferred = $2 WHERE id = $1", args![person_id, preferred.as_str()])
            .await?;
    }
    Ok(())
}

/// Sets whether a contact is confirmed.
pub async fn mark(tx: &mut Tx, person_id: &str, way: CodeWay, confirmed: bool) -> Result<()> {
    let column = if way == CodeWay::Email { "email_unconfirmed" } else { "phone_unconfirmed" };
    let sql = format!("UPDATE people SET {column} = $2 WHERE id = $1");
    tx.run(&sql, args![person_id, !confirmed]).await?;
    Ok(())
}

/// Moves an account from one state to another; does nothing if it is in a third state.
pub async fn move_state(tx: &mut Tx, person_id: &str, from: AccountState, to: AccountState) -> Result<()> {
    tx.run(
        "UPDATE people SET state = $3 WHERE id = $1 AND state = $2",
        args![person_id, from.as_str(), to.as_str()],
    )
    .await?;
    Ok(())
}

/// Stores a scan that was sent with a confirmation.
pub async fn add_document(
    tx: &mut Tx,
    person_id: &str,
    sha256: &str,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "INSERT INTO identity_documents (person_id, sha256, name, added_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (person_id, sha256) DO UPDATE SET name = excluded.name, added_at = excluded.added_at",
        args![person_id, sha256, name, now],
    )
    .await?;
    Ok(())
}

/// Deletes expired data: codes one day after they expire, their messages in the outbox immediately, and old locks.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let ago = |span| now.checked_sub(span).map_err(|e| Fault::Internal(format!("{e}")));
    tx.run("DELETE FROM challenges WHERE expires_at < $1", args![ago(SignedDuration::from_hours(24))?])
        .await?;
    tx.run(
        "DELETE FROM sign_in_locks WHERE last_at < $1 AND (locked_until IS NULL OR locked_until < $1)",
        vec![Arg::from(ago(FORGOTTEN)?)],
    )
    .await?;
    tx.run(
        "UPDATE messages SET text = '', body = '{}' WHERE kind = 'code' AND expires_at < $1 AND text <> ''",
        args![now],
    )
    .await?;
    Ok(())
}
