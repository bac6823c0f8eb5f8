//! Signing in with login and password, then a one-time code (P3); and resetting a forgotten password.
//!
//! Unlike other use cases, these receive the whole platform: a password is checked between two transactions, because
//! that takes long. An attempt is counted before it is checked, so that concurrent attempts cannot exceed the limit.
//!
//! Responses do not reveal whether a login exists: an unknown one is counted, checked and locked like any other.

use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::authenticator;
use super::codes::{self, Sending};
use super::context::Ctx;
use super::passwords;
use super::tokens::{digest_of, random_secret};
use crate::app::App;
use crate::caller::scopes_of;
use crate::fault::{Fault, Result};
use crate::store::accounts::{self, ChallengeRow, Credentials, Purpose, TokenRow};
use crate::store::db::Tx;
use crate::store::fresh_id;
use appeal_api::*;
use appeal_domain::lockout::Lockout;
use appeal_domain::*;
use appeal_i18n::Lang;

/// Lifetime of a session.
pub const SESSION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Name of its token.
pub const SESSION_NAME: &str = "login";
/// How often a way can be chosen for one sign-in.
const SENDS: u32 = 3;

/// The key of a lock. Logins are not stored, because the typed text may be a password.
fn lock_key(login: &str) -> String {
    hex::encode(Sha256::digest(login.as_bytes()))
}

fn secret(hidden: &Hidden) -> SecretString {
    SecretString::from(hidden.0.as_str())
}

fn locked(until: jiff::Timestamp, now: jiff::Timestamp) -> Fault {
    codes::pause(code::SIGN_IN_LOCKED, until, now)
}

/// Counts an attempt, or refuses it if sign-in is locked.
async fn admit(tx: &mut Tx, login: &str, now: jiff::Timestamp) -> Result<Lockout> {
    let mut lock = accounts::lockout(tx, login).await?;
    lock.admit(now).map_err(|until| locked(until, now))?;
    accounts::keep_lockout(tx, login, &lock).await?;
    Ok(lock)
}

/// The first step: login and password. Returns the next step; if only one way is available or one is selected, the code
/// is sent.
///
/// # Errors
/// 401: wrong login or password. 403: locked, or too many codes. 409: no way to send a code to this person.
pub async fn begin(app: &App, lang: Lang, asked: &SignIn) -> Result<Challenge> {
    let now = app.now();
    let login = asked.login.trim().to_owned();
    let key = lock_key(&login);
    let (lock, found) = {
        let (login, key) = (login.clone(), key.clone());
        app.db()
            .write(move |tx| {
                let (login, key) = (login.clone(), key.clone());
                Box::pin(async move {
                    let lock = admit(tx, &key, now).await?;
                    Ok((lock, accounts::by_login(tx, &login).await?))
                })
            })
            .await?
    };
    let hash = found.as_ref().and_then(|person| person.password_hash.clone());
    if !passwords::verify(&secret(&asked.password), hash).await? {
        return Err(match lock.locked_until {
            Some(until) => locked(until, now),
            None => Fault::refuse(401, code::WRONG_CREDENTIALS).into(),
        });
    }
    let Some(person) = found else { return Err(Fault::refuse(401, code::WRONG_CREDENTIALS).into()) };
    let ways = codes::ways(&person, app.gateways());
    let chosen = match (asked.way, ways.as_slice()) {
        (Some(way), all) => all.iter().find(|(offered, _)| *offered == way).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    };
    let nothing = ways.is_empty() || asked.way.is_some() && chosen.is_none();
    let shared = Arc::new((key, person, chosen, codes::fresh_id(), codes::fresh_code()));
    let row = {
        let shared = shared.clone();
        app.db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (key, person, chosen, id, code) = &*shared;
                    // The password was correct, so the attempt does not count.
                    let mut lock = accounts::lockout(tx, key).await?;
                    lock.give_back();
                    accounts::keep_lockout(tx, key, &lock).await?;
                    if nothing {
                        return Ok(None);
                    }
                    let mut row = codes::challenge(id, Some(person.person_id.clone()), now)?;
                    if let Some(chosen) = chosen {
                        send(tx, &mut row, chosen.clone(), person, (id, code), (now, lang)).await?;
                    }
                    accounts::keep_challenge(tx, Purpose::SignIn, &row).await?;
                    Ok(Some(row))
                })
            })
            .await?
    };
    let row = row.ok_or_else(|| Fault::from(codes::unavailable(asked.way)))?;
    Ok(Challenge {
        challenge_id: shared.3.clone(),
        ways: codes::offered(&ways),
        way: row.way.map(Into::into),
        expires_at: row.expires_at,
    })
}

