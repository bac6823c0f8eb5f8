//! Runs before every route: authenticates, charges the allowance, and checks access. Only then is the body read or a
//! stored response replayed.

use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use super::access::Access;
use super::extract::{bearer, lang};
use crate::allowances::Note;
use crate::app::App;
use crate::caller::Caller;
use crate::fault::Result;
use crate::service::context::Ctx;
use crate::service::{access, tokens};
use appeal_domain::Scope;

/// Name of the path parameter with the number of an appeal.
const NUMBER: &str = "number";

/// Admits a request, with its [`Caller`] and the [`Access`] of the route.
pub async fn enter(
    State((app, access)): State<(App, Access)>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(access);
    if !access.is_open() {
        let caller = authenticate(&app, &parts.headers).await?;
        if let Some(allowances) = app.allowances() {
            let note = parts.extensions.get::<Note>();
            allowances.take(&caller.person_id, access.cost.requests(), note)?;
        }
        if let Err(refused) = access.check(&caller, app.now()) {
            let numbers = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
            let number = numbers.iter().flatten().find(|(name, _)| *name == NUMBER);
            if let Some((_, number)) = number {
                let ctx = Ctx { caller, now: app.now(), lang: lang(&parts.headers), dry_run: false };
                // An invisible appeal results in 404, like a missing one.
                app.read(async |tx| access::find(tx, &ctx, Scope::Read, number).await).await.map(drop)?;
            }
            return Err(refused);
        }
        parts.extensions.insert(caller);
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Returns the person the token belongs to.
///
/// # Errors
/// 401 without a valid token.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller> {
    tokens::caller(app, bearer(headers).ok_or_else(tokens::unauthenticated)?).await
}
