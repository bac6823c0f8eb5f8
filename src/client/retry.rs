//! Retries of a request: what may be repeated, when, and for how long.
//!
//! A back-off crate would cover the pauses, but not an overall limit that includes the attempts themselves, a pause
//! requested by the response, or a response that turns out to be broken while it is read; hence this loop.

use std::time::{Duration, SystemTime};

use ::http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use ::http::{Method, Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::Body;
use http_body_util::{BodyExt, Collected, Limited};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::observe::{Direction, masked};
use super::source::Source;
use super::transport::{self, BoxError, RequestBody, ResponseBody, causes};
use super::{Client, Dated, Error, Result};
use appeal_api::{IDEMPOTENCY_KEY, JSON_LINES, Problem};

/// Maximum size of a JSON response, in bytes; a page of the longest texts is far smaller.
const ANSWER_MAX: usize = 256 * 1024 * 1024;
/// Maximum size of an error response that is parsed, in bytes.
const PROBLEM_MAX: usize = 4 * 1024 * 1024;

/// Maximum pause that a response can request if retries are unlimited.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// The body of a request; can be created again for every attempt.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Bytes),
    /// A file, read while it is sent.
    File(std::sync::Arc<Source>),
}

/// A request that can be sent more than once.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    payload: Payload,
    /// Whether to return refusals to the caller as responses.
    any_status: bool,
    /// Whether the request changes nothing, regardless of its method.
    harmless: bool,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            payload: Payload::Empty,
            any_status: false,
            harmless: false,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let wrong = || Error::Protocol(format!("{name}: not a header that can be sent"));
        let name = HeaderName::try_from(name).map_err(|_| wrong())?;
        self.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?);
        Ok(self)
    }

    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn any_status(mut self) -> Self {
        self.any_status = true;
        self
    }

    /// Marks a dry run, which changes nothing.
    pub(crate) fn harmless(mut self) -> Self {
        self.harmless = true;
        self
    }

    fn changes_something(&self) -> bool {
        !self.harmless && !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// Returns whether the request can be repeated even if an earlier attempt may have taken effect.
    pub(crate) fn repeatable(&self) -> bool {
        if self.harmless {
            return true;
        }
        match self.method {
            Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE => true,
            Method::PATCH => {
                self.headers.contains_key("if-match") || self.headers.contains_key(IDEMPOTENCY_KEY)
            }
            _ => self.headers.contains_key(IDEMPOTENCY_KEY),
        }
    }
}

/// A temporary failure.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) why: String,
    /// Whether the request cannot have taken effect.
    never_sent: bool,
    /// The problem document, if the platform sent one.
    problem: Option<Box<Problem>>,
    /// The requested pause.
    retry_after: Option<Duration>,
    /// The status of the response, if there was one.
    status: Option<StatusCode>,
}

impl Fault {
    /// Returns false if the platform was not reached at all.
    pub(crate) fn may_have_arrived(&self) -> bool {
        !self.never_sent
    }

    /// A response that was received but could not be read.
    pub(crate) fn broken(why: impl Into<String>) -> Self {
        Self { why: why.into(), never_sent: false, problem: None, retry_after: None, status: None }
    }
}

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// A temporary failure.
    Fault(Fault),
    /// A permanent failure.
    Final(Error),
}

/// Counts and paces the attempts at one operation.
pub(crate) struct Attempts {
    client: Client,
    started: Instant,
    made: u32,
    pause: Duration,
    /// Whether an earlier attempt with a lost response may have taken effect.
    pub(crate) lost: bool,
}

