//! Answers: JSON, stored answers, and problems (RFC 9457).

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::fault::Fault;
use appeal_api::{PROBLEM_JSON, TrialRun};
use appeal_i18n::Lang;

/// A JSON answer.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => fault(&Fault::Internal(error.to_string()), Lang::En),
    }
}

/// The answer to a mutation.
pub fn answer(answer: Answer) -> Response {
    let mut response = Response::builder()
        .status(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(version) = answer.version {
        response = response.header(header::ETAG, format!("\"{version}\""));
    }
    if answer.replayed {
        response = response.header("idempotency-replayed", "true");
    }
    response
        .body(Body::from(answer.body))
        .unwrap_or_else(|e| fault(&Fault::Internal(e.to_string()), Lang::En))
}

/// A problem. What went wrong inside is logged, not told. A trial run that came to its end is none.
pub fn fault(fault: &Fault, lang: Lang) -> Response {
    if matches!(fault, Fault::Rehearsed) {
        return json(StatusCode::OK, &TrialRun { dry_run: true, findings: Vec::new(), similar: Vec::new() });
    }
    let problem = fault.problem(lang);
    if problem.status >= 500 {
        tracing::error!(error = %fault, "request failed");
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    let pause = match fault {
        Fault::Refused(refusal) => refusal.retry_after,
        _ => None,
    };
    if let Some(seconds) = pause {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    } else if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    response
}

/// An answer as it is stored and sent.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
    /// For the `ETag`.
    pub version: Option<i64>,
    /// True when it is an earlier request's answer.
    pub replayed: bool,
}
