//! A platform behind a URL.
//!
//! There is no limit on a whole exchange, because uploads and event streams may take any time. An exchange ends if no
//! data moves in either direction for a minute.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, LOCATION};
use ::http::{Method, Request, Response, StatusCode};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};
use url::{Host, Url};

use super::transport::{RequestBody, ResponseBody, Transport, TransportError, causes};
use appeal_i18n::{Lang, message};

/// Connection timeout.
const CONNECT: Duration = Duration::from_secs(10);
/// Maximum time without any data. Longer than the silence after which an event stream counts as broken.
const IDLE: Duration = Duration::from_secs(60);
/// Maximum number of redirects of a request.
const REDIRECTS: usize = 5;

/// Why a URL cannot be used as a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    /// The scheme is neither `http` nor `https`.
    #[error("{0}: not an http or https URL")]
    Scheme(String),
    /// The URL contains a user name or password; secrets must not be part of URLs.
    #[error("credentials do not belong in a URL")]
    Credentials,
    /// The URL contains a query or a fragment.
    #[error("{0}: a platform's URL has no query and no fragment")]
    Query(String),
    /// TLS cannot be initialised on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl BadServer {
    /// Returns the message and a hint.
    pub fn describe(&self, lang: Lang) -> (String, String) {
        let message = match self {
            BadServer::Scheme(url) => message!("server-url-scheme", value = url),
            BadServer::Credentials => message!("server-url-credentials"),
            BadServer::Query(url) => message!("server-url-query", value = url),
            BadServer::Tls(why) => message!("server-tls", value = why),
        };
        (message.text(lang), message.hint(lang).unwrap_or_default())
    }
}

/// Transport over HTTP/1.1, with certificates verified by the rules of the operating system.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// Set if `client` has no root certificates: what follows a redirect to `https`, created by the first one.
    secure: Option<OnceLock<reqwest::Client>>,
    base: Url,
    place: String,
    insecure: bool,
}

impl HttpTransport {
    /// Creates a transport to the platform at `base`, which may have a path prefix.
    pub fn new(base: &Url) -> Result<Self, BadServer> {
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(BadServer::Scheme(base.to_string()));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(BadServer::Credentials);
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(BadServer::Query(base.to_string()));
        }
        // Only the first call sets it; an existing provider works as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let local = is_loopback(base);
        // Reading the root certificates of the system takes longer than a request to this machine.
        let secure = (local && base.scheme() == "http").then(OnceLock::new);
        let client = match client(local, secure.is_none()) {
            // A machine without root certificates can still use unencrypted HTTP.
            Err(_) if base.scheme() == "http" => client(local, false),
            other => other,
        }
        .map_err(|e| BadServer::Tls(causes(&e)))?;
        Ok(Self {
            client,
            secure,
            base: base.clone(),
            place: base.as_str().trim_end_matches('/').to_owned(),
            insecure: base.scheme() == "http" && !local,
        })
    }

    /// Returns whether data, including the token, is sent unencrypted over a network.
    pub fn insecure(&self) -> bool {
        self.insecure
    }

    /// Returns the URL of a path. The host is always that of the base URL; a path cannot change it.
    fn url(&self, path_and_query: &str) -> Url {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, TransportError> {
        let Some(secure) = self.secure.as_ref().filter(|_| url.scheme() == "https") else {
            return Ok(&self.client);
        };
        if let Some(existing) = secure.get() {
            return Ok(existing);
        }
        let new = client(true, true).map_err(|e| TransportError { message: causes(&e), never_sent: true })?;
        Ok(secure.get_or_init(|| new))
    }

    async fn exchange(
        &self,
        request: reqwest::Request,
        moved: &AtomicU64,
    ) -> Result<reqwest::Response, TransportError> {
        let client = self.client_for(request.url())?;
        match until_idle(client.execute(request), moved).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => {
                let never_sent = error.is_connect() || error.is_builder();
                Err(TransportError { message: causes(&error.without_url()), never_sent })
            }
            None => Err(TransportError {
                message: format!("no answer for {} seconds", IDLE.as_secs()),
                never_sent: false,
            }),
        }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request<RequestBody>) -> Result<Response<ResponseBody>, TransportError> {
        let (parts, body) = request.into_parts();
        let moved = Arc::new(AtomicU64::new(0));
        let mut url = self.url(parts.uri.path_and_query().map_or("/", |p| p.as_str()));
        let mut headers = parts.headers;
        headers.remove(HOST);

        let mut first = reqwest::Request::new(parts.method.clone(), url.clone());
        *first.headers_mut() = headers.clone();
        if !body.is_end_stream() {
            // The counting wrapper hides the length, so set it explicitly.
            if let Some(length) = body.size_hint().exact() {
                first.headers_mut().insert(CONTENT_LENGTH, length.into());
            }
            let counter = Arc::clone(&moved);
            let counted = body.map_frame(move |frame| {
                counter.fetch_add(1, Ordering::Relaxed);
                frame
            });
            *first.body_mut() = Some(reqwest::Body::wrap(counted));
        }
        let mut response = self.exchange(first, &moved).await?;

        // Only requests that change nothing are redirected to another place.
        let safe = matches!(parts.method, Method::GET | Method::HEAD);
        for _ in 0..REDIRECTS {
            let Some(next) = redirect(&response).filter(|_| safe).and_then(|to| url.join(to).ok()) else {
                break;
            };
            if url.scheme() == "https" && next.scheme() != "https" || !next.has_host() {
                break;
            }
            if !same_place(&url, &next) {
                headers.remove(AUTHORIZATION);
            }
            url = next;
            let mut again = reqwest::Request::new(parts.method.clone(), url.clone());
            *again.headers_mut() = headers.clone();
            response = self.exchange(again, &moved).await?;
        }
        let (parts, body) = Response::<reqwest::Body>::from(response).into_parts();
        Ok(Response::from_parts(parts, idle_limited(body)))
    }

    fn place(&self) -> &str {
        &self.place
    }
}

