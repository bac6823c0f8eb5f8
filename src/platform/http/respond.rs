//! Responses: JSON, stored responses, and problems (RFC 9457).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::extract::lang;
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::support;
use appeal_api::{DryRunResult, PROBLEM_JSON, Problem};

/// Creates a JSON response.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => Fault::Internal(error.to_string()).into_response(),
    }
}

/// Returns whether `If-None-Match` matches this `ETag`.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|tags| {
        tags.split(',').map(|t| t.trim().trim_start_matches("W/")).any(|t| t == "*" || t == tag)
    })
}

/// Creates a JSON response with an `ETag` of its bytes, or 304 if `If-None-Match` matches.
pub fn tagged_json(value: &impl Serialize, headers: &HeaderMap) -> Result<Response> {
    let bytes = serde_json::to_vec(value).map_err(|error| Fault::Internal(error.to_string()))?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes)));
    if is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::ETAG, tag)];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

/// Creates the response to a change, or to a dry run if there is no value.
pub fn changed(status: StatusCode, value: Option<impl Serialize>) -> Response {
    match value {
        Some(value) => json(status, &value),
        None => json(StatusCode::OK, &nothing_found()),
    }
}

/// The result of a dry run without findings.
fn nothing_found() -> DryRunResult {
    DryRunResult { dry_run: true, findings: Vec::new(), similar: Vec::new() }
}

/// A response as stored and sent.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// Version for the `ETag`.
    pub version: Option<i64>,
    /// Whether this is the stored response of an earlier request.
    pub replayed: bool,
}

impl Answer {
    /// The response to a dry run without findings.
    pub fn checked() -> Result<Answer> {
        Answer::ok(&nothing_found())
    }

    /// 200 with this value.
    pub fn ok(value: &impl Serialize) -> Result<Answer> {
        let body = serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))?;
        Ok(Answer { status: StatusCode::OK.as_u16(), body, version: None, replayed: false })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(version) = self.version {
            response = response.header(header::ETAG, format!("\"{version}\""));
        }
        if self.replayed {
            response = response.header("idempotency-replayed", "true");
        }
        response
            .body(Body::from(self.body))
            .unwrap_or_else(|e| Fault::Internal(e.to_string()).into_response())
    }
}

/// A fault on its way to [`render`].
#[derive(Clone)]
struct Failed(Arc<Fault>);

impl IntoResponse for Fault {
    /// An incomplete response, because only [`render`] knows the language.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Failed(Arc::new(self)));
        response
    }
}

/// Renders every fault in the language of `Accept-Language`. Where a person cannot go on alone, the hint names the support
/// contacts.
pub async fn render(State(app): State<App>, request: Request, next: Next) -> Response {
    let lang = lang(request.headers());
    let mut response = next.run(request).await;
    let Some(Failed(fault)) = response.extensions_mut().remove::<Failed>() else { return response };
    let mut described = fault.problem(lang);
    if support::concerns(&described.code) {
        // The refusal is more important than the contacts.
        let contacts = app.read(async |tx| support::sentence(tx, lang).await).await.ok().flatten();
        if let Some(contacts) = contacts {
            described.hint =
                Some(described.hint.map_or(contacts.clone(), |hint| format!("{hint} {contacts}")));
        }
    }
    problem(&fault, &described)
}

/// Creates a problem response. Internal errors are logged, not shown.
fn problem(fault: &Fault, problem: &Problem) -> Response {
    // What is refused on purpose is not a failure: strangers could fill the log with it.
    if problem.status >= 500 && !matches!(fault, Fault::Refused(_)) {
        tracing::error!(error = %fault, "request failed");
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let pause = match fault {
        Fault::Refused(refusal) => refusal.retry_after,
        _ => None,
    };
    if let Some(seconds) = pause {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    } else if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
