//! Health checks.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::OPEN;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::store::meta;
use appeal_api::code;

/// Routes for monitoring.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::alive: OPEN,
        self::ready: OPEN,
    }
}

/// Check whether the process is alive
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "The process is alive", body = String)))]
async fn alive() -> &'static str {
    "ok\n"
}

/// Check whether the platform can answer requests
///
/// It reads and writes, and its background tasks run.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses((status = 200, description = "The platform is ready", body = String)))]
async fn ready(State(app): State<App>) -> Result<Response> {
    let unavailable = || Fault::from(Fault::refuse(503, code::UNAVAILABLE));
    if app.stopping().is_cancelled() {
        return Err(unavailable());
    }
    let not_ready = |what: &str, why: &dyn std::fmt::Display| {
        tracing::error!(what, error = %why, "not ready");
        Fault::from(Fault::refuse(503, code::UNAVAILABLE).message("not-ready").arg("what", what))
    };
    match app.db().read(|tx| Box::pin(meta::get(tx, meta::SEEDED))).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(unavailable()),
        Err(fault) => return Err(not_ready("database", &fault)),
    }
    app.check_writes().await.map_err(|fault| not_ready("storage", &fault))?;
    if let Some((task, why)) = app.health().failing() {
        return Err(not_ready(task, &why));
    }
    Ok((StatusCode::OK, "ready\n").into_response())
}
