//! Routes, one file per resource. Each handler has its parameters and its OpenAPI description next to it.

pub mod access;
pub mod accounts;
pub mod admin;
pub mod allowance;
pub mod appeals;
pub mod catalogue;
pub mod change;
pub mod deadlines;
pub mod events;
pub mod extract;
mod gate;
pub mod health;
pub mod me;
pub mod metrics;
pub mod notices;
pub mod openapi;
mod params;
pub mod reports;
pub mod respond;
mod routing;
pub mod tokens;
pub mod uploads;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::LazyLock;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::fault::Fault;
use appeal_api::code;
use routing::Routes;

/// Header with the id of the request in the log.
const REQUEST_ID: &str = "x-request-id";

/// All routes in the OpenAPI document.
fn listed(routes: Routes) -> Routes {
    let routes = me::routes(routes);
    let routes = notices::routes(routes);
    let routes = accounts::routes(routes);
    let routes = catalogue::routes(routes);
    let routes = appeals::routes(routes);
    let routes = deadlines::routes(routes);
    let routes = uploads::routes(routes);
    let routes = events::routes(routes);
    let routes = tokens::routes(routes);
    let routes = reports::routes(routes);
    let routes = admin::routes(routes);
    let routes = metrics::routes(routes);
    health::routes(routes)
}

/// The OpenAPI document of these routes.
fn described() -> utoipa::openapi::OpenApi {
    match listed(Routes::Described(Box::new(OpenApiRouter::with_openapi(openapi::base())))) {
        Routes::Described(routes) => routes.into_openapi(),
        Routes::Answering(..) => openapi::base(),
    }
}

/// Returns the OpenAPI document, generated from the handlers.
pub fn openapi_json() -> String {
    openapi::text(described())
}

/// `GET /openapi.json`.
async fn serve_description() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(openapi_json);
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// All routes of the platform.
pub fn router(app: App) -> Router {
    let routes = match listed(Routes::Answering(Router::new(), app.clone())) {
        Routes::Answering(routes, _) => routes,
        Routes::Described(routes) => (*routes).into(),
    };
    routes
        .route("/openapi.json", axum::routing::get(serve_description))
        .fallback(nothing_there)
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), respond::render))
        .layer(middleware::from_fn_with_state(app.clone(), allowance::headers))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::counted))
        .layer(middleware::from_fn(traced))
        .with_state(app)
}

async fn nothing_there(uri: Uri) -> Fault {
    Fault::not_found(uri.path())
}

async fn no_such_method() -> Fault {
    Fault::refuse(405, code::METHOD_NOT_ALLOWED).into()
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Fault::Internal(said.to_owned()).into_response()
}

/// Logs each request by its route, never with query, headers or body, and gives it an id.
async fn traced(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| id.len() <= 64 && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-'))
        .cloned()
        .or_else(|| HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).ok());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        id = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or("-"),
        %method,
        route = route.as_deref().unwrap_or("-"),
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| {
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), micros, "answered");
    });
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
