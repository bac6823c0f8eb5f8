//! People's own accounts (P4, P5): the profile and its confirmation.

use super::access;
use super::codes::{self, Sending};
use super::context::Ctx;
use super::rules;
use super::support;
use crate::fault::{Fault, Result};
use crate::gateways::Gateways;
use crate::store::accounts::{self, ChallengeRow, Purpose};
use crate::store::db::Tx;
use crate::store::{people, uploads};
use appeal_api::*;
use appeal_domain::requisites::{Email, Inn, Invalid, Passport, Phone, Snils};
use appeal_domain::*;
use appeal_i18n::Lang;

pub use super::passwords::password_hash;

/// A code sent less than this long ago is not sent again, because the request is probably a repetition.
const JUST_NOW: jiff::SignedDuration = jiff::SignedDuration::from_secs(20);

/// Returns what to do next if the account is not active, and whom to turn to.
pub async fn next_step(tx: &mut Tx, state: AccountState, lang: Lang) -> Result<Option<String>> {
    let next = match state {
        AccountState::Active => return Ok(None),
        AccountState::ConfirmationRequired => appeal_i18n::t!(lang, "account-next-confirmation-required"),
        AccountState::Blocked => appeal_i18n::t!(lang, "account-next-blocked"),
    };
    Ok(Some(match support::sentence(tx, lang).await? {
        Some(contacts) => format!("{next}. {contacts}"),
        None => next,
    }))
}

/// Returns the caller's profile.
pub async fn profile(tx: &mut Tx, ctx: &Ctx) -> Result<Profile> {
    access::admit(&ctx.caller, Scope::Read)?;
    let login = &ctx.caller.login;
    let caller = people::caller_by_login(tx, login).await?.ok_or_else(|| Fault::not_found(login.as_str()))?;
    let credentials = accounts::by_id(tx, &caller.person_id).await?;
    let more = accounts::profile(tx, &caller.person_id).await?;
    let active = caller.state == AccountState::Active;
    Ok(Profile {
        next_step: next_step(tx, caller.state, ctx.lang).await?,
        login: caller.login,
        name: caller.name,
        role: caller.role.into(),
        state: caller.state.into(),
        snils: more.snils,
        inn: more.inn,
        passport: more.passport,
        email_confirmed: caller.email.is_some() && credentials.email_confirmed,
        email: caller.email,
        // The phone confirms an account.
        phone_confirmed: caller.phone.is_some() && credentials.phone_confirmed && active,
        phone: caller.phone,
        preferred: caller.preferred.map(Into::into),
        region: caller.region,
        organizations: accounts::organizations(tx, &caller.person_id).await?,
        password: credentials.password_hash.is_some(),
        totp: credentials.totp,
        created_at: more.created_at,
    })
}

/// Returns the normal form of a requisite; an empty value clears it.
fn normal<T: std::str::FromStr<Err = Invalid> + std::fmt::Display>(
    value: &Option<String>,
    field: &str,
) -> Result<Option<String>> {
    match value.as_deref().map(str::trim) {
        None => Ok(None),
        Some("") => Ok(Some(String::new())),
        Some(given) => match given.parse::<T>() {
            Ok(read) => Ok(Some(read.to_string())),
            Err(invalid) => Err(Fault::invalid(vec![invalid.finding(field)])),
        },
    }
}

