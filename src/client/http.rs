//! A platform behind a URL.

use async_trait::async_trait;
use url::Url;

use super::transport::{RequestBody, ResponseBody, Transport, TransportError};
use crate::i18n::Lang;

/// Why a URL cannot be a platform's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    /// Neither `http` nor `https`.
    #[error("{0}: not an http or https URL")]
    Scheme(String),
    /// User name or password in it: secrets never travel in URLs.
    #[error("credentials do not belong in a URL")]
    Credentials,
    /// A query or a fragment in it.
    #[error("{0}: a platform's URL has no query and no fragment")]
    Query(String),
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl BadServer {
    /// What to say and what to do about it.
    pub fn describe(&self, lang: Lang) -> (String, String) {
        let _ = lang;
        (self.to_string(), String::new())
    }
}

/// A way to a platform over HTTP.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    place: String,
    insecure: bool,
}

impl HttpTransport {
    /// A transport to the platform at `base`, which may have a path prefix.
    pub fn new(base: &Url) -> Result<Self, BadServer> {
        Ok(Self { place: base.to_string(), insecure: false })
    }

    /// True where the token and everything else travels unencrypted over a network.
    pub fn insecure(&self) -> bool {
        self.insecure
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(
        &self,
        _request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        Err(TransportError { message: self.place.clone(), never_sent: true })
    }

    fn place(&self) -> &str {
        &self.place
    }
}
