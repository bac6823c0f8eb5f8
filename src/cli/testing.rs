//! Support for unit tests of commands: a context with a mock platform, without a process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::base::Context;
use crate::output::captured::Captured;
use crate::output::{Format, Options, Output};
use appeal_client::{Client, RequestBody, ResponseBody, Retries, Transport, TransportError};
use appeal_domain::AppealNumber;
use appeal_i18n::Lang;

/// A received request.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Method and path: `POST /v1/appeals`.
    pub line: String,
    pub key: Option<String>,
    pub body: Value,
}

/// A mock platform that returns prepared responses in order and records the requests.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<(u16, Value)>>,
    seen: Mutex<Vec<Seen>>,
}

#[async_trait]
impl Transport for Scripted {
    async fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let key = head.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
        self.seen.lock().unwrap().push(Seen {
            line: format!("{} {}", head.method, head.uri),
            key,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        });
        let next = self.answers.lock().unwrap().pop_front();
        let (status, answer) = next.unwrap_or_else(|| panic!("no answer to {} {}", head.method, head.uri));
        let kind = if status < 400 { "application/json" } else { "application/problem+json" };
        let body = Full::new(Bytes::from(answer.to_string())).map_err(|never| match never {}).boxed_unsync();
        Ok(http::Response::builder().status(status).header("content-type", kind).body(body).unwrap())
    }

    fn place(&self) -> &str {
        "https://appeals.example"
    }
}

/// A context with a mock platform.
pub struct Bench {
    pub ctx: Context,
    platform: Arc<Scripted>,
    out: Captured,
    err: Captured,
}

/// The fixed time of all tests.
pub fn now() -> Timestamp {
    "2026-11-12T09:00:00Z".parse().unwrap()
}

/// A valid number.
pub fn number() -> String {
    AppealNumber::from_parts(2026, 123_456_789).to_string()
}

/// Returns the JSON of an appeal with this status.
pub fn card(status: &str) -> Value {
    json!({
        "number": number(), "status": status, "kind": "complaint", "category": "roads", "subject": "Яма",
        "priority": "normal", "channel": "account", "fields": {}, "contacts": {},
        "applicant": { "login": "applicant", "name": "А" }, "department": "roads",
        "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T09:00:00Z",
        "status_since": "2026-11-01T09:00:00Z", "overdue": false, "deadlines": [], "attachments": [], "repeats": [], "escalations": [], "participants": [],
        "version": 1,
    })
}

/// Returns the JSON of a problem.
pub fn problem(status: u16, code: &str) -> (u16, Value) {
    (status, json!({ "status": status, "title": code, "code": code, "detail": code }))
}

impl Bench {
    /// Returns a context with a platform that gives these responses. Output is JSON.
    pub fn new(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self::with(answers, Options { format: Some(Format::Json), ..Options::default() }, "")
    }

    /// The same with these options of the printer and this stdin.
    pub fn with(
        answers: impl IntoIterator<Item = (u16, Value)>,
        options: Options,
        stdin: &'static str,
    ) -> Self {
        let platform = Arc::new(Scripted::default());
        platform.answers.lock().unwrap().extend(answers);
        let (output, out, err) = Output::captured(options);
        let never = Retries { for_at_most: std::time::Duration::ZERO, ..Retries::default() };
        let client = Client::new(platform.clone(), None, Lang::En).with_retries(never);
        let ctx = Context::for_test(client, now, output, stdin.as_bytes());
        Bench { ctx, platform, out, err }
    }

    /// Returns the received requests.
    pub fn seen(&self) -> Vec<Seen> {
        self.platform.seen.lock().unwrap().clone()
    }

    /// Returns stdout.
    pub fn printed(&mut self) -> String {
        self.ctx.out.finish().unwrap();
        self.out.text()
    }

    /// Returns stdout as JSON.
    pub fn json(&mut self) -> Value {
        serde_json::from_str(&self.printed()).unwrap()
    }

    /// Returns stderr.
    pub fn said(&mut self) -> String {
        self.ctx.out.finish().unwrap();
        self.err.text()
    }
}

/// Parses the arguments of a command.
pub fn parse<A: clap::Args>(words: &[&str]) -> A {
    let command = A::augment_args(clap::Command::new("command"));
    let matches = command.try_get_matches_from(std::iter::once(&"command").chain(words)).unwrap();
    A::from_arg_matches(&matches).unwrap()
}
