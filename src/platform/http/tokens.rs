//! Access tokens.

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::extract::{Posted, Rejection, bearer};
use super::respond;
use super::routing::{Routes, handlers};
use super::state::App;
use crate::api::{IssuedToken, NewToken, TrialRun};
use crate::platform::fault::{Fault, Result};
use crate::platform::service::tokens;

/// Routes of access tokens.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::create_token]
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
        Err(Fault::Rehearsed) => {
            return Ok(respond::json(
                StatusCode::OK,
                &TrialRun { dry_run: true, findings: Vec::new(), similar: Vec::new() },
            ));
        }
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
