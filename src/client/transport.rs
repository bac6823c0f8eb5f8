//! How a request reaches a platform: over a socket, or by calling the platform's router in this process. The client
//! speaks HTTP messages either way and does not know which it is.

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt, Full};

/// An error of a body, of whatever kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of a request.
pub type RequestBody = BoxBody<Bytes, BoxError>;
/// The body of a response; it streams.
pub type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// The request did not get an answer: the platform was not reached, or the connection broke.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// What happened, with the causes.
    pub message: String,
    /// True when the request cannot have had an effect (the connection was never made).
    pub never_sent: bool,
}

/// A way to a platform.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request whose URI is a path with a query, and gives the answer, whatever its status.
    async fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError>;

    /// Where it leads, for messages: a URL or `local`.
    fn place(&self) -> &str;

    /// Nothing more will be sent: what the requests left to do is done now.
    async fn finish(&self) {}
}

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> RequestBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// No body.
pub fn empty() -> RequestBody {
    full(Bytes::new())
}

/// An error and its causes in one line; a cause that is already told is not told again.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        next = cause.source();
    }
    told
}
