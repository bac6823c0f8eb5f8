//! Access tokens.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::extract::{OwnAccount, Posted, Queried, Reader, Rejection, Segments, bearer};
use super::respond;
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::tokens;
use appeal_api::{Empty, IssuedToken, NewToken, TokenInfo};

/// Routes of access tokens.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::create_token, self::list_tokens]
        [self::revoke_present_token]
        [self::revoke_token]
    }
}

/// Issue an access token
///
/// For oneself; an administrator issues for others too. Its scopes are within those of the role and of the token that
/// the request is made with, and it lives 366 days at most. The secret is shown this once.
#[utoipa::path(
    post, path = "/v1/tokens", tag = "account", request_body = NewToken,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat")),
    responses((status = 201, description = "The token", body = IssuedToken))
)]
async fn create_token(State(app): State<App>, request: Request) -> Result<Response, Rejection> {
    let bearer = bearer(request.headers()).unwrap_or_default().to_owned();
    let posted = Posted::<NewToken>::from_request(request, &app).await?;
    let lang = posted.lang;
    let issuer = bearer.clone();
    let answer = app
        .perform(posted, StatusCode::CREATED, false, move |tx, ctx, body| {
            let salt = tokens::random_salt();
            let issuer = issuer.clone();
            Box::pin(async move { tokens::issue(tx, ctx, body, &issuer, &salt).await })
        })
        .await;
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(fault) => return Err(Rejection(fault, lang)),
    };
    answer.body = reveal(&app, &answer.body, &bearer).await.map_err(|fault| Rejection(fault, lang))?;
    Ok(respond::answer(answer))
}

/// The answer with the secret in place of its salt.
async fn reveal(app: &App, stored: &str, bearer: &str) -> Result<String> {
    let mut issued: IssuedToken = serde_json::from_str(stored).map_err(|e| Fault::Internal(e.to_string()))?;
    issued.token = tokens::secret_of(bearer, &issued.token);
    let right = app.read(async |tx| tokens::is_secret_of(tx, &issued.id, &issued.token).await).await?;
    if !right {
        // The key was used in another session: its secret cannot be shown a second time.
        return Err(Fault::conflict("token-shown").into());
    }
    serde_json::to_string(&issued).map_err(|e| Fault::Internal(e.to_string()))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TokensQuery {
    /// Whose; one's own unless given. An administrator lists anybody's.
    login: Option<String>,
}

/// The tokens of a person
///
/// The newest first, revoked and expired ones too. The secrets are not kept and so not shown.
#[utoipa::path(
    get, path = "/v1/tokens", tag = "account", params(TokensQuery),
    responses((status = 200, description = "The tokens", body = Vec<TokenInfo>))
)]
async fn list_tokens(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    headers: HeaderMap,
    Queried(query): Queried<TokensQuery>,
) -> Result<Json<Vec<TokenInfo>>, Rejection> {
    let current = tokens::digest_of(bearer(&headers).unwrap_or_default());
    let ctx = Ctx { caller, now: app.now(), lang, trial: false };
    let found = app.read(async |tx| tokens::list(tx, &ctx, query.login.as_deref(), &current).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Revoke a token
///
/// One's own, or for an administrator anybody's. It stays in the list.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = "account", params(("id" = String, Path, description = "Id of the token")),
    responses((status = 200, description = "The token, revoked", body = TokenInfo))
)]
async fn revoke_token(
    State(app): State<App>,
    headers: HeaderMap,
    Segments(id): Segments<String>,
    posted: Posted<Empty>,
) -> Result<Json<TokenInfo>, Rejection> {
    let Posted { caller, lang, dry_run, .. } = posted;
    let current = tokens::digest_of(bearer(&headers).unwrap_or_default());
    let shared = std::sync::Arc::new((Ctx { caller, now: app.now(), lang, trial: false }, id, current));
    let revoked = app.db().write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let revoked = tokens::revoke(tx, &shared.0, &shared.1, &shared.2).await?;
            if dry_run { Err(Fault::Rehearsed) } else { Ok(revoked) }
        })
    });
    revoked.await.map(Json).map_err(|fault| Rejection(fault, lang))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Trial {
    /// Change nothing.
    dry_run: Option<bool>,
}

/// Sign out: revoke the present token
///
/// Also for a blocked account.
#[utoipa::path(
    delete, path = "/v1/tokens/current", tag = "account", params(Trial),
    responses((status = 200, description = "The token, revoked", body = TokenInfo))
)]
async fn revoke_present_token(
    State(app): State<App>,
    OwnAccount(Reader { caller, lang }): OwnAccount,
    headers: HeaderMap,
    Queried(trial): Queried<Trial>,
) -> Result<Json<TokenInfo>, Rejection> {
    let current = tokens::digest_of(bearer(&headers).unwrap_or_default());
    let shared = std::sync::Arc::new((Ctx { caller, now: app.now(), lang, trial: false }, current));
    let revoked = app.db().write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let revoked = tokens::revoke_present(tx, &shared.0, &shared.1).await?;
            if trial.dry_run == Some(true) { Err(Fault::Rehearsed) } else { Ok(revoked) }
        })
    });
    revoked.await.map(Json).map_err(|fault| Rejection(fault, lang))
}
