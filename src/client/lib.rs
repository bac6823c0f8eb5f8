//! A typed client of the platform's HTTP API. It retries what is safe to retry, and knows nothing of the terminal.
//!
//! # Example
//!
//! Files an appeal and reads it back.
//!
//! ```
//! use std::sync::Arc;
//!
//! use appeal_client::api::NewAppeal;
//! use appeal_client::{Client, HttpTransport, Lang, fresh_key};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let data = tempfile::tempdir()?;
//! # let platform = appeal_platform::Platform::open(appeal_platform::Settings {
//! #     data_dir: data.path().to_owned(),
//! #     local_people: true,
//! #     ..Default::default()
//! # })
//! # .await?;
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}", listener.local_addr()?);
//! # let token = platform.local_session("applicant").await?;
//! # let server = platform.clone();
//! # tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
//! // `url` is the base URL of a platform, `token` a personal access token.
//! let transport = HttpTransport::new(&url.parse()?)?;
//! let client = Client::new(Arc::new(transport), Some(token.into()), Lang::En);
//!
//! let appeal = NewAppeal {
//!     subject: "Street lamps in Lenina street".to_owned(),
//!     text: "Three street lamps near house 5 have been out since Monday.".to_owned(),
//!     category: Some("housing".to_owned()),
//!     ..NewAppeal::default()
//! };
//! // Repeating a request with the same key returns the same appeal. Store the key before you send the request.
//! let key = fresh_key();
//! let filed = client.create(&appeal, &key).await?;
//!
//! let shown = client.show(&filed.number, false).await?;
//! assert_eq!(shown.subject, appeal.subject);
//! # platform.close().await;
//! # Ok(())
//! # }
//! ```

pub mod accounts;
pub mod admin;
pub mod appeals;
pub mod archives;
pub mod bulk;
pub mod change;
pub mod downloads;
mod errors;
pub mod events;
pub mod http;
pub mod lists;
pub mod names;
mod notices;
pub mod observe;
pub mod pacing;
pub mod paths;
mod reports;
mod retry;
mod sharing;
mod source;
#[cfg(test)]
mod tests;
pub mod transport;
pub mod uploads;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use reqwest::Method;
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::http::{BadServer, HttpTransport};
use appeal_api::Problem;
pub use appeal_api::{self as api, Empty};
pub use appeal_domain as domain;
use appeal_domain::Finding;
pub use appeal_i18n::Lang;
pub use change::{Change, CheckedRequest};
pub use errors::FILE_CHANGED;
pub use observe::{Direction, Observer};
use retry::{Attempts, Call, Payload};
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};

/// An error on the way to the platform or back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform answered with a problem.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No response, or only temporary failures, for as long as retries last.
    #[error("{place} could not be reached: {last} ({attempts} attempts)")]
    Unreachable { place: String, attempts: u32, last: String },
    /// A response that does not come from a platform.
    #[error("unexpected answer: {0}")]
    Protocol(String),
    /// Local files failed their checks.
    #[error("files failed their checks")]
    Files(Vec<Finding>),
    /// A local file could not be read or written.
    #[error("{path}: {error}")]
    File { path: String, error: std::io::Error },
    /// A local file changed since it was checked.
    #[error("{path}: changed since it was checked")]
    FileChanged { path: String },
    /// Downloaded data does not match its digest.
    #[error("{name}: the digest of what arrived is {actual}, expected {expected}")]
    Digest { name: String, expected: String, actual: String },
}

/// Generates an idempotency key (UUIDv4).
pub fn fresh_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Result of a client operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A response with the time of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    pub value: T,
    /// Time of the response by the platform's clock; `None` if the response does not state it.
    pub date: Option<jiff::Timestamp>,
}

/// Retry settings.
#[derive(Debug, Clone)]
pub struct Retries {
    /// Give up this long after the first attempt.
    pub for_at_most: Duration,
    /// The first pause; the following ones double, with jitter.
    pub first_pause: Duration,
    /// Maximum length of a pause.
    pub longest_pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            for_at_most: Duration::from_secs(120),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(15),
        }
    }
}

/// A request that reads; awaiting it sends the request. Boxed, so that its code is generated in this crate alone and
/// not again in every crate that awaits it.
pub type Fetch<T> = BoxFuture<'static, Result<T>>;

/// A client of one platform, signed in as one person. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    token: Option<SecretString>,
    device: Option<SecretString>,
    lang: Lang,
    retries: Retries,
    observer: Arc<dyn Observer>,
    pace: events::Pace,
    pacer: Option<Arc<pacing::Pacer>>,
    dry_run_only: bool,
}

impl Client {
    /// Creates a client. Without a token, only public resources are available.
    pub fn new(transport: Arc<dyn Transport>, token: Option<SecretString>, lang: Lang) -> Self {
        Self {
            transport,
            token,
            device: None,
            lang,
            retries: Retries::default(),
            observer: Arc::new(observe::Silent),
            pace: events::Pace::default(),
            pacer: None,
            dry_run_only: false,
        }
    }

    /// Sets the retry settings.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Sets an observer of requests and retries.
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Sets the secret of this device, which an earlier sign-in returned; sent when signing in.
    pub fn on_device(mut self, device: Option<SecretString>) -> Self {
        self.device = device;
        self
    }

    /// Makes the client refuse to send changes; they can only be checked ([`Change::dry_run`]).
    pub fn dry_run_only(mut self) -> Self {
        self.dry_run_only = true;
        self
    }

    /// Sets a pacer, which is notified when the platform refuses a request because of its load.
    pub fn with_pacer(mut self, pacer: Arc<pacing::Pacer>) -> Self {
        self.pacer = Some(pacer);
        self
    }

    /// Sends any authenticated request and returns the response as it is, for `appeal api`. Temporary failures (408,
    /// 429, 5xx) are retried as usual and become an error in the end; any other status is returned. A body is JSON
    /// unless a header says otherwise.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<::http::Response<ResponseBody>> {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut call = Call::new(method, path).any_status();
        if let Some(body) = body {
            call = call.header("content-type", "application/json")?.payload(Payload::Bytes(body));
        }
        for (name, value) in headers {
            call = call.header(name, value)?;
        }
        self.open(&call, &mut Attempts::new(self)).await
    }

    /// Returns the location of the platform.
    pub fn place(&self) -> &str {
        self.transport.place()
    }

    /// Finishes outstanding work of the transport; no requests may follow.
    pub async fn finish(&self) {
        self.transport.finish().await;
    }

    /// Sends a GET request.
    pub fn get<T: DeserializeOwned + Send + 'static>(&self, path: &str) -> Fetch<T> {
        let (client, call) = (self.clone(), Call::new(Method::GET, path));
        Box::pin(async move { client.json(&call).await.0 })
    }

    /// Sends a GET request with a query string.
    pub(crate) fn query<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Fetch<T> {
        match paths::with_query(path, query) {
            Ok(path) => self.get(&path),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}
