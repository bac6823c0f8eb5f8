//! Access tokens.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::access::{ANY_TOKEN, EVERY_ACCOUNT, READ};
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
        self::create_token: ANY_TOKEN,
        self::list_tokens: READ,
        self::revoke_present_token: EVERY_ACCOUNT,
        self::revoke_token: ANY_TOKEN,
    }
}

/// Issue an access token
///
/// For oneself; an administrator issues for others too. Its scopes are within those of the role and of the token that
/// the request is made with, and it lives 366 days at most. The secret is shown this once.
#[utoipa::path(
    post, path = "/v1/tokens", tag = "account", request_body = NewToken,
    params(Keyed),
    responses((status = 201, description = "The token", body = IssuedToken))
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
    reader: Reader,
    TokenDigest(current): TokenDigest,
    Queried(query): Queried<TokensQuery>,
) -> Result<Json<Vec<TokenInfo>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| tokens::list(tx, &ctx, query.login.as_deref(), &current).await).await.map(Json)
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

/// Sign out: revoke the present token
///
/// Also for a blocked account.
#[utoipa::path(
    delete, path = "/v1/tokens/current", tag = "account", params(("dry_run" = Option<bool>, Query, description = "Change nothing.")),
    responses((status = 200, description = "The token, revoked", body = TokenInfo))
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
