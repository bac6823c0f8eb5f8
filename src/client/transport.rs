//! How a request reaches a platform: over a socket, or by calling the platform's router in this process. The client
//! uses HTTP messages in either case and does not know the difference.

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt, Full};

/// An error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of a request.
pub type RequestBody = BoxBody<Bytes, BoxError>;
/// The body of a response, as a stream.
pub type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// A request without a response: the platform was not reached, or the connection broke.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// Description, including the causes.
    pub message: String,
    /// Whether the request cannot have taken effect, because no connection was made.
    pub never_sent: bool,
}

/// A way to reach a platform.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request whose URI is a path with a query, and returns the response with any status.
    async fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError>;

    /// Location for messages: a URL or `local`.
    fn place(&self) -> &str;

    /// Finishes outstanding work; no requests may follow.
    async fn finish(&self) {}
}

/// Creates a body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> RequestBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// Creates an empty body.
pub fn empty() -> RequestBody {
    full(Bytes::new())
}

/// Formats an error and its causes in one line, without repeating causes already included.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut chain = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !chain.contains(&text) {
            chain = format!("{chain}: {text}");
        }
        next = cause.source();
    }
    chain
}
