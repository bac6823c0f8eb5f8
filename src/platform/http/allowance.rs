//! Adds the remaining allowance of the person to every response, in `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers).

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::allowances::{Note, WINDOW};
use crate::app::App;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Middleware that adds the headers.
pub async fn headers(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if app.allowances().is_none() {
        return next.run(request).await;
    }
    let note = Note::default();
    request.extensions_mut().insert(note.clone());
    let mut response = next.run(request).await;
    if let Some(left) = note.left() {
        let policy = format!("\"person\";q={};w={WINDOW}", left.per_minute);
        let rest = format!("\"person\";r={};t={}", left.requests, left.reset);
        for (name, value) in [(POLICY, policy), (LEFT, rest)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
