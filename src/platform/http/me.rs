//! The signed-in person.

use axum::Json;
use axum::extract::State;

use super::access::EVERY_ACCOUNT;
use super::extract::{Reader, TokenDigest};
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service;
use appeal_api::Me;

/// Routes of one's own account.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::show_me: EVERY_ACCOUNT,
    }
}

/// Show the signed-in person
///
/// Also for a blocked account, with the next step.
#[utoipa::path(get, path = "/v1/me", tag = "account", responses((status = 200, description = "The person", body = Me)))]
async fn show_me(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    TokenDigest(token): TokenDigest,
) -> Result<Json<Me>> {
    app.read(async |tx| service::catalogue::me(tx, &caller, &token, lang).await).await.map(Json)
}
