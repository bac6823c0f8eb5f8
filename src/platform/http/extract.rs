//! What handlers take out of a request: who asks, in which language, and a body with all that a mutation needs.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::respond;
use crate::allowances::Note;
use crate::app::App;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::service::access::usable;
use crate::service::context::Ctx;
use crate::service::tokens::digest_of;
use crate::store::{accounts, people};
use appeal_api::{IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX, code};
use appeal_domain::Role;
use appeal_i18n::Lang;

/// Most bytes of a JSON body: a text of 10 000 characters in the longest escapes, and every other field.
const BODY_MAX: usize = 1 << 20;
/// Most bytes of what an administrator loads: tens of thousands of records.
const ADMIN_BODY_MAX: usize = 64 << 20;

/// A fault with the language it is told in: what extractors reject with.
pub struct Rejection(pub Fault, pub Lang);

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        respond::fault(&self.0, self.1)
    }
}

/// The language that `Accept-Language` asks for.
pub fn lang(headers: &HeaderMap) -> Lang {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).map_or(Lang::En, Lang::of)
}

/// The reader of an answer: the signed-in person and the language.
pub struct Reader {
    pub caller: Caller,
    pub lang: Lang,
}

impl Reader {
    /// What a use case that reads is told.
    pub fn context(self, app: &App) -> Ctx {
        Ctx { caller: self.caller, now: app.now(), lang: self.lang, trial: false }
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Rejection;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejection> {
        let lang = lang(&parts.headers);
        let caller = admit(app, parts).await.map_err(|fault| Rejection(fault, lang))?;
        usable(&caller).map_err(|fault| Rejection(fault, lang))?;
        Ok(Reader { caller, lang })
    }
}

/// The reader of their own account: even one that is blocked may read why.
pub struct OwnAccount(pub Reader);

impl FromRequestParts<App> for OwnAccount {
    type Rejection = Rejection;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejection> {
        let lang = lang(&parts.headers);
        let caller = admit(app, parts).await.map_err(|fault| Rejection(fault, lang))?;
        Ok(OwnAccount(Reader { caller, lang }))
    }
}

/// Query parameters; 400 in words where they are not understood.
pub struct Queried<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Rejection;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Queried(query)),
            Err(error) => {
                let reason = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
                let refusal = Fault::refuse(400, code::BAD_REQUEST).arg("reason", reason);
                Err(Rejection(refusal.into(), lang(&parts.headers)))
            }
        }
    }
}

/// Parts of the path; one that is not text names nothing that is there.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Rejection;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Segments(segments)),
            Err(_) => Err(Rejection(Fault::not_found(parts.uri.path()), lang(&parts.headers))),
        }
    }
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The person who asks, with one request less that they may make: 401 without one, 429 when none is left.
async fn admit(app: &App, parts: &Parts) -> Result<Caller, Fault> {
    let caller = authenticate(app, &parts.headers).await?;
    if let Some(allowances) = app.allowances() {
        allowances.take(&caller.person_id, parts.extensions.get::<Note>())?;
    }
    Ok(caller)
}

/// The person whose token the request carries; 401 without one.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Fault> {
    let unauthenticated = || Fault::from(Fault::refuse(401, code::UNAUTHENTICATED));
    let token = bearer(headers).ok_or_else(unauthenticated)?;
    let digest = digest_of(token);
    let noted = digest.clone();
    let session = app.session(&digest);
    let now = app.now();
    let caller = app
        .db()
        .read(move |tx| {
            let (digest, session) = (digest.clone(), session.clone());
            Box::pin(async move {
                match session {
                    Some(login) => people::caller_by_login(tx, &login).await,
                    None => people::caller_by_token(tx, &digest, now).await,
                }
            })
        })
        .await?;
    let caller = caller.ok_or_else(unauthenticated)?;
    if app.session(&noted).is_none() {
        note_use(app, noted).await;
    }
    Ok(caller)
}

