//! What handlers take out of a request: who asks, in which language, and a body with all that a mutation needs.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::respond;
use super::state::App;
use crate::api::{IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX, code};
use crate::domain::AccountState;
use crate::i18n::Lang;
use crate::platform::fault::Fault;
use crate::platform::service::context::Caller;
use crate::platform::store::people;

/// Most bytes of a JSON body: a text of 10 000 characters in the longest escapes, and every other field.
const BODY_MAX: usize = 1 << 20;

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

impl FromRequestParts<App> for Reader {
    type Rejection = Rejection;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejection> {
        let lang = lang(&parts.headers);
        let caller = authenticate(app, &parts.headers).await.map_err(|fault| Rejection(fault, lang))?;
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
        let caller = authenticate(app, &parts.headers).await.map_err(|fault| Rejection(fault, lang))?;
        Ok(OwnAccount(Reader { caller, lang }))
    }
}

/// 403 for a blocked account (P2).
pub fn usable(caller: &Caller) -> Result<(), Fault> {
    if caller.state == AccountState::Blocked {
        return Err(Fault::refuse(403, code::ACCOUNT_BLOCKED).into());
    }
    Ok(())
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

/// The hexadecimal SHA-256 of a bearer token, which is all that is kept of it.
pub fn digest_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The person whose token the request carries; 401 without one.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Fault> {
    let unauthenticated = || Fault::from(Fault::refuse(401, code::UNAUTHENTICATED));
    let token = bearer(headers).ok_or_else(unauthenticated)?;
    let digest = digest_of(token);
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
    caller.ok_or_else(unauthenticated)
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
        let dry_run = url::form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes())
            .any(|(name, value)| name == "dry_run" && matches!(&*value, "" | "1" | "true"));
        let typed = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let route = format!("{} {}", parts.method, parts.uri.path());
        let limited = http_body_util::Limited::new(body, BODY_MAX);
        let bytes: Bytes = match http_body_util::BodyExt::collect(limited).await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(reject(
                    Fault::refuse(413, code::TOO_LARGE).arg("limit", BODY_MAX.to_string()).into(),
                ));
            }
            Err(error) => return Err(bad(error.to_string())),
        };
        if !bytes.is_empty()
            && !typed.as_deref().is_some_and(|t| t.split(';').next().unwrap_or("").trim().ends_with("json"))
        {
            return Err(reject(Fault::refuse(415, code::UNSUPPORTED_MEDIA_TYPE).into()));
        }
        let digest = hex::encode(Sha256::digest(&bytes));
        let body = serde_json::from_slice(if bytes.is_empty() { b"{}" } else { &bytes })
            .map_err(|e| bad(e.to_string()))?;
        Ok(Posted { caller, lang, key, route, digest, dry_run, if_match, body })
    }
}
