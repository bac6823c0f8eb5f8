//! Access tokens for unattended use (P7). Only the SHA-256 of a token is stored.
//!
//! A retry with the same idempotency key must return the same token, but the token must not be stored for that. It is
//! therefore derived from a salt, which is stored with the response, and from the token used for the request, which is
//! not stored: the database alone is not enough to recover it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::store::accounts::{self, TokenRow};
use crate::store::db::Tx;
use crate::store::{fresh_id, people};
use appeal_api::{IssuedToken, NewToken, TokenInfo, code};
use appeal_domain::{Finding, Role, Scope};

/// Maximum lifetime of a token.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Maximum length of a name, in characters.
const NAME_MAX: usize = 100;
/// Prefix of every token, so that secret scanners recognise it.
const PREFIX: &str = "apl_";
/// Prefix of the secret of every device, which alone does not sign in.
const DEVICE_PREFIX: &str = "apd_";

/// Generates a secret of 256 random bits.
pub fn random_secret() -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// Returns the hexadecimal SHA-256 of a bearer token, the only part of it that is stored.
pub fn digest_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Generates the secret of a device.
pub fn random_device() -> String {
    format!("{DEVICE_PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// Generates a salt.
pub fn random_salt() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// Derives the secret from the salt and the token of the request.
pub fn secret_of(bearer: &str, salt: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["appeal access token", bearer, salt] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// Creates a token. The field `token` holds the salt; the secret is derived with [`secret_of`].
pub async fn issue(
    tx: &mut Tx,
    ctx: &Ctx,
    wanted: &NewToken,
    bearer: &str,
    salt: &str,
) -> Result<IssuedToken> {
    let caller = &ctx.caller;
    caller.need_fresh_session(ctx.now)?;
    let owner = match wanted.login.as_deref() {
        Some(login) if login != caller.login => {
            if caller.role != Role::Admin {
                return Err(Fault::forbidden("token-for-others"));
            }
            caller.need(Scope::Admin)?;
            people::caller_by_login(tx, login).await?.ok_or_else(|| Fault::not_found(login))?
        }
        _ => people::caller_by_login(tx, &caller.login)
            .await?
            .ok_or_else(|| Fault::not_found(caller.login.as_str()))?,
    };
    let mut findings = Vec::new();
    let name = wanted.name.as_deref().map_or("token", str::trim);
    if name.is_empty() || name.chars().count() > NAME_MAX || name.contains(char::is_control) {
        findings.push(Finding::error("token-name", "name").arg("max", NAME_MAX));
    }
    if wanted.scopes.is_empty() {
        findings.push(Finding::error("token-scope-missing", "scopes"));
    }
    let mut scopes = Vec::new();
    for scope in &wanted.scopes {
        if !owner.scopes.contains(scope) {
            findings.push(
                Finding::error("token-scope-role", "scopes")
                    .arg("scope", scope.as_str())
                    .arg("role", owner.role.as_str()),
            );
        }
        if !scopes.contains(scope) {
            scopes.push(*scope);
        }
    }
    let latest = ctx.now.checked_add(LONGEST).map_err(|e| Fault::Internal(e.to_string()))?;
    if wanted.expires_at <= ctx.now {
        findings.push(Finding::error("token-expired", "expires_at"));
    } else if wanted.expires_at > latest {
        findings.push(Finding::error("token-expiry", "expires_at").arg("latest", latest));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let id = fresh_id();
    let token = TokenRow {
        id: &id,
        digest: &digest_of(&secret_of(bearer, salt)),
        person_id: &owner.person_id,
        name,
        scopes: &scopes,
        at: ctx.now,
        expires_at: wanted.expires_at,
        session: false,
    };
    accounts::add_token(tx, &token).await?;
    Ok(IssuedToken {
        id,
        name: name.to_owned(),
        login: owner.login,
        scopes: scopes.into_iter().map(Into::into).collect(),
        expires_at: wanted.expires_at,
        token: salt.to_owned(),
        device: None,
    })
}

/// Returns the token with its secret in the place of the salt. `bearer` is the token used for the request.
///
/// # Errors
/// 409: the token was created in another session, whose secret cannot be derived again.
pub async fn with_secret(tx: &mut Tx, mut issued: IssuedToken, bearer: &str) -> Result<IssuedToken> {
    issued.token = secret_of(bearer, &issued.token);
    let digest = accounts::token_digest(tx, &issued.id).await?;
    if digest.as_deref() != Some(digest_of(&issued.token).as_str()) {
        return Err(Fault::conflict("token-shown").into());
    }
    Ok(issued)
}

/// Returns the person a token belongs to, and notes its use.
///
/// # Errors
/// 401: it is not valid.
pub async fn caller(app: &App, token: &str) -> Result<Caller> {
    let digest = digest_of(token);
    let now = app.now();
    if let Some(login) = app.session(&digest) {
        let caller = app.read(async |tx| people::caller_by_login(tx, &login).await).await?;
        return caller.ok_or_else(unauthenticated);
    }
    let caller = app.read(async |tx| people::caller_by_token(tx, &digest, now).await).await?;
    let caller = caller.ok_or_else(unauthenticated)?;
    note_use(app, digest).await;
    Ok(caller)
}

/// A request without a valid token.
pub fn unauthenticated() -> Fault {
    Fault::refuse(401, code::UNAUTHENTICATED).into()
}

/// Records the use of a token from time to time. A failure is not a reason to refuse the request.
async fn note_use(app: &App, digest: String) {
    let now = app.now();
    let due = app.read(async |tx| accounts::is_use_due(tx, &digest, now).await).await;
    let noted = match due {
        Ok(false) => return,
        Ok(true) => {
            let noting = app.db().write(move |tx| {
                let digest = digest.clone();
                Box::pin(async move { accounts::note_use(tx, &digest, now).await })
            });
            noting.await
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = noted {
        tracing::warn!(error = %fault, "the use of a token was not noted");
    }
}

/// Returns the tokens of a person, newest first: the caller's own, or, for an administrator, anyone's. `current` is the
/// digest of the token used for the request.
///
/// # Errors
/// 403: another person's. 404: unknown login.
pub async fn list(tx: &mut Tx, ctx: &Ctx, login: Option<&str>, current: &str) -> Result<Vec<TokenInfo>> {
    let caller = &ctx.caller;
    caller.need_fresh_session(ctx.now)?;
    let owner = match login.filter(|login| *login != caller.login) {
        None => caller.person_id.clone(),
        Some(login) => {
            if caller.role != Role::Admin {
                return Err(Fault::forbidden("tokens-of-others"));
            }
            caller.need(Scope::Admin)?;
            let owner = people::caller_by_login(tx, login).await?;
            owner.ok_or_else(|| Fault::not_found(login))?.person_id
        }
    };
    accounts::tokens_of(tx, &owner, current).await
}

/// Revokes a token: the caller's own, or, for an administrator, anyone's. Revoking again has no effect. A token may always
/// revoke itself.
///
/// # Errors
/// 403: another token, and no fresh session. 404: no token with this id, or another person's.
pub async fn revoke(tx: &mut Tx, ctx: &Ctx, id: &str, current: &str) -> Result<TokenInfo> {
    let caller = &ctx.caller;
    let missing = || Fault::not_found(id);
    let (token, owner) = accounts::token_by_id(tx, id, current).await?.ok_or_else(missing)?;
    if owner != caller.person_id && caller.role != Role::Admin {
        return Err(missing());
    }
    if !token.current {
        caller.need_fresh_session(ctx.now)?;
    }
    accounts::revoke(tx, id, ctx.now).await?;
    let (token, _) = accounts::token_by_id(tx, id, current).await?.ok_or_else(missing)?;
    Ok(token)
}

/// Revokes the token used for the request (signing out). Also for a blocked account.
///
/// # Errors
/// 404: an in-memory session, which is not stored.
pub async fn revoke_present(tx: &mut Tx, ctx: &Ctx, current: &str) -> Result<TokenInfo> {
    let missing = || Fault::not_found("current");
    let (token, _) = accounts::token_by_digest(tx, current).await?.ok_or_else(missing)?;
    accounts::revoke(tx, &token.id, ctx.now).await?;
    let (token, _) = accounts::token_by_digest(tx, current).await?.ok_or_else(missing)?;
    Ok(token)
}