/// Notes now and then that a token is used. A failure of that is no reason to refuse the request.
async fn note_use(app: &App, digest: String) {
    let now = app.now();
    let due = app.read(async |tx| accounts::is_use_due(tx, &digest, now).await).await;
    let noted = match due {
        Ok(false) => return,
        Ok(true) => {
            let noting = app.db().write(move |tx| {
                let digest = digest.clone();
                Box::pin(async move { accounts::note_use(tx, &digest, now).await })
            });
            noting.await
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = noted {
        tracing::warn!(error = %fault, "the use of a token was not noted");
    }
}

/// Whether the query asks for a trial run. What is not understood is refused: somebody who misspells it must not file
/// in earnest.
fn dry_run(query: &str) -> Result<bool, String> {
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

/// True for the media types of JSON, whatever their parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || essence.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"))
}

/// The bytes of a body; none where there are more than `most` of them. The rest is then read and dropped, unless
/// the client `waits` to be told to go on.
pub async fn read_whole(body: Body, waits: bool, most: usize) -> Result<Option<Bytes>, axum::Error> {
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

/// Of a body over a limit so much is read and dropped, so that the client hears the answer instead of a broken
/// connection.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
/// And no longer than this.
const DRAIN_TIME: Duration = Duration::from_secs(30);

/// Reads the rest of a body and drops it; gives the size that was seen.
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

/// A request that changes something, read and understood.
pub struct Posted<T> {
    pub caller: Caller,
    pub lang: Lang,
    /// The idempotency key.
    pub key: Option<String>,
    /// Method and path: what a key is scoped to besides the person.
    pub route: String,
    /// Hexadecimal SHA-256 of the body.
    pub digest: String,
    /// Everything is checked and nothing kept.
    pub dry_run: bool,
    /// The version that `If-Match` names; `*` and none are no condition.
    pub if_match: Option<i64>,
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Rejection;
    async fn from_request(request: Request, app: &App) -> Result<Self, Rejection> {
        let (mut parts, body) = request.into_parts();
        let Reader { caller, lang } = Reader::from_request_parts(&mut parts, app).await?;
        let reject = |fault: Fault| Rejection(fault, lang);
        let bad = |reason: String| {
            Rejection(Fault::refuse(400, code::BAD_REQUEST).arg("reason", reason).into(), lang)
        };
        let key = match parts.headers.get(IDEMPOTENCY_KEY) {
            None => None,
            Some(value) => {
                let key = value.to_str().map_err(|_| bad("Idempotency-Key is not ASCII".to_owned()))?;
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
                    .map_err(|_| bad("If-Match is not an ETag of this platform".to_owned()))?,
            ),
            Some(Err(_)) => return Err(bad("If-Match is not ASCII".to_owned())),
        };
        let dry_run = dry_run(parts.uri.query().unwrap_or_default()).map_err(bad)?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let admin = caller.role == Role::Admin && parts.uri.path().starts_with("/v1/admin/");
        let most = if admin { ADMIN_BODY_MAX } else { BODY_MAX };
        let (digest, body) = object(&parts.headers, body, most).await.map_err(reject)?;
        Ok(Posted { caller, lang, key, route, digest, dry_run, if_match, body })
    }
}

/// A request of somebody who is not signed in, read and understood. What it carries may be secret: nothing of it is
/// kept, and no key makes it safe to repeat.
pub struct Open<T> {
    pub lang: Lang,
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Open<T> {
    type Rejection = Rejection;
    async fn from_request(request: Request, _: &App) -> Result<Self, Rejection> {
        let (parts, body) = request.into_parts();
        let lang = lang(&parts.headers);
        let (_, body) =
            object(&parts.headers, body, BODY_MAX).await.map_err(|fault| Rejection(fault, lang))?;
        Ok(Open { lang, body })
    }
}

/// A body that is a JSON object, and the hexadecimal SHA-256 of its bytes; an empty one is `{}`.
async fn object<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<(String, T), Fault> {
    let bad = |reason: String| Fault::from(Fault::refuse(400, code::BAD_REQUEST).arg("reason", reason));
    let bytes = match read_whole(body, headers.contains_key(header::EXPECT), most).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Err(Fault::refuse(413, code::TOO_LARGE).arg("limit", most.to_string()).into());
        }
        Err(error) => return Err(bad(error.to_string())),
    };
    let typed = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    if !bytes.is_empty() && !typed.is_some_and(is_json) {
        return Err(Fault::refuse(415, code::UNSUPPORTED_MEDIA_TYPE).into());
    }
    // A list in place of an object would be taken for the values of its fields, one after another.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| *b == b'[') {
        return Err(bad("the body must be a JSON object".to_owned()));
    }
    let digest = hex::encode(Sha256::digest(&bytes));
    let body = serde_json::from_slice(if bytes.is_empty() { b"{}" } else { &bytes })
        .map_err(|e| bad(e.to_string()))?;
    Ok((digest, body))
}
