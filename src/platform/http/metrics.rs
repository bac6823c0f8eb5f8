//! `/metrics` in the text format of Prometheus: requests and their statuses, commits, and waiting messages. The metrics
//! reveal neither callers nor the subjects of requests.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{counter, gauge, histogram};

use super::access::OPEN;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::metrics::{APPEALS, CHANGES, DURATION, IN_FLIGHT, MESSAGES, REQUESTS};
use crate::store::tally::{self, Tally};

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
    let handle = app.metrics().ok_or_else(|| Fault::not_found("/metrics"))?;
    let tally = app.read(async |tx| tally::take(tx).await).await?;
    set(&tally);
    // Folds in what was recorded since the last call; nothing else does.
    handle.run_upkeep();
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], handle.render()).into_response())
}

/// Sets the metrics that are read from the database.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; counts stay far below 2^53")]
fn set(tally: &Tally) {
    for (status, n) in &tally.appeals {
        gauge!(APPEALS, "status" => status.as_str()).set(*n as f64);
    }
    gauge!(MESSAGES).set(tally.messages as f64);
    counter!(CHANGES).absolute(u64::try_from(tally.changes).unwrap_or(0));
}

/// Counts a request by its route, never by its path, which contains numbers of appeals.
pub async fn counted(request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |p| p.as_str().to_owned());
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let flight = Flight::begin();
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    drop(flight);
    let status = response.status().as_u16().to_string();
    histogram!(DURATION, "method" => method.clone(), "route" => route.clone()).record(started.elapsed());
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// A request in flight, including one whose client disconnects.
struct Flight;

impl Flight {
    fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Flight
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}