impl Attempts {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            started: Instant::now(),
            made: 0,
            pause: client.retries.first_pause,
            lost: false,
        }
    }

    /// Starts counting anew, after a success.
    pub(crate) fn reset(&mut self) {
        self.started = Instant::now();
        self.made = 0;
        self.pause = self.client.retries.first_pause;
    }

    /// Waits before the next attempt, or gives up with the last failure.
    pub(crate) async fn again(&mut self, fault: Fault, repeatable: bool) -> Result<()> {
        self.made += 1;
        let harmless = fault.never_sent || fault.status == Some(StatusCode::TOO_MANY_REQUESTS);
        self.lost |= !harmless;
        let left = self.client.retries.for_at_most.saturating_sub(self.started.elapsed());
        if left.is_zero()
            || !(repeatable || fault.never_sent)
            || fault.retry_after.is_some_and(|asked| asked > left)
        {
            return Err(self.give_up(fault));
        }
        let wait = self.next_pause(fault.retry_after).min(left);
        self.client.observer.retrying(self.made, wait, &fault.why);
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Waits before the next attempt, without a limit on attempts. The requested pause is capped, because nobody may be
    /// watching when a proxy asks for days.
    pub(crate) async fn again_for_ever(&mut self, fault: &Fault) {
        self.made += 1;
        let wait = self.next_pause(fault.retry_after.map(|asked| asked.min(LONGEST_ASKED)));
        self.client.observer.retrying(self.made, wait, &fault.why);
        tokio::time::sleep(wait).await;
    }

    /// Returns the back-off with jitter, never shorter than the requested pause.
    fn next_pause(&mut self, asked: Option<Duration>) -> Duration {
        let Retry { pause, next } = Retry::after(self.pause, self.client.retries.longest_pause);
        self.pause = next;
        match asked {
            // Requests refused together should not all return at the same moment.
            Some(asked) => asked + pause.min(Duration::from_millis(250)),
            None => pause,
        }
    }

    fn give_up(&self, fault: Fault) -> Error {
        match fault.problem {
            Some(problem) => Error::Problem(problem),
            None => Error::Unreachable {
                place: self.client.place().to_owned(),
                attempts: self.made,
                last: fault.why,
            },
        }
    }
}

struct Retry {
    pause: Duration,
    next: Duration,
}

impl Retry {
    /// Picks a pause between half and all of the base, and doubles the base.
    fn after(base: Duration, longest: Duration) -> Self {
        let base = base.min(longest);
        Self { pause: base.mul_f64(rand::random_range(0.5..=1.0)), next: (base * 2).min(longest) }
    }
}

