//! Extractors: the caller, the language, and a body with everything that a change needs.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::access::Access;
use crate::app::App;
use crate::caller::{Caller, Peer};
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::origin::Origin;
use crate::service::tokens::digest_of;
use appeal_api::{DEVICE, IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX, code};
use appeal_i18n::Lang;

/// Returns the language requested with `Accept-Language`.
pub fn lang(headers: &HeaderMap) -> Lang {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).map_or(Lang::En, Lang::of)
}

/// The signed-in person and the language of the response.
pub struct Reader {
    pub caller: Caller,
    pub lang: Lang,
}

impl Reader {
    /// Returns the context of a use case that reads.
    pub fn context(self, app: &App) -> Ctx {
        Ctx { caller: self.caller, now: app.now(), lang: self.lang, dry_run: false }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller =
            caller.ok_or_else(|| Fault::Internal("the route is open, and has no reader".to_owned()))?;
        Ok(Reader { caller, lang: lang(&parts.headers) })
    }
}

/// Returns the bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The language of the response, for requests without authentication.
pub struct Language(pub Lang);

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        Ok(Language(lang(&parts.headers)))
    }
}

/// The digest of the bearer token, which identifies the current session.
pub struct TokenDigest(pub String);

impl<S: Send + Sync> FromRequestParts<S> for TokenDigest {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        Ok(TokenDigest(digest_of(bearer(&parts.headers).unwrap_or_default())))
    }
}

/// Query parameters; fails with 400 and a message if they are malformed.
pub struct Queried<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Queried(query)),
            Err(error) => {
                let reason = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
                Err(bad(reason))
            }
        }
    }
}

/// Path parameters; a parameter that is not valid text matches nothing.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Segments(segments)),
            Err(_) => Err(Fault::not_found(parts.uri.path())),
        }
    }
}

/// Returns whether the query requests a dry run. Unknown values are refused: a misspelt request must not file for real.
fn dry_run(query: &str) -> std::result::Result<bool, String> {
    let mut wanted = false;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        wanted = match (&*name, &*value) {
            ("dry_run", "" | "1" | "true") => true,
            ("dry_run", "0" | "false") => false,
            ("dry_run", _) => return Err("dry_run: true or false".to_owned()),
            _ => return Err(format!("{name}: unknown, expected dry_run")),
        };
    }
    Ok(wanted)
}

/// Returns whether the media type is JSON, with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || essence.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"))
}

/// Returns the bytes of a body, or `None` if there are more than `most`. The rest is then read and discarded, unless
/// the client `waits` for "100 Continue".
pub async fn read_whole(
    body: Body,
    waits: bool,
    most: usize,
) -> std::result::Result<Option<Bytes>, axum::Error> {
    if waits && body.size_hint().lower() > most as u64 {
        return Ok(None);
    }
    let mut stream = body.into_data_stream();
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > most {
            drop(bytes);
            drain(Body::from_stream(stream), 0).await;
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes.freeze()))
}

/// Maximum number of bytes of an oversized body that are read and discarded, so that the client receives the response
/// instead of a broken connection.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
/// Time limit for discarding.
const DRAIN_TIME: Duration = Duration::from_secs(30);