async fn send(
    tx: &mut Tx,
    row: &mut ChallengeRow,
    chosen: (CodeWay, Option<String>),
    person: &Credentials,
    (id, code): (&str, &str),
    (now, lang): (jiff::Timestamp, Lang),
) -> Result<()> {
    let new = Sending { purpose: Purpose::SignIn, person_id: &person.person_id, id, code, now, lang };
    codes::send(tx, row, chosen, &new).await
}

/// Chooses the way to receive the code, and sends it; repeating sends another code.
///
/// # Errors
/// 401: no such sign-in is in progress. 403: too many codes. 409: the code cannot be sent this way.
pub async fn choose(app: &App, lang: Lang, asked: &ChooseWay) -> Result<Challenge> {
    let now = app.now();
    let way = asked.way;
    let shared = Arc::new((asked.challenge_id.clone(), codes::fresh_code(), app.gateways().clone()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (id, code, gateways) = &*shared;
                let found =
                    accounts::challenge_by_digest(tx, Purpose::SignIn, &codes::digest_of_id(id)).await?;
                let mut row =
                    found.filter(|row| codes::is_open(row, now)).ok_or_else(|| codes::expired(401))?;
                let Some(person_id) = row.person_id.clone() else { return Err(codes::expired(401)) };
                let person = accounts::by_id(tx, &person_id).await?;
                let ways = codes::ways(&person, gateways);
                let chosen = ways.iter().find(|(offered, _)| *offered == way).cloned();
                let chosen = chosen.ok_or_else(|| Fault::from(codes::unavailable(Some(way))))?;
                if row.sends >= SENDS && way != CodeWay::Totp {
                    return Err(codes::expired(401));
                }
                // Previous codes become invalid; their attempts still count.
                let tries = row.tries;
                send(tx, &mut row, chosen, &person, (id, code), (now, lang)).await?;
                row.tries = tries;
                accounts::keep_challenge(tx, Purpose::SignIn, &row).await?;
                Ok(Challenge {
                    challenge_id: id.clone(),
                    ways: codes::offered(&ways),
                    way: row.way.map(Into::into),
                    expires_at: row.expires_at,
                })
            })
        })
        .await
}

/// The result of checking a code. A wrong code changes the database, so it must not be an error inside the transaction.
enum Judged<T> {
    Right(T),
    Wrong(Fault),
}