impl Client {
    /// Sends until there is a usable response: a success or, with `any_status`, any that is not a temporary failure.
    pub(crate) async fn open(&self, call: &Call, attempts: &mut Attempts) -> Result<Response<ResponseBody>> {
        loop {
            match self.once(call).await {
                Ok(response) => return Ok(response),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Fault(fault)) => attempts.again(fault, call.repeatable()).await?,
            }
        }
    }

    /// Sends until there is a readable JSON response. The flag tells whether an earlier attempt with a lost response
    /// may have taken effect.
    pub(crate) async fn json<T: DeserializeOwned + Send>(&self, call: &Call) -> (Result<T>, bool) {
        let (outcome, lost) = self.dated_json(call).await;
        (outcome.map(|dated: Dated<T>| dated.value), lost)
    }

    /// As [`Client::json`], with the time of the platform.
    pub(crate) async fn dated_json<T: DeserializeOwned + Send>(
        &self,
        call: &Call,
    ) -> (Result<Dated<T>>, bool) {
        let mut value = None;
        let mut take = |bytes: &[u8]| parse(bytes).map(|parsed| value = Some(parsed));
        let (date, lost) = self.accept(call, &mut take).await;
        let dated = date.and_then(|date| {
            let value = value.ok_or_else(|| Error::Protocol("no answer".to_owned()))?;
            Ok(Dated { value, date })
        });
        (dated, lost)
    }

    /// Sends a request until `take` accepts the JSON of its answer; returns the time of the platform. Not generic, so
    /// that it is compiled once.
    fn accept<'a>(
        &'a self,
        call: &'a Call,
        take: &'a mut (dyn FnMut(&[u8]) -> Result<(), Failed> + Send),
    ) -> BoxFuture<'a, (Result<Option<Timestamp>>, bool)> {
        Box::pin(async move {
            let mut attempts = Attempts::new(self);
            loop {
                let response = match self.open(call, &mut attempts).await {
                    Ok(response) => response,
                    Err(error) => return (Err(error), attempts.lost),
                };
                let date = date(response.headers());
                match read_json(response).await.and_then(|bytes| take(&bytes)) {
                    Ok(()) => return (Ok(date), attempts.lost),
                    Err(Failed::Final(error)) => return (Err(error), attempts.lost),
                    Err(Failed::Fault(fault)) => {
                        if let Err(error) = attempts.again(fault, call.repeatable()).await {
                            return (Err(error), attempts.lost);
                        }
                    }
                }
            }
        })
    }

    /// Sends the request once.
    pub(crate) async fn once(&self, call: &Call) -> Result<Response<ResponseBody>, Failed> {
        if self.dry_run_only && call.changes_something() {
            let refused = format!("{} {} was not sent: this is a dry run", call.method, call.path);
            return Err(Failed::Final(Error::Protocol(refused)));
        }
        let request = self.request(call).await.map_err(Failed::Final)?;
        let line = format!("{} {}", call.method, call.path);
        self.observer.headers(Direction::Sent, &line, &masked(request.headers()));
        let sent = self.transport.send(request).await;
        if let Payload::File(source) = &call.payload
            && let Some(error) = source.trouble()
        {
            return Err(Failed::Final(error));
        }
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                return Err(Failed::Fault(Fault {
                    never_sent: error.never_sent,
                    ..Fault::broken(error.message)
                }));
            }
        };
        let status = response.status();
        if let Some(pacer) = &self.pacer
            && matches!(status.as_u16(), 429 | 503)
        {
            pacer.turned_away(retry_after(response.headers(), SystemTime::now()));
        }
        self.observer.exchange(&call.method, &call.path, status.as_u16());
        self.observer.headers(Direction::Received, &status.to_string(), &masked(response.headers()));
        if status.is_success() || call.any_status && !may_pass(status) {
            return Ok(response);
        }
        Err(refusal(response).await)
    }

    async fn request(&self, call: &Call) -> Result<Request<RequestBody>> {
        let body = match &call.payload {
            Payload::Empty => transport::empty(),
            Payload::Bytes(bytes) => transport::full(bytes.clone()),
            Payload::File(source) => source.body().await?,
        };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(call.path.as_str())
            .body(body)
            .map_err(|e| Error::Protocol(format!("{}: {e}", call.path)))?;
        let headers = request.headers_mut();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("accept-language", HeaderValue::from_static(self.lang.as_str()));
        headers.extend(call.headers.clone());
        if let Some(token) = &self.token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                .map_err(|_| Error::Protocol("the token has characters that no token has".to_owned()))?;
            value.set_sensitive(true);
            headers.insert("authorization", value);
        }
        Ok(request)
    }
}

/// Returns whether a status indicates a temporary failure.
fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// Reads a response that is not a success.
async fn refusal(response: Response<ResponseBody>) -> Failed {
    let (parts, body) = response.into_parts();
    let status = parts.status;
    let problem = match read_all(body, PROBLEM_MAX).await {
        Ok(bytes) => serde_json::from_slice::<Problem>(&bytes).ok().map(Box::new),
        Err(Failed::Fault(fault)) if !may_pass(status) => return Failed::Fault(fault),
        Err(_) => None,
    };
    if may_pass(status) {
        let why = match &problem {
            Some(problem) => format!("HTTP {status}: {}", problem.detail),
            None => format!("HTTP {status}"),
        };
        let retry_after = retry_after(&parts.headers, SystemTime::now());
        return Failed::Fault(Fault { problem, retry_after, status: Some(status), ..Fault::broken(why) });
    }
    Failed::Final(match problem {
        Some(problem) => Error::Problem(problem),
        None => match parts.headers.get(LOCATION).and_then(|to| to.to_str().ok()) {
            Some(to) if status.is_redirection() => Error::Protocol(format!("HTTP {status}: {to}")),
            _ => Error::Protocol(format!("HTTP {status}")),
        },
    })
}