/// Reads and discards the rest of a body; returns the total size seen.
pub async fn drain(body: Body, seen: u64) -> u64 {
    let mut total = seen;
    let mut stream = body.into_data_stream();
    let reading = async {
        while let Some(Ok(chunk)) = stream.next().await {
            total += chunk.len() as u64;
            if total > seen.saturating_add(DRAIN_BYTES) {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
    total
}

/// 408 for a body that stopped arriving, or 400 for one that cannot be read.
pub fn broken_body(error: &(dyn std::error::Error + 'static)) -> Fault {
    let timed_out = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::TimedOut)
    };
    if std::iter::successors(Some(error), |error| error.source()).any(timed_out) {
        return Fault::refuse(408, code::REQUEST_TIMEOUT).into();
    }
    bad(error.to_string())
}

/// 400 with a reason.
pub fn bad(reason: impl Into<String>) -> Fault {
    Fault::refuse(400, code::BAD_REQUEST).arg("reason", reason).into()
}

/// The content of a request: path parameters and body.
#[derive(Debug)]
pub struct Asked<B, P = ()> {
    pub path: P,
    pub body: B,
    /// The version in `If-Match`; `None` without a condition, including `*`.
    pub if_match: Option<i64>,
}

/// A parsed request that changes something: a body of type `B`, and path parameters `P`.
pub struct Posted<B, P = ()> {
    pub caller: Caller,
    pub lang: Lang,
    /// The idempotency key.
    pub key: Option<String>,
    /// Method and path, which together with the person are the scope of the key.
    pub route: String,
    /// Hexadecimal SHA-256 of the body.
    pub digest: String,
    /// Whether to check without saving anything.
    pub dry_run: bool,
    pub asked: Asked<B, P>,
}

impl<B, P> Posted<B, P> {
    /// Returns the context of a use case that only reads.
    pub fn context(&self, app: &App) -> Ctx {
        Ctx { caller: self.caller.clone(), now: app.now(), lang: self.lang, dry_run: false }
    }
}

/// What every request that changes something has, whatever its path and body are about.
struct Unparsed {
    parts: Parts,
    reader: Reader,
    key: Option<String>,
    if_match: Option<i64>,
    dry_run: bool,
    route: String,
    digest: String,
    bytes: Bytes,
}

impl Unparsed {
    /// Reads a request. One function for all types of bodies: generic, it would be compiled once for each route.
    async fn read(request: Request) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut parts, &()).await?;
        let key = match parts.headers.get(IDEMPOTENCY_KEY) {
            None => None,
            Some(value) => {
                let key = value.to_str().map_err(|_| bad("Idempotency-Key is not ASCII"))?;
                if key.is_empty() || key.len() > IDEMPOTENCY_KEY_MAX {
                    return Err(bad(format!(
                        "Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_MAX} characters"
                    )));
                }
                Some(key.to_owned())
            }
        };
        let if_match = match parts.headers.get(header::IF_MATCH).map(|v| v.to_str()) {
            None | Some(Ok("*")) => None,
            Some(Ok(tag)) => Some(
                tag.trim()
                    .trim_start_matches("W/")
                    .trim_matches('"')
                    .parse::<i64>()
                    .map_err(|_| bad("If-Match is not an ETag of this platform"))?,
            ),
            Some(Err(_)) => return Err(bad("If-Match is not ASCII")),
        };
        let dry_run = dry_run(parts.uri.query().unwrap_or_default()).map_err(bad)?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let bytes = read_json(&parts, body).await?;
        let digest = hex::encode(Sha256::digest(&bytes));
        Ok(Self { parts, reader, key, if_match, dry_run, route, digest, bytes })
    }
}

impl<B: DeserializeOwned, P: DeserializeOwned + Send> FromRequest<App> for Posted<B, P> {
    type Rejection = Fault;
    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let unparsed: BoxFuture<'_, _> = Box::pin(Unparsed::read(request));
        let Unparsed { mut parts, reader, key, if_match, dry_run, route, digest, bytes } = unparsed.await?;
        let Segments(path) = Segments::<P>::from_request_parts(&mut parts, app).await?;
        let body = parse(&bytes)?;
        let Reader { caller, lang } = reader;
        Ok(Posted { caller, lang, key, route, digest, dry_run, asked: Asked { path, body, if_match } })
    }
}

/// A parsed request without authentication. Its content may be secret, so nothing of it is stored, and an idempotency
/// key has no effect.
pub struct Open<T> {
    pub lang: Lang,
    pub origin: Origin,
    pub body: T,
}

/// Returns where a request comes from.
fn origin(parts: &Parts) -> Origin {
    let headers = &parts.headers;
    Origin {
        address: parts.extensions.get::<Peer>().map(|Peer(address)| *address),
        device: headers
            .get(DEVICE)
            .and_then(|secret| secret.to_str().ok())
            .map(|secret| digest_of(secret.trim())),
        token: bearer(headers).map(digest_of),
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Open<T> {
    type Rejection = Fault;
    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let body = parse(&read_json(&parts, body).await?)?;
        Ok(Open { lang: lang(&parts.headers), origin: origin(&parts), body })
    }
}

/// Returns the bytes of a body that is declared as JSON and is no larger than the route allows.
async fn read_json(parts: &Parts, body: Body) -> Result<Bytes> {
    let headers = &parts.headers;
    let access = parts.extensions.get::<Access>();
    let most = access.ok_or_else(|| Fault::Internal("the route has no access".to_owned()))?.body_max;
    let bytes = match read_whole(body, headers.contains_key(header::EXPECT), most).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Err(Fault::refuse(413, code::TOO_LARGE).arg("limit", most.to_string()).into());
        }
        Err(error) => return Err(broken_body(&error)),
    };
    let typed = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    if !bytes.is_empty() && !typed.is_some_and(is_json) {
        return Err(Fault::refuse(415, code::UNSUPPORTED_MEDIA_TYPE).into());
    }
    // Serde would accept an array as the values of the fields in order.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| *b == b'[') {
        return Err(bad("the body must be a JSON object"));
    }
    Ok(bytes)
}

/// Parses a JSON object; an empty body is `{}`.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(if bytes.is_empty() { b"{}" } else { bytes }).map_err(|e| bad(e.to_string()))
}
