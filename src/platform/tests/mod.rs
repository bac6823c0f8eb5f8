//! Tests of appeals on a complete platform in this process: real routes, a real database, a clock set by the test.

mod accounts;
mod authority;
mod deadlines;
mod disagreement;
mod files;
mod jobs;
mod life;
mod lists;
mod matrix;
mod model;
mod moves;
pub mod notices;
mod outbox;
mod reports;
mod reviews;
mod sharing;
mod versions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt as _;

use super::{Clock, Platform, Settings};
use appeal_domain::journal::{Entry, Link, Sealed, verify};

/// A platform with signed-in people.
pub struct World {
    pub platform: Platform,
    router: axum::Router,
    now: Arc<Mutex<Timestamp>>,
    tokens: Mutex<HashMap<String, String>>,
    _dir: tempfile::TempDir,
}

/// A response.
pub struct Reply {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

impl World {
    /// Creates a platform, on a Monday at ten in the morning in Moscow.
    pub async fn new() -> World {
        World::with(super::Gateways::default()).await
    }

    /// Creates a platform with these gateways.
    pub async fn with(gateways: super::Gateways) -> World {
        World::open(|settings| settings.gateways = gateways).await
    }

    /// Creates a platform with other settings.
    pub async fn open(change: impl FnOnce(&mut Settings)) -> World {
        let dir = tempfile::tempdir().expect("a directory");
        let now = Arc::new(Mutex::new("2026-11-09T07:00:00Z".parse::<Timestamp>().expect("a time")));
        let time = now.clone();
        let mut settings = Settings {
            data_dir: dir.path().to_owned(),
            database: None,
            files: None,
            local_people: true,
            gateways: super::Gateways::default(),
            clock: Clock::new(move || *time.lock().expect("the clock")),
            rate_limit: None,
            metrics: None,
        };
        change(&mut settings);
        let platform = Platform::open(settings).await.expect("a platform");
        let router = platform.router();
        World { platform, router, now, tokens: Mutex::default(), _dir: dir }
    }

    /// Advances the clock.
    pub fn pass(&self, time: SignedDuration) {
        let mut now = self.now.lock().expect("the clock");
        *now = now.checked_add(time).expect("a time");
    }

    pub fn days(&self, days: i64) {
        self.pass(SignedDuration::from_hours(24 * days));
    }

    pub fn now(&self) -> Timestamp {
        *self.now.lock().expect("the clock")
    }

    async fn token(&self, who: &str) -> String {
        let known = self.tokens.lock().expect("tokens").get(who).cloned();
        if let Some(token) = known {
            return token;
        }
        let token = self.platform.local_session(who).await.expect("somebody known");
        self.tokens.lock().expect("tokens").insert(who.to_owned(), token.clone());
        token
    }

    pub async fn raw(&self, who: &str, request: axum::http::request::Builder, body: Body) -> Reply {
        let token = self.token(who).await;
        let request =
            request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub async fn send(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        let reply = self.raw(who, request, body).await;
        (reply.status, reply.json())
    }

    /// Sends a request that must succeed.
    pub async fn ok(&self, who: &str, method: &str, path: &str, body: Value) -> Value {
        let (status, value) = self.send(who, method, path, body).await;
        assert!((200..300).contains(&status), "{who} {method} {path}: {status} {value:#}");
        value
    }

    /// Makes a move that must succeed.
    pub async fn act(&self, who: &str, number: &str, what: &str, body: Value) -> Value {
        self.ok(who, "POST", &format!("/v1/appeals/{number}/{what}"), body).await
    }

    /// Makes a move that must be refused with this status and code.
    pub async fn refused(
        &self,
        who: &str,
        number: &str,
        what: &str,
        body: Value,
        status: u16,
        code: &str,
    ) -> Value {
        let (got, problem) = self.send(who, "POST", &format!("/v1/appeals/{number}/{what}"), body).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{who} {what}: {problem:#}");
        worded(&problem);
        problem
    }

    pub async fn show(&self, who: &str, number: &str) -> Value {
        self.ok(who, "GET", &format!("/v1/appeals/{number}"), Value::Null).await
    }

    /// Files an appeal; returns its number.
    pub async fn file(&self, who: &str) -> String {
        let card = self.ok(who, "POST", "/v1/appeals", sample()).await;
        card["number"].as_str().expect("a number").to_owned()
    }

    /// Uploads bytes; returns a reference to them.
    pub async fn upload(&self, who: &str, name: &str, bytes: &[u8]) -> Value {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let request = Request::builder().method("PUT").uri(format!("/v1/uploads/{sha256}"));
        let reply = self.raw(who, request, Body::from(bytes.to_vec())).await;
        assert!(reply.status < 300, "{}", reply.json());
        json!({ "sha256": sha256, "name": name })
    }

    /// Returns the journal as visible to a person, verified.
    pub async fn journal(&self, who: &str, number: &str) -> Vec<Link> {
        let journal = self.ok(who, "GET", &format!("/v1/appeals/{number}/journal"), Value::Null).await;
        let links: Vec<Link> = journal["entries"].as_array().expect("entries").iter().map(link).collect();
        verify(&links).expect("an unbroken journal");
        assert_eq!(journal["length"].as_u64(), links.last().map(Link::seq));
        assert_eq!(journal["head"].as_str(), links.last().map(|last| last.seal().hash.as_str()));
        links
    }
}

fn link(value: &Value) -> Link {
    let text = |name: &str| value[name].as_str().expect(name).to_owned();
    let seal = Sealed { digest: text("digest"), hash: text("hash") };
    let seq = value["seq"].as_u64().expect("seq");
    if value.get("salt").is_none() {
        return Link::Hidden { seq, seal };
    }
    let entry: Entry = serde_json::from_value(json!({
        "seq": seq, "at": value["at"], "actor": value["actor"], "action": value["action"],
        "changes": value["changes"], "internal": value["internal"], "salt": value["salt"],
    }))
    .expect("an entry");
    Link::Full { entry, seal }
}

/// Checks that every problem and finding has a message rather than an id.
pub fn worded(problem: &Value) {
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(!detail.is_empty() && !detail.starts_with("problem-"), "no words: {problem:#}");
    assert!(!detail.contains("{$"), "a value is missing: {problem:#}");
    for finding in problem["errors"].as_array().into_iter().flatten() {
        for part in ["message", "remedy"] {
            let text = finding[part].as_str().unwrap_or_default();
            assert!(!text.is_empty() && !text.starts_with("finding-") && !text.contains("{$"), "{finding:#}");
        }
    }
}

/// A valid appeal.
pub fn sample() -> Value {
    json!({
        "subject": "Нет отопления в доме 12 по улице Лесной",
        "text": "С 3 ноября 2026 года в квартире 7 не работает отопление. Прошу восстановить подачу тепла.",
        "category": "housing.missing-services",
        "expected": "Отопление восстановлено",
    })
}

/// Returns the sample with some fields changed.
pub fn sample_with(changes: Value) -> Value {
    let mut value = sample();
    for (name, change) in changes.as_object().expect("an object") {
        value[name.as_str()] = change.clone();
    }
    value
}

pub fn number(card: &Value) -> String {
    card["number"].as_str().expect("a number").to_owned()
}
