//! Whether the platform lives, and whether it can work.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::extract::{Rejection, lang};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::fault::Fault;
use crate::store::meta;
use appeal_api::code;

/// Routes for those who keep the platform running.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::alive]
        [self::ready]
    }
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "It lives", body = String)))]
async fn alive() -> &'static str {
    "ok\n"
}

/// Whether it can answer requests
#[utoipa::path(get, path = "/readyz", tag = "operation", responses((status = 200, description = "It can", body = String)))]
async fn ready(State(app): State<App>, headers: HeaderMap) -> Result<Response, Rejection> {
    let reject = || Rejection(Fault::refuse(503, code::UNAVAILABLE).into(), lang(&headers));
    if app.stopping().is_cancelled() {
        return Err(reject());
    }
    let seeded = app.db().read(|tx| Box::pin(meta::get(tx, meta::SEEDED))).await;
    match seeded {
        Ok(Some(_)) => Ok((StatusCode::OK, "ready\n").into_response()),
        Ok(None) => Err(reject()),
        Err(fault) => {
            tracing::error!(error = %fault, "not ready");
            Err(reject())
        }
    }
}
