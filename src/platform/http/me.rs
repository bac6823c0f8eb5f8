//! The signed-in person.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::extract::{OwnAccount, Reader, Rejection, bearer};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::service;
use crate::service::tokens;
use appeal_api::Me;

/// Routes of one's own account.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::show_me]
    }
}

/// Who is signed in
///
/// Also for a blocked account, with what to do next.
#[utoipa::path(get, path = "/v1/me", tag = "account", responses((status = 200, description = "The person", body = Me)))]
async fn show_me(
    State(app): State<App>,
    OwnAccount(Reader { caller, lang }): OwnAccount,
    headers: HeaderMap,
) -> Result<Json<Me>, Rejection> {
    let token = tokens::digest_of(bearer(&headers).unwrap_or_default());
    let me = app.read(async |tx| service::catalogue::me(tx, &caller, &token, lang).await).await;
    me.map(Json).map_err(|fault| Rejection(fault, lang))
}