/// Checks a code: counts the attempt, for the code and for the person, and returns whether it is correct.
async fn judge(
    tx: &mut Tx,
    purpose: Purpose,
    (id, typed): (&str, &str),
    now: jiff::Timestamp,
) -> Result<Judged<Credentials>> {
    let row = accounts::challenge_by_digest(tx, purpose, &codes::digest_of_id(id)).await?;
    let Some(mut row) = row.filter(|row| codes::is_open(row, now)) else {
        return Ok(Judged::Wrong(codes::expired(401)));
    };
    let person = match &row.person_id {
        Some(person_id) => Some(accounts::by_id(tx, person_id).await?),
        None => None,
    };
    // Wrong passwords lock signing in, and a forgotten password is the reason for them. Reset codes therefore have a
    // separate counter; otherwise the owner would have to wait as long as an attacker.
    let key = person.as_ref().map(|person| match purpose {
        Purpose::Reset => lock_key(&format!("reset {}", person.login)),
        _ => lock_key(&person.login),
    });
    let lock = match &key {
        Some(key) => match admit(tx, key, now).await {
            Ok(lock) => Some(lock),
            Err(fault) => return Ok(Judged::Wrong(fault)),
        },
        None => None,
    };
    row.tries += 1;
    let mut right = false;
    if let Some(person) = &person {
        // A person with an authenticator who chose no way uses the authenticator.
        let by_totp = row.way == Some(CodeWay::Totp) || row.way.is_none() && person.totp;
        if by_totp && purpose == Purpose::SignIn {
            let authenticator = accounts::authenticator(tx, &person.person_id).await?;
            if let Some(authenticator) = authenticator.filter(|a| a.confirmed)
                && let Some(step) = authenticator::step_of(&authenticator, &person.login, typed, now)?
            {
                accounts::authenticated(tx, &person.person_id, step, now).await?;
                right = true;
            }
        } else if let Some(digest) = &row.code_digest {
            right = codes::same(digest, &codes::digest_of_code(id, typed));
        }
    }
    if right {
        row.used_at = Some(now);
    }
    accounts::keep_challenge(tx, purpose, &row).await?;
    match (right, person) {
        (true, Some(person)) => {
            accounts::keep_lockout(tx, &lock_key(&person.login), &Lockout::default()).await?;
            if let Some(key) = key {
                accounts::keep_lockout(tx, &key, &Lockout::default()).await?;
            }
            Ok(Judged::Right(person))
        }
        _ => Ok(Judged::Wrong(match lock.and_then(|lock| lock.locked_until) {
            Some(until) => locked(until, now),
            None => codes::wrong(401, &row),
        })),
    }
}

/// The second step: the code. Returns a session.
///
/// # Errors
/// 401: wrong code, or none is expected. 403: locked.
pub async fn finish(app: &App, asked: &SignInCode) -> Result<IssuedToken> {
    let now = app.now();
    let expires_at = now.checked_add(SESSION).map_err(|e| Fault::Internal(e.to_string()))?;
    let typed = codes::digits_of(&asked.code.0);
    let shared = Arc::new((asked.challenge_id.clone(), typed, random_secret()));
    let judged = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (id, typed, token) = &*shared;
                let person = match judge(tx, Purpose::SignIn, (id, typed), now).await? {
                    Judged::Right(person) => person,
                    Judged::Wrong(fault) => return Ok(Judged::Wrong(fault)),
                };
                let scopes = scopes_of(person.role);
                let id = fresh_id();
                let new = TokenRow {
                    id: &id,
                    digest: &digest_of(token),
                    person_id: &person.person_id,
                    name: SESSION_NAME,
                    scopes: &scopes,
                    at: now,
                    expires_at,
                    session: true,
                };
                accounts::add_token(tx, &new).await?;
                Ok(Judged::Right(IssuedToken {
                    id,
                    name: SESSION_NAME.to_owned(),
                    login: person.login,
                    scopes: scopes.into_iter().map(Into::into).collect(),
                    expires_at,
                    token: token.clone(),
                }))
            })
        })
        .await?;
    match judged {
        Judged::Right(token) => Ok(token),
        Judged::Wrong(fault) => Err(fault),
    }
}