/// Changes the profile. A new e-mail address or phone number is unconfirmed until the code sent to it is entered. An
/// active account remains active, because its owner's identity was established.
pub async fn edit(tx: &mut Tx, ctx: &Ctx, asked: &EditProfile) -> Result<Profile> {
    ctx.caller.need_fresh_session(ctx.now)?;
    let mut findings = asked.check();
    if let Some(region) = asked.region.as_deref().filter(|region| !region.trim().is_empty()) {
        // Appeals take it over, so it must be one that routes them.
        findings.extend(rules::regions(tx).await?.finding(region, true));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let trimmed = |value: &Option<String>| value.as_deref().map(|v| v.trim().to_owned());
    let edit = EditProfile {
        name: trimmed(&asked.name),
        snils: normal::<Snils>(&asked.snils, "snils")?,
        inn: normal::<Inn>(&asked.inn, "inn")?,
        passport: normal::<Passport>(&asked.passport, "passport")?,
        email: normal::<Email>(&asked.email, "email")?,
        phone: normal::<Phone>(&asked.phone, "phone")?,
        preferred: asked.preferred,
        region: trimmed(&asked.region),
    };
    let person_id = &ctx.caller.person_id;
    let before = accounts::by_id(tx, person_id).await?;
    let differs = |new: &Option<String>, old: &Option<String>| {
        new.as_deref().is_some_and(|new| new != old.as_deref().unwrap_or_default())
    };
    accounts::edit(tx, person_id, &edit).await?;
    if differs(&edit.email, &before.email) {
        accounts::mark(tx, person_id, CodeWay::Email, false).await?;
    }
    if differs(&edit.phone, &before.phone) {
        accounts::mark(tx, person_id, CodeWay::Sms, false).await?;
    }
    profile(tx, ctx).await
}

/// Sends a code to a phone number or an e-mail address, which becomes that of the account when the code is entered.
///
/// # Errors
/// 403: too many codes. 409: this platform cannot send messages this way. 422: invalid contact, both or neither.
pub async fn ask_confirmation(
    tx: &mut Tx,
    ctx: &Ctx,
    asked: &AskConfirmation,
    gateways: &Gateways,
    (id, code): (&str, &str),
) -> Result<CodeSent> {
    ctx.caller.need_fresh_session(ctx.now)?;
    let (way, address) = match (&asked.phone, &asked.email) {
        (Some(_), None) => (CodeWay::Sms, normal::<Phone>(&asked.phone, "phone")?),
        (None, Some(_)) => (CodeWay::Email, normal::<Email>(&asked.email, "email")?),
        _ => return Err(Fault::invalid(vec![Finding::error("confirm-one", "phone")])),
    };
    let Some(address) = address.filter(|address| !address.is_empty()) else {
        return Err(Fault::invalid(vec![Finding::error("confirm-one", "phone")]));
    };
    if !codes::channel(way).is_some_and(|channel| gateways.reach(channel)) {
        return Err(codes::unavailable(Some(way)).into());
    }
    let person_id = &ctx.caller.person_id;
    let newest = accounts::newest_challenge(tx, Purpose::Confirm, person_id).await?;
    if let Some(row) = newest.filter(|row| {
        codes::is_open(row, ctx.now)
            && row.address.as_deref() == Some(&*address)
            && ctx.now.duration_since(row.created_at) < JUST_NOW
    }) {
        return Ok(CodeSent { way: way.into(), address, expires_at: row.expires_at });
    }
    // The owner is signed in and does not send an id, so the digest replaces it.
    let mut row: ChallengeRow = codes::challenge(id, Some(person_id.clone()), ctx.now)?;
    let digest = row.digest.clone();
    let new =
        Sending { purpose: Purpose::Confirm, person_id, id: &digest, code, now: ctx.now, lang: ctx.lang };
    codes::send(tx, &mut row, (way, Some(address.clone())), &new).await?;
    accounts::keep_challenge(tx, Purpose::Confirm, &row).await?;
    Ok(CodeSent { way: way.into(), address, expires_at: row.expires_at })
}

/// Confirms a contact with the code; confirming a phone number activates the account. Stores a scan with it. Repeating
/// the same code gives the same result.
///
/// The inner error must be committed, because the attempt counts.
///
/// # Errors
/// 409: no code is expected. 422: wrong code; a scan that was not uploaded.
pub async fn confirm(tx: &mut Tx, ctx: &Ctx, asked: &ConfirmAccount) -> Result<Result<Profile>> {
    ctx.caller.need_fresh_session(ctx.now)?;
    let person_id = &ctx.caller.person_id;
    let row = accounts::newest_challenge(tx, Purpose::Confirm, person_id).await?;
    let mut row = row.ok_or_else(|| codes::expired(409))?;
    let typed = codes::digits_of(&asked.code.0);
    let fits = row
        .code_digest
        .as_deref()
        .is_some_and(|digest| codes::same(digest, &codes::digest_of_code(&row.digest, &typed)));
    if row.used_at.is_some() && fits && ctx.now < row.expires_at {
        return profile(tx, ctx).await.map(Ok);
    }
    if !codes::is_open(&row, ctx.now) {
        return Err(codes::expired(409));
    }
    if let Some(document) = &asked.document {
        let found = uploads::find(tx, &ctx.caller, &document.sha256.to_ascii_lowercase()).await?;
        let Some(inspected) = found else {
            return Err(Fault::refuse(422, code::UPLOAD_MISSING)
                .arg("name", document.name.as_str())
                .arg("sha256", document.sha256.as_str())
                .into());
        };
        let findings = super::uploads::judge(Some(&document.name), &inspected);
        if findings.iter().any(Finding::is_error) {
            return Err(Fault::invalid(findings));
        }
    }
    row.tries += 1;
    if !fits {
        accounts::keep_challenge(tx, Purpose::Confirm, &row).await?;
        return Ok(Err(codes::wrong(422, &row)));
    }
    row.used_at = Some(ctx.now);
    accounts::keep_challenge(tx, Purpose::Confirm, &row).await?;
    let way = row.way.unwrap_or(CodeWay::Sms);
    let mut edit = EditProfile::default();
    if way == CodeWay::Email { &mut edit.email } else { &mut edit.phone }.clone_from(&row.address);
    accounts::edit(tx, person_id, &edit).await?;
    accounts::mark(tx, person_id, way, true).await?;
    if way == CodeWay::Sms {
        let (from, to) = (AccountState::ConfirmationRequired, AccountState::Active);
        accounts::move_state(tx, person_id, from, to).await?;
    }
    if let Some(document) = &asked.document {
        let sha256 = document.sha256.to_ascii_lowercase();
        accounts::add_document(tx, person_id, &sha256, &document.name, ctx.now).await?;
    }
    profile(tx, ctx).await.map(Ok)
}