/// Creates a client; a `local` one never uses a proxy.
fn client(local: bool, certificates: bool) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("appeal/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .tcp_keepalive(Duration::from_secs(30))
        .tcp_keepalive_interval(Duration::from_secs(10))
        // Redirects are handled by `send`, where the method and the token are known.
        .redirect(reqwest::redirect::Policy::none());
    if local {
        builder = builder.no_proxy();
    }
    if !certificates {
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

/// Waits for the future as long as data moves.
async fn until_idle<F: Future>(future: F, moved: &AtomicU64) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut seen = moved.load(Ordering::Relaxed);
    loop {
        if let Ok(output) = tokio::time::timeout(IDLE, &mut future).await {
            return Some(output);
        }
        let now = moved.load(Ordering::Relaxed);
        if now == seen {
            return None;
        }
        seen = now;
    }
}

/// A body that fails if no data arrives for too long.
fn idle_limited(body: reqwest::Body) -> ResponseBody {
    let frames = stream::unfold(Some(body.into_data_stream()), |body| async move {
        let mut body = body?;
        match tokio::time::timeout(IDLE, body.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some((Ok(Frame::data(bytes)), Some(body))),
            Ok(Some(Err(error))) => Some((Err(causes(&error.without_url()).into()), None)),
            Err(_) => Some((Err(format!("no data for {} seconds", IDLE.as_secs()).into()), None)),
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

fn redirect(response: &reqwest::Response) -> Option<&str> {
    match response.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => response.headers().get(LOCATION)?.to_str().ok(),
        _ => None,
    }
}

/// Returns whether host and port are the same, or the redirect upgrades from http to https on the default ports.
fn same_place(from: &Url, to: &Url) -> bool {
    let ports = (from.port_or_known_default(), to.port_or_known_default());
    let upgrade = from.scheme() == "http" && to.scheme() == "https" && ports == (Some(80), Some(443));
    from.host() == to.host() && (upgrade || from.scheme() == to.scheme() && ports.0 == ports.1)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(url: &str) -> Result<HttpTransport, BadServer> {
        HttpTransport::new(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_path_keeps_host_and_prefix() {
        let t = transport("https://appeals.example/prefix/").unwrap();
        assert_eq!(t.url("/v1/me?x=1%2C2").as_str(), "https://appeals.example/prefix/v1/me?x=1%2C2");
        assert_eq!(t.url("//evil.example/v1").host_str(), Some("appeals.example"));
        assert_eq!(t.url("/@evil.example/../../v1").host_str(), Some("appeals.example"));
        assert_eq!(t.place(), "https://appeals.example/prefix");
    }

    #[test]
    fn what_is_not_a_platforms_url_is_refused() {
        assert!(matches!(transport("ftp://a.example"), Err(BadServer::Scheme(_))));
        assert!(matches!(transport("https://me:secret@a.example"), Err(BadServer::Credentials)));
        assert!(matches!(transport("https://a.example/?x"), Err(BadServer::Query(_))));
    }

    #[test]
    fn clear_text_over_a_network_is_noted() {
        assert!(transport("http://a.example").unwrap().insecure());
        for safe in ["https://a.example", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost"] {
            assert!(!transport(safe).unwrap().insecure(), "{safe}");
        }
    }

    #[test]
    fn the_token_stays_with_its_host() {
        let same = |a: &str, b: &str| same_place(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(same("https://a.example/x", "https://a.example/y"));
        assert!(same("http://a.example/x", "https://a.example/x"));
        assert!(!same("https://a.example", "http://a.example"));
        assert!(!same("https://a.example", "https://b.example"));
        assert!(!same("https://a.example", "https://a.example:8443"));
    }
}
