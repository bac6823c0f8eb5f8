//! Signing in with login and password, then a one-time code (P3); and resetting a forgotten password.
//!
//! Unlike other use cases, these receive the whole platform: a password is checked between two transactions, because
//! that takes long. An attempt is counted before it is checked, so that concurrent attempts cannot exceed the limit.
//!
//! Responses do not reveal whether a login exists: an unknown one is counted, checked and locked like any other.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::authenticator;
use super::codes::{self, Sending};
use super::context::Ctx;
use super::origin::{Guess, Known, Locks, Origin, digest_of_login};
use super::passwords;
use super::tokens::{digest_of, random_device, random_secret};
use crate::app::App;
use crate::caller::scopes_of;
use crate::fault::{Fault, Result};
use crate::store::accounts::{self, ChallengeRow, Credentials, Purpose, TokenRow};
use crate::store::db::Tx;
use crate::store::{fresh_id, origins};
use appeal_api::*;
use appeal_domain::*;
use appeal_i18n::Lang;

/// Lifetime of a session.
pub const SESSION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Name of its token.
pub const SESSION_NAME: &str = "login";
/// How often a way can be chosen for one sign-in.
const SENDS: u32 = 3;
/// How many new passwords a network can ask for within an hour; further requests have no effect.
const RESETS_OF_NETWORK: u32 = 50;

fn secret(hidden: &Hidden) -> SecretString {
    SecretString::from(hidden.0.as_str())
}

fn locked(until: Timestamp, now: Timestamp) -> Fault {
    codes::pause(code::SIGN_IN_LOCKED, until, now)
}

/// Returns who has a login, how the origin is known to them, and the locks of an attempt; counts it.
async fn attempt(
    tx: &mut Tx,
    login: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(Option<Credentials>, Known, std::result::Result<Option<Timestamp>, Timestamp>)> {
    let person = accounts::by_login(tx, login).await?;
    let known = origin.known(tx, person.as_ref().map(|person| &*person.person_id), now).await?;
    let locks = Locks::of(Guess::Password, &digest_of_login(login), &known, origin);
    let admitted = locks.admit(tx, now).await?;
    Ok((person, known, admitted))
}

/// Returns whether a code of the authenticator is current, without using it up. Only for somebody who knows the password:
/// wrong codes lock this way of signing in.
async fn is_authenticated(
    tx: &mut Tx,
    person: &Credentials,
    (known, origin): (&Known, &Origin),
    typed: &str,
    now: Timestamp,
) -> Result<bool> {
    let locks = Locks::of(Guess::Authenticator, &digest_of_login(&person.login), known, origin);
    if locks.admit(tx, now).await?.is_err() {
        return Ok(false);
    }
    let row = accounts::authenticator(tx, &person.person_id).await?;
    let Some(row) = row.filter(|row| row.confirmed) else { return Ok(false) };
    let right = authenticator::step_of(&row, &person.login, typed, now)?.is_some();
    if right {
        locks.give_back(tx).await?;
    }
    Ok(right)
}

/// What a started sign-in shares with its transactions.
struct Begun {
    login: String,
    origin: Origin,
    person: Credentials,
    known: Known,
    chosen: Option<(CodeWay, Option<String>)>,
    id: String,
    code: String,
}

/// The first step: login and password. Returns the next step; if only one way is available or one is selected, the code
/// is sent.
///
/// # Errors
/// 401: wrong login or password. 403: locked, or too many codes. 409: no way to send a code to this person. 503: too many
/// sign-ins at once.
pub async fn begin(app: &App, lang: Lang, origin: &Origin, asked: &SignIn) -> Result<Challenge> {
    // Before the attempt is counted: an attempt that is not checked must not lock anybody out.
    let place = passwords::queue()?;
    let now = app.now();
    let shared = Arc::new((asked.login.trim().to_owned(), origin.clone()));
    let (person, known, admitted) = {
        let shared = shared.clone();
        app.db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move { attempt(tx, &shared.0, &shared.1, now).await })
            })
            .await?
    };
    let (login, origin) = (&shared.0, &shared.1);
    let typed = asked.code.as_ref().map(|code| codes::digits_of(&code.0));
    if let (Err(until), None) = (admitted, &typed) {
        return Err(locked(until, now));
    }
    let hash = person.as_ref().and_then(|person| person.password_hash.clone());
    let right = passwords::verify(place, &secret(&asked.password), hash).await?;
    let refused = match admitted.unwrap_or_else(Some) {
        Some(until) => locked(until, now),
        None => Fault::refuse(401, code::WRONG_CREDENTIALS).into(),
    };
    let Some(person) = person.filter(|_| right) else { return Err(refused) };
    if let (Err(_), Some(typed)) = (admitted, typed) {
        let shared = Arc::new((person.clone(), known.clone(), origin.clone(), typed));
        let authenticated = app.db().write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (person, known, origin, typed) = &*shared;
                is_authenticated(tx, person, (known, origin), typed, now).await
            })
        });
        if !authenticated.await? {
            return Err(refused);
        }
    }
    if admitted.is_ok() {
        // The password was correct, so the attempt does not count.
        give_back(app, Locks::of(Guess::Password, &digest_of_login(login), &known, origin)).await?;
    }
    let ways = codes::ways(&person, app.gateways());
    let chosen = match (asked.way, ways.as_slice()) {
        (Some(way), all) => all.iter().find(|(offered, _)| *offered == way).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    };
    if ways.is_empty() || asked.way.is_some() && chosen.is_none() {
        return Err(codes::unavailable(asked.way).into());
    }
    let (login, origin) = (login.clone(), origin.clone());
    let (id, code) = (codes::fresh_id(), codes::fresh_code());
    let begun = Arc::new(Begun { login, origin, person, known, chosen, id, code });
    let row = {
        let begun = begun.clone();
        app.db()
            .write(move |tx| {
                let begun = begun.clone();
                Box::pin(async move { send_first(tx, &begun, (now, lang)).await })
            })
            .await?
    };
    Ok(Challenge {
        challenge_id: begun.id.clone(),
        ways: codes::offered(&ways),
        way: row.way.map(Into::into),
        expires_at: row.expires_at,
    })
}