/// Returns the time of the response by the platform's clock.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(headers.get(DATE)?.as_bytes()).ok()
}

/// Reads a successful response.
pub(crate) async fn read_json(response: Response<ResponseBody>) -> Result<Bytes, Failed> {
    let (parts, body) = response.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let bytes = read_all(body, ANSWER_MAX).await?;
    let bytes = if bytes.is_empty() && parts.status == StatusCode::NO_CONTENT {
        Bytes::from_static(b"null")
    } else {
        bytes
    };
    let bytes = if kind == JSON_LINES { as_array(&bytes) } else { bytes };
    if kind != "application/json" && kind != JSON_LINES && !kind.ends_with("+json") {
        return Err(Failed::Final(Error::Protocol(format!("HTTP {}, {kind}", parts.status))));
    }
    Ok(bytes)
}

/// Parses what [`read_json`] returned.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failed> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        // Complete but of unexpected shape: repeating would not help.
        serde_json::error::Category::Data => Failed::Final(Error::Protocol(error.to_string())),
        _ => Failed::Fault(Fault::broken(format!("the answer is broken: {error}"))),
    })
}

/// Converts JSON Lines to an array.
fn as_array(lines: &[u8]) -> Bytes {
    let mut array = vec![b'['];
    for line in lines.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        if array.len() > 1 {
            array.push(b',');
        }
        array.extend_from_slice(line);
    }
    array.push(b']');
    array.into()
}

async fn read_all(body: ResponseBody, most: usize) -> Result<Bytes, Failed> {
    if body.size_hint().lower() > most as u64 {
        return Err(Failed::Final(Error::Protocol(format!("an answer of more than {most} bytes"))));
    }
    // Named and boxed, because the compiler cannot see that the future is `Send` through `Limited`'s error conversion.
    let whole: BoxFuture<'static, Result<Collected<Bytes>, BoxError>> =
        Box::pin(Limited::new(body, most).collect());
    match whole.await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Failed::Final(Error::Protocol(format!("an answer of more than {most} bytes"))))
        }
        Err(error) => Err(Failed::Fault(Fault::broken(causes(error.as_ref())))),
    }
}

/// Returns the pause in `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // A number that does not fit counts as the maximum.
        return Some(Duration::from_secs(value.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let at: SystemTime = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().into();
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        // Sun, 06 Nov 1994 08:49:37 GMT
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked("99999999999999999999"), Some(Duration::from_secs(u32::MAX.into())));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("-1"), None);
    }

    #[test]
    fn only_what_is_safe_twice_is_repeatable() {
        let call = |method| Call::new(method, "/v1/x");
        for safe in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            assert!(call(safe).repeatable());
        }
        assert!(!call(Method::POST).repeatable());
        assert!(call(Method::POST).header(IDEMPOTENCY_KEY, "k").unwrap().repeatable());
        assert!(!call(Method::PATCH).repeatable());
        assert!(call(Method::PATCH).header("if-match", "\"3\"").unwrap().repeatable());
    }

    proptest! {
        #[test]
        fn pauses_grow_within_their_bounds(first in 1u64..5_000, longest in 1u64..60_000, steps in 1usize..30) {
            let longest = Duration::from_millis(longest);
            let mut base = Duration::from_millis(first);
            for _ in 0..steps {
                let Retry { pause, next } = Retry::after(base, longest);
                prop_assert!(pause <= longest && pause <= base);
                prop_assert!(pause >= base.min(longest) / 2 - Duration::from_nanos(1));
                prop_assert!(next <= longest);
                base = next;
            }
        }
    }
}
