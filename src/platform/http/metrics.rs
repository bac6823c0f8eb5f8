//! `/metrics` in the text format of Prometheus: requests and their statuses, commits, and waiting messages. The metrics
//! reveal neither callers nor the subjects of requests.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::OPEN;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::store::tally;

/// The content type of the text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Routes of the metrics.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::show: OPEN,
    }
}

/// Show metrics for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, description = "The text format of Prometheus", body = String)))]
async fn show(State(app): State<App>) -> Result<Response> {
    let metrics = app.metrics().ok_or_else(|| Fault::not_found("/metrics"))?;
    let tally = app.read(async |tx| tally::take(tx).await).await?;
    let text = metrics.render(&tally).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], text).into_response())
}

/// Counts a request by its route, never by its path, which contains numbers of appeals.
pub async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(metrics) = app.metrics() else { return next.run(request).await };
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |p| p.as_str().to_owned());
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let in_flight = metrics.begin_request();
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    drop(in_flight);
    metrics.answered(&method, &route, response.status().as_u16(), started.elapsed());
    response
}
