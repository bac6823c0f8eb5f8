//! Access tokens.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::access::{ANY_TOKEN, EVERY_ACCOUNT, FRESH_SESSION};
use super::change::Reply;
use super::extract::{Posted, Queried, Reader, TokenDigest, bearer};
use super::params::Keyed;
use super::respond::{self, Answer};
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::tokens;
use appeal_api::{Empty, IssuedToken, NewToken, TokenInfo};

/// Routes of access tokens.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::create_token: FRESH_SESSION,
        self::list_tokens: FRESH_SESSION,
        self::revoke_present_token: EVERY_ACCOUNT,
        self::revoke_token: ANY_TOKEN,
    }
}

/// Create an access token
///
/// For the caller; an administrator may create tokens for others. The scopes are limited to those of the role; the token
/// is valid for at most 366 days. The secret is shown only once.
#[utoipa::path(
    post, path = "/v1/tokens", tag = "account", request_body = NewToken,
    params(Keyed),
    responses((status = 201, description = "The new token", body = IssuedToken))
)]
async fn create_token(
    State(app): State<App>,
    headers: HeaderMap,
    posted: Posted<NewToken>,
) -> Result<Answer> {
    let bearer = bearer(&headers).unwrap_or_default().to_owned();
    let dry_run = posted.dry_run;
    let issuer = bearer.clone();
    let mut answer = app
        .change(posted, Reply::CREATED, move |tx, ctx, asked| {
            let salt = tokens::random_salt();
            let issuer = issuer.clone();
            Box::pin(async move { tokens::issue(tx, ctx, &asked.body, &issuer, &salt).await })
        })
        .await?;
    if !dry_run {
        answer.body = reveal(&app, &answer.body, &bearer).await?;
    }
    Ok(answer)
}

/// Replaces the salt in the response with the secret.
async fn reveal(app: &App, stored: &str, bearer: &str) -> Result<String> {
    let issued = serde_json::from_str(stored).map_err(|e| Fault::Internal(e.to_string()))?;
    let issued = app.read(async |tx| tokens::with_secret(tx, issued, bearer).await).await?;
    serde_json::to_string(&issued).map_err(|e| Fault::Internal(e.to_string()))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TokensQuery {
    /// Login of the owner; by default the caller. An administrator may list the tokens of others.
    login: Option<String>,
}

/// List access tokens
///
/// Newest first, including revoked and expired ones. Secrets are not stored and therefore not shown.
#[utoipa::path(
    get, path = "/v1/tokens", tag = "account", params(TokensQuery),
    responses((status = 200, description = "The tokens", body = Vec<TokenInfo>))
)]
async fn list_tokens(
    State(app): State<App>,
    reader: Reader,
    TokenDigest(current): TokenDigest,
    Queried(query): Queried<TokensQuery>,
) -> Result<Json<Vec<TokenInfo>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| tokens::list(tx, &ctx, query.login.as_deref(), &current).await).await.map(Json)
}

/// Revoke an access token
///
/// The caller's own, or, for an administrator, any token. It remains in the list. A token may revoke itself; another one
/// is revoked in a session signed in within the last ten minutes.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = "account", params(("id" = String, Path, description = "Id of the token")),
    responses((status = 200, description = "The revoked token", body = TokenInfo))
)]
async fn revoke_token(
    State(app): State<App>,
    TokenDigest(current): TokenDigest,
    posted: Posted<Empty, String>,
) -> Result<Response> {
    let revoked = app
        .change_unkept(posted, move |tx, ctx, asked| {
            let current = current.clone();
            Box::pin(async move { tokens::revoke(tx, ctx, &asked.path, &current).await })
        })
        .await?;
    Ok(respond::changed(StatusCode::OK, revoked))
}

/// Sign out: revoke the current token
///
/// Also for a blocked account.
#[utoipa::path(
    delete, path = "/v1/tokens/current", tag = "account", params(("dry_run" = Option<bool>, Query, description = "Check only; change nothing")),
    responses((status = 200, description = "The revoked token", body = TokenInfo))
)]
async fn revoke_present_token(
    State(app): State<App>,
    TokenDigest(current): TokenDigest,
    posted: Posted<Empty>,
) -> Result<Response> {
    let revoked = app
        .change_unkept(posted, move |tx, ctx, _| {
            let current = current.clone();
            Box::pin(async move { tokens::revoke_present(tx, ctx, &current).await })
        })
        .await?;
    Ok(respond::changed(StatusCode::OK, revoked))
}