/// Sends a code to the confirmed phone number or e-mail address of a person who forgot the password. Does not reveal
/// whether the login exists.
///
/// # Errors
/// 409: this platform cannot send messages this way.
pub async fn ask_reset(app: &App, lang: Lang, asked: &AskReset) -> Result<Challenge> {
    let now = app.now();
    let wanted = match asked.way {
        Some(CodeWay::Totp) => return Err(codes::unavailable(asked.way).into()),
        way => way,
    };
    let reached = |way: CodeWay| codes::channel(way).is_some_and(|channel| app.gateways().reach(channel));
    let open: Vec<CodeWay> = [CodeWay::Sms, CodeWay::Email]
        .into_iter()
        .filter(|way| wanted.is_none_or(|wanted| wanted == *way) && reached(*way))
        .collect();
    if open.is_empty() {
        return Err(codes::unavailable(wanted).into());
    }
    let login = asked.login.trim().to_owned();
    let shared = Arc::new((login, open, codes::fresh_id(), codes::fresh_code()));
    let id = shared.2.clone();
    let row = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (login, open, id, code) = &*shared;
                let person = accounts::by_login(tx, login).await?;
                let chosen = person.as_ref().and_then(|person| {
                    open.iter().find_map(|way| match way {
                        CodeWay::Sms if person.phone_confirmed => Some((*way, person.phone.clone()?)),
                        CodeWay::Email if person.email_confirmed => Some((*way, person.email.clone()?)),
                        _ => None,
                    })
                });
                let owner = chosen.as_ref().and(person.as_ref()).map(|person| person.person_id.clone());
                let mut row = codes::challenge(id, owner.clone(), now)?;
                if let (Some((way, address)), Some(person_id)) = (chosen, &owner) {
                    let new = Sending { purpose: Purpose::Reset, person_id, id, code, now, lang };
                    match codes::send(tx, &mut row, (way, Some(address)), &new).await {
                        // Too many codes were sent: none is accepted, but the response does not reveal that.
                        Err(Fault::Refused(_)) => row.code_digest = None,
                        other => other?,
                    }
                }
                accounts::keep_challenge(tx, Purpose::Reset, &row).await?;
                Ok(row)
            })
        })
        .await?;
    Ok(Challenge {
        challenge_id: id,
        ways: Vec::new(),
        way: wanted.map(Into::into),
        expires_at: row.expires_at,
    })
}

/// Sets a new password with a reset code; ends all sessions.
///
/// # Errors
/// 401: wrong code, or none is expected. 422: the password is too weak; this does not count as an attempt.
pub async fn reset(app: &App, asked: &ResetPassword) -> Result<PasswordSet> {
    let now = app.now();
    let digest = codes::digest_of_id(&asked.challenge_id);
    let login = app
        .read(async |tx| {
            let row = accounts::challenge_by_digest(tx, Purpose::Reset, &digest).await?;
            let row = row.filter(|row| codes::is_open(row, now)).ok_or_else(|| codes::expired(401))?;
            match row.person_id {
                Some(person_id) => Ok(accounts::by_id(tx, &person_id).await?.login),
                None => Ok(String::new()),
            }
        })
        .await?;
    let weak = passwords::weaknesses(&asked.password.0, &login);
    if !weak.is_empty() {
        return Err(Fault::invalid(weak));
    }
    let hash = passwords::hash(&secret(&asked.password)).await?;
    let shared = Arc::new((asked.challenge_id.clone(), codes::digits_of(&asked.code.0), hash));
    let judged = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (id, typed, hash) = &*shared;
                let person = match judge(tx, Purpose::Reset, (id, typed), now).await? {
                    Judged::Right(person) => person,
                    Judged::Wrong(fault) => return Ok(Judged::Wrong(fault)),
                };
                let ended = accounts::set_password(tx, &person.person_id, hash, None, now).await?;
                Ok(Judged::Right(PasswordSet { login: person.login, sessions_ended: ended }))
            })
        })
        .await?;
    match judged {
        Judged::Right(set) => Ok(set),
        Judged::Wrong(fault) => Err(fault),
    }
}