/// Stores the challenge of a sign-in, and sends the code if the way is chosen.
async fn send_first(tx: &mut Tx, begun: &Begun, (now, lang): (Timestamp, Lang)) -> Result<ChallengeRow> {
    let Begun { login, origin, person, known, chosen, id, code } = begun;
    let login = digest_of_login(login);
    let guess = match chosen {
        Some((CodeWay::Totp, _)) => Guess::Authenticator,
        _ => Guess::Code,
    };
    if let Some(until) = Locks::of(guess, &login, known, origin).locked(tx, now).await? {
        return Err(locked(until, now));
    }
    let mut row = ChallengeRow {
        login: Some(login),
        network: Some(origin.network()),
        known: *known != Known::Never,
        ..codes::challenge(id, Some(person.person_id.clone()), now)?
    };
    if let Some(chosen) = chosen {
        send(tx, &mut row, chosen.clone(), person, (id, code), (now, lang)).await?;
    }
    accounts::keep_challenge(tx, Purpose::SignIn, &row).await?;
    Ok(row)
}

async fn send(
    tx: &mut Tx,
    row: &mut ChallengeRow,
    chosen: (CodeWay, Option<String>),
    person: &Credentials,
    (id, code): (&str, &str),
    (now, lang): (Timestamp, Lang),
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

/// A code that was entered.
struct Typed {
    challenge_id: String,
    code: String,
    origin: Origin,
}

/// Checks a code: counts the attempt, for the code and for the place that it comes from, and returns whether it is
/// correct.
async fn judge(tx: &mut Tx, purpose: Purpose, typed: &Typed, now: Timestamp) -> Result<Judged<Credentials>> {
    let Typed { challenge_id, code, origin } = typed;
    let row = accounts::challenge_by_digest(tx, purpose, &codes::digest_of_id(challenge_id)).await?;
    let Some(mut row) = row.filter(|row| codes::is_open(row, now)) else {
        return Ok(Judged::Wrong(codes::expired(401)));
    };
    let person = match &row.person_id {
        Some(person_id) => Some(accounts::by_id(tx, person_id).await?),
        None => None,
    };
    // A person with an authenticator who chose no way uses the authenticator.
    let totp = person.as_ref().is_some_and(|person| person.totp);
    let by_totp = row.way == Some(CodeWay::Totp) || row.way.is_none() && totp;
    // Wrong passwords lock signing in, and a forgotten password is the reason for them. Each kind of code has a lock of
    // its own; otherwise the owner would have to wait as long as an attacker.
    let guess = match purpose {
        Purpose::Reset => Guess::Reset,
        Purpose::SignIn | Purpose::Confirm if by_totp => Guess::Authenticator,
        Purpose::SignIn | Purpose::Confirm => Guess::Code,
    };
    let known = origin.known(tx, row.person_id.as_deref(), now).await?;
    let login = row.login.clone().unwrap_or_default();
    let locks = Locks::of(guess, &login, &known, origin);
    let until = match locks.admit(tx, now).await? {
        Ok(until) => until,
        Err(until) => return Ok(Judged::Wrong(locked(until, now))),
    };
    row.tries += 1;
    let mut right = false;
    if let Some(person) = &person {
        if by_totp && purpose == Purpose::SignIn {
            let authenticator = accounts::authenticator(tx, &person.person_id).await?;
            if let Some(authenticator) = authenticator.filter(|a| a.confirmed)
                && let Some(step) = authenticator::step_of(&authenticator, &person.login, code, now)?
            {
                accounts::authenticated(tx, &person.person_id, step, now).await?;
                right = true;
            }
        } else if let Some(digest) = &row.code_digest {
            right = codes::same(digest, &codes::digest_of_code(challenge_id, code));
        }
    }
    if right {
        row.used_at = Some(now);
    }
    accounts::keep_challenge(tx, purpose, &row).await?;
    match (right, person) {
        (true, Some(person)) => {
            locks.clear(tx).await?;
            Locks::of(Guess::Password, &login, &known, origin).clear(tx).await?;
            Ok(Judged::Right(person))
        }
        _ => Ok(Judged::Wrong(match until {
            Some(until) => locked(until, now),
            None => codes::wrong(401, &row),
        })),
    }
}

/// The second step: the code. Returns a session.
///
/// # Errors
/// 401: wrong code, or none is expected. 403: locked.
pub async fn finish(app: &App, origin: &Origin, asked: &SignInCode) -> Result<IssuedToken> {
    let now = app.now();
    let expires_at = now.checked_add(SESSION).map_err(|e| Fault::Internal(e.to_string()))?;
    let typed = Typed {
        challenge_id: asked.challenge_id.clone(),
        code: codes::digits_of(&asked.code.0),
        origin: origin.clone(),
    };
    let shared = Arc::new((typed, random_secret(), random_device()));
    let judged = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (typed, token, device) = &*shared;
                let person = match judge(tx, Purpose::SignIn, typed, now).await? {
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
                let added = typed.origin.remember(tx, &person.person_id, &digest_of(device), now).await?;
                Ok(Judged::Right(IssuedToken {
                    id,
                    name: SESSION_NAME.to_owned(),
                    login: person.login,
                    scopes: scopes.into_iter().map(Into::into).collect(),
                    expires_at,
                    token: token.clone(),
                    device: added.then(|| device.clone()),
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
pub async fn ask_reset(app: &App, lang: Lang, origin: &Origin, asked: &AskReset) -> Result<Challenge> {
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
    let shared = Arc::new((login, open, codes::fresh_id(), codes::fresh_code(), origin.clone()));
    let id = shared.2.clone();
    let row = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (login, open, id, code, origin) = &*shared;
                let person = accounts::by_login(tx, login).await?;
                let chosen = person.as_ref().and_then(|person| {
                    open.iter().find_map(|way| match way {
                        CodeWay::Sms if person.phone_confirmed => Some((*way, person.phone.clone()?)),
                        CodeWay::Email if person.email_confirmed => Some((*way, person.email.clone()?)),
                        _ => None,
                    })
                });
                let owner = chosen.as_ref().and(person.as_ref()).map(|person| person.person_id.clone());
                let known = origin.known(tx, owner.as_deref(), now).await?;
                let mut row = ChallengeRow {
                    login: Some(digest_of_login(login)),
                    network: Some(origin.network()),
                    known: known != Known::Never,
                    ..codes::challenge(id, owner.clone(), now)?
                };
                // Nobody needs so many, and each of them is stored.
                let since = now.checked_sub(codes::WINDOW).map_err(|e| Fault::Internal(e.to_string()))?;
                let asked = accounts::resets_of_network(tx, &origin.network(), since).await?;
                if !row.known && asked >= RESETS_OF_NETWORK {
                    return Ok(row);
                }
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
pub async fn reset(app: &App, origin: &Origin, asked: &ResetPassword) -> Result<PasswordSet> {
    let place = passwords::queue()?;
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
    let hash = passwords::hash(place, &secret(&asked.password)).await?;
    let typed = Typed {
        challenge_id: asked.challenge_id.clone(),
        code: codes::digits_of(&asked.code.0),
        origin: origin.clone(),
    };
    let shared = Arc::new((typed, hash));
    let judged = app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (typed, hash) = &*shared;
                let person = match judge(tx, Purpose::Reset, typed, now).await? {
                    Judged::Right(person) => person,
                    Judged::Wrong(fault) => return Ok(Judged::Wrong(fault)),
                };
                let ended = accounts::set_password(tx, &person.person_id, hash, None, now).await?;
                // Somebody else may have signed in from them.
                origins::forget_all(tx, &person.person_id).await?;
                Ok(Judged::Right(PasswordSet { login: person.login, sessions_ended: ended }))
            })
        })
        .await?;
    match judged {
        Judged::Right(set) => Ok(set),
        Judged::Wrong(fault) => Err(fault),
    }
}

/// The locks of a guess by somebody who is signed in.
fn own_locks(guess: Guess, ctx: &Ctx) -> Locks {
    let signed_in = Known::Session("signed in".to_owned());
    Locks::of(guess, &digest_of_login(&ctx.caller.login), &signed_in, &Origin::default())
}

/// Counts an attempt of somebody who is signed in. Returns until when it locks, if it is wrong and the last one.
///
/// # Errors
/// 403: locked.
async fn count(app: &App, locks: &Locks, now: Timestamp) -> Result<Option<Timestamp>> {
    let locks = locks.clone();
    let admitted = app.db().write(move |tx| {
        let locks = locks.clone();
        Box::pin(async move { locks.admit(tx, now).await })
    });
    admitted.await?.map_err(|until| locked(until, now))
}

/// Gives back a correct attempt.
async fn give_back(app: &App, locks: Locks) -> Result<()> {
    app.db()
        .write(move |tx| {
            let locks = locks.clone();
            Box::pin(async move { locks.give_back(tx).await })
        })
        .await
}

/// Checks the password of a signed-in person.
async fn is_owner(app: &App, ctx: &Ctx, password: &Hidden) -> Result<()> {
    let place = passwords::signed_in();
    let now = app.now();
    let locks = own_locks(Guess::Password, ctx);
    let until = count(app, &locks, now).await?;
    let person_id = ctx.caller.person_id.clone();
    let person = app.read(async |tx| accounts::by_id(tx, &person_id).await).await?;
    if !passwords::verify(place, &secret(password), person.password_hash).await? {
        return Err(match until {
            Some(until) => locked(until, now),
            None => Fault::refuse(403, code::FORBIDDEN).message("wrong-password").into(),
        });
    }
    give_back(app, locks).await
}

/// Changes the caller's password; ends the other sessions. `bearer` is the digest of the current token.
///
/// # Errors
/// 403: wrong current password, or no fresh session. 422: the new password is too weak.
pub async fn change_password(
    app: &App,
    ctx: &Ctx,
    asked: &ChangePassword,
    bearer: &str,
) -> Result<PasswordSet> {
    ctx.caller.need_fresh_session(ctx.now)?;
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
    let hash = passwords::hash(passwords::signed_in(), &secret(&asked.new)).await?;
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
    ctx.caller.need_fresh_session(ctx.now)?;
    let caller = ctx.caller.clone();
    let row = app.read(async |tx| accounts::authenticator(tx, &caller.person_id).await).await?;
    let row = row.ok_or_else(|| Fault::from(Fault::conflict("totp-none")))?;
    match (&proof.code, &proof.password) {
        (Some(typed), _) => {
            let locks = own_locks(Guess::Authenticator, ctx);
            count(app, &locks, ctx.now).await?;
            let typed = codes::digits_of(&typed.0);
            let right = authenticator::step_of(&row, &caller.login, &typed, ctx.now)?.is_some();
            if right {
                give_back(app, locks).await?;
            }
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