/// Checks the password of a signed-in person; a wrong one counts as in signing in.
async fn is_owner(app: &App, ctx: &Ctx, password: &Hidden) -> Result<()> {
    let now = app.now();
    let key = lock_key(&ctx.caller.login);
    let shared = Arc::new((key, ctx.caller.person_id.clone()));
    let (lock, person) = {
        let shared = shared.clone();
        app.db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let lock = admit(tx, &shared.0, now).await?;
                    Ok((lock, accounts::by_id(tx, &shared.1).await?))
                })
            })
            .await?
    };
    if !passwords::verify(&secret(password), person.password_hash).await? {
        return Err(match lock.locked_until {
            Some(until) => locked(until, now),
            None => Fault::refuse(403, code::FORBIDDEN).message("wrong-password").into(),
        });
    }
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let mut lock = accounts::lockout(tx, &shared.0).await?;
                lock.give_back();
                accounts::keep_lockout(tx, &shared.0, &lock).await
            })
        })
        .await
}

/// Changes the caller's password; ends the other sessions. `bearer` is the digest of the current token.
///
/// # Errors
/// 403: wrong current password, or a token without all scopes. 422: the new password is too weak.
pub async fn change_password(
    app: &App,
    ctx: &Ctx,
    asked: &ChangePassword,
    bearer: &str,
) -> Result<PasswordSet> {
    ctx.caller.need_everything()?;
    let person_id = ctx.caller.person_id.clone();
    let known = app.read(async |tx| accounts::by_id(tx, &person_id).await).await?;
    let weak = passwords::weaknesses(&asked.new.0, &ctx.caller.login);
    if !weak.is_empty() {
        return Err(Fault::invalid(weak));
    }
    match (&known.password_hash, &asked.old) {
        (None, _) => {}
        (Some(_), Some(old)) => is_owner(app, ctx, old).await?,
        (Some(_), None) => return Err(Fault::invalid(vec![Finding::error("password-old", "old")])),
    }
    let hash = passwords::hash(&secret(&asked.new)).await?;
    let now = ctx.now;
    let shared = Arc::new((person_id, hash, bearer.to_owned()));
    let ended = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(
                async move { accounts::set_password(tx, &shared.0, &shared.1, Some(&shared.2), now).await },
            )
        })
        .await?;
    Ok(PasswordSet { login: ctx.caller.login.clone(), sessions_ended: ended })
}

/// Switches the authenticator off; requires one of its codes, or the password.
///
/// # Errors
/// 403: wrong password. 409: there is no authenticator. 422: wrong code, or neither is given.
pub async fn disable_totp(app: &App, ctx: &Ctx, proof: &AuthenticatorProof) -> Result<AuthenticatorState> {
    ctx.caller.need_everything()?;
    let caller = ctx.caller.clone();
    let row = app.read(async |tx| accounts::authenticator(tx, &caller.person_id).await).await?;
    let row = row.ok_or_else(|| Fault::from(Fault::conflict("totp-none")))?;
    match (&proof.code, &proof.password) {
        (Some(typed), _) => {
            let key = lock_key(&caller.login);
            let now = ctx.now;
            let right =
                authenticator::step_of(&row, &caller.login, &codes::digits_of(&typed.0), now)?.is_some();
            // Wrong codes here count as in signing in.
            app.db()
                .write(move |tx| {
                    let key = key.clone();
                    Box::pin(async move {
                        let mut lock = admit(tx, &key, now).await?;
                        if right {
                            lock.give_back();
                            accounts::keep_lockout(tx, &key, &lock).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
            if !right {
                return Err(Fault::refuse(422, code::WRONG_CODE).message("wrong-code-totp").into());
            }
        }
        (None, Some(password)) => is_owner(app, ctx, password).await?,
        (None, None) => return Err(Fault::invalid(vec![Finding::error("totp-proof", "code")])),
    }
    app.db()
        .write(move |tx| {
            let person_id = caller.person_id.clone();
            Box::pin(async move { accounts::drop_authenticator(tx, &person_id).await })
        })
        .await?;
    Ok(AuthenticatorState { totp: false })
}
