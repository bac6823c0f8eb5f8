//! The test harness: a complete platform in this process, with real routes, a real database, and a clock that the test
//! moves.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, header};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use snapbox::IntoJson as _;
use tower::ServiceExt as _;

use crate::caller::Peer;
use crate::store::db::Arg;
use crate::{Clock, Platform, Settings, args};
use appeal_domain::journal::{Entry, Link, Sealed, verify};

/// A platform with a clock that a test can move. It dereferences to the [`Platform`].
pub struct TestPlatform {
    platform: Platform,
    router: axum::Router,
    now: Arc<Mutex<Timestamp>>,
    /// Sessions of people who have sent a request, by login.
    sessions: Mutex<HashMap<String, String>>,
    dir: Arc<tempfile::TempDir>,
}

/// The sender of a request.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// A person with this login, in a session that lasts for the whole test.
    Person(&'a str),
    /// The holder of this token.
    Token(&'a str),
    /// A client without a token.
    Anonymous,
}

impl<'a> From<&'a str> for Caller<'a> {
    fn from(login: &'a str) -> Caller<'a> {
        Caller::Person(login)
    }
}

impl<'a> From<&'a String> for Caller<'a> {
    fn from(login: &'a String) -> Caller<'a> {
        Caller::Person(login)
    }
}

/// The body of a request.
pub enum Content {
    Json(Value),
    Other(Body),
}

/// JSON; `null` stands for no body.
impl From<Value> for Content {
    fn from(value: Value) -> Content {
        if value.is_null() { Content::Other(Body::empty()) } else { Content::Json(value) }
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Content {
        Content::Other(body)
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Content::Other(Body::from(bytes))
    }
}

impl From<&'static str> for Content {
    fn from(text: &'static str) -> Content {
        Content::Other(Body::from(text))
    }
}

impl From<String> for Content {
    fn from(text: String) -> Content {
        Content::Other(Body::from(text))
    }
}

/// A response.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    /// Empty for a stream of changes, which has no end.
    pub bytes: Vec<u8>,
    /// The bytes as JSON, or as a string if they are not JSON.
    pub body: Value,
}

impl Reply {
    /// Reads a response to its end.
    pub async fn read(response: Response<Body>) -> Reply {
        let (parts, body) = response.into_parts();
        let stream = parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "text/event-stream");
        let bytes = if stream { Vec::new() } else { body.collect().await.unwrap().to_bytes().to_vec() };
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Reply { status: parts.status.as_u16(), headers: parts.headers, bytes, body }
    }

    /// Returns a header, which must be present.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    /// Returns the code of a problem; an empty string for anything else.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Returns the codes of the findings of a problem.
    pub fn findings(&self) -> Vec<&str> {
        findings(&self.body)
    }

    /// Checks that this is a problem with this status and code, and with all its texts.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{:#}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        worded(&self.body);
    }

    /// Checks that the request was refused as invalid, with these findings.
    #[track_caller]
    pub fn is_invalid(&self, codes: &[&str]) {
        self.is_problem(422, "invalid");
        assert_eq!(self.findings(), codes, "{:#}", self.body);
    }

    /// Returns the body of a successful response.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {:#}", self.status, self.body);
        self.body
    }
}

impl Deref for TestPlatform {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

/// Returns the settings of a platform for one machine with this data directory.
pub fn settings(data_dir: &Path) -> Settings {
    Settings { data_dir: data_dir.to_owned(), local_people: true, ..Settings::default() }
}

/// Opening a platform, and its clock.
impl TestPlatform {
    /// Opens a new platform, on a Monday at ten in the morning in Moscow.
    pub async fn new() -> TestPlatform {
        TestPlatform::open(|_| ()).await
    }

    /// Opens a new platform with these changes of the settings.
    pub async fn open(change: impl FnOnce(&mut Settings)) -> TestPlatform {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let now = Arc::new(Mutex::new("2026-11-09T07:00:00Z".parse().unwrap()));
        TestPlatform::open_in(dir, now, change).await
    }

    /// Opens the same data once more, as another process does; both have the same clock.
    pub async fn open_again(&self) -> TestPlatform {
        TestPlatform::open_in(self.dir.clone(), self.now.clone(), |_| ()).await
    }

    async fn open_in(
        dir: Arc<tempfile::TempDir>,
        now: Arc<Mutex<Timestamp>>,
        change: impl FnOnce(&mut Settings),
    ) -> TestPlatform {
        let time = now.clone();
        let mut settings = settings(&dir.path().join("data"));
        settings.clock = Clock::new(move || *time.lock().unwrap());
        change(&mut settings);
        let platform = Platform::open(settings).await.unwrap();
        let router = platform.router();
        TestPlatform { platform, router, now, sessions: Mutex::default(), dir }
    }

    /// Returns the data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Returns the time of the clock.
    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    /// Moves the clock forward by whole days.
    pub fn advance_days(&self, days: i64) {
        self.advance(SignedDuration::from_hours(24 * days));
    }
}

/// Sending requests.
impl TestPlatform {
    /// Opens a new session of a person and returns its token.
    pub async fn session(&self, login: &str) -> String {
        self.platform.local_session(login).await.unwrap()
    }

    async fn token(&self, from: Caller<'_>) -> Option<String> {
        let login = match from {
            Caller::Person(login) => login,
            Caller::Token(token) => return Some(token.to_owned()),
            Caller::Anonymous => return None,
        };
        let known = self.sessions.lock().unwrap().get(login).cloned();
        if known.is_some() {
            return known;
        }
        let token = self.session(login).await;
        self.sessions.lock().unwrap().insert(login.to_owned(), token.clone());
        Some(token)
    }

    /// Sends a request and returns the response unread. Every other method sends through this one.
    pub async fn respond<'a>(
        &self,
        from: impl Into<Caller<'a>>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Content>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = self.token(from.into()).await {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body.into() {
            Content::Json(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            Content::Other(body) => body,
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    /// Sends a request with these headers.
    pub async fn request<'a>(
        &self,
        from: impl Into<Caller<'a>>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Content>,
    ) -> Reply {
        Reply::read(self.respond(from, method, path, headers, body).await).await
    }

    /// Sends a request without headers of its own.
    pub async fn send<'a>(
        &self,
        from: impl Into<Caller<'a>>,
        method: &str,
        path: &str,
        body: impl Into<Content>,
    ) -> Reply {
        self.request(from, method, path, &[], body).await
    }

    /// Sends a request without authentication from this address.
    pub async fn post_from(&self, address: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let mut request =
            Request::builder().method("POST").uri(path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_string())).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        Reply::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn get<'a>(&self, from: impl Into<Caller<'a>>, path: &str) -> Reply {
        self.send(from, "GET", path, Value::Null).await
    }

    pub async fn post<'a>(&self, from: impl Into<Caller<'a>>, path: &str, body: impl Into<Content>) -> Reply {
        self.send(from, "POST", path, body).await
    }

    /// Makes a move that must succeed.
    pub async fn act(&self, login: &str, number: &str, action: &str, body: Value) -> Value {
        self.post(login, &format!("/v1/appeals/{number}/{action}"), body).await.ok()
    }

    /// Makes a move that must be refused with this status and code; returns the problem.
    pub async fn refused(
        &self,
        login: &str,
        number: &str,
        action: &str,
        body: Value,
        status: u16,
        code: &str,
    ) -> Value {
        let reply = self.post(login, &format!("/v1/appeals/{number}/{action}"), body).await;
        reply.is_problem(status, code);
        reply.body
    }
}

/// Appeals and files.
impl TestPlatform {
    /// Returns an appeal as a person sees it.
    pub async fn show(&self, login: &str, number: &str) -> Value {
        self.get(login, &format!("/v1/appeals/{number}")).await.ok()
    }

    /// Files an appeal; returns its number.
    pub async fn file(&self, login: &str) -> String {
        number(&self.post(login, "/v1/appeals", sample()).await.ok())
    }

    /// Files the sample with some fields changed; returns the appeal.
    pub async fn file_with(&self, login: &str, changes: Value) -> Value {
        self.post(login, "/v1/appeals", sample_with(changes)).await.ok()
    }

    /// Files an appeal of the applicant that the operator answers; returns its number.
    pub async fn answered(&self) -> String {
        let number = self.file("applicant").await;
        self.act("operator", &number, "take", json!({})).await;
        self.act("operator", &number, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
        number
    }

    /// Changes fields of an appeal.
    pub async fn patch(&self, login: &str, number: &str, body: Value) -> Reply {
        self.send(login, "PATCH", &format!("/v1/appeals/{number}"), body).await
    }

    /// Returns all changes that a person sees.
    pub async fn changes(&self, login: &str) -> Vec<Value> {
        let page = self.get(login, "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
        page["items"].as_array().unwrap().clone()
    }

    /// Returns the events of all changes that a person sees.
    pub async fn events(&self, login: &str) -> Vec<String> {
        self.changes(login).await.iter().map(|change| change["event"].as_str().unwrap().to_owned()).collect()
    }

    /// Uploads bytes; returns a reference to them.
    pub async fn upload(&self, login: &str, name: &str, bytes: &[u8]) -> Value {
        let sha256 = hex::encode(Sha256::digest(bytes));
        self.send(login, "PUT", &format!("/v1/uploads/{sha256}"), bytes.to_vec()).await.ok();
        json!({ "sha256": sha256, "name": name })
    }

    /// Returns the journal as visible to a person, verified.
    pub async fn journal(&self, login: &str, number: &str) -> Vec<Link> {
        let journal = self.get(login, &format!("/v1/appeals/{number}/journal")).await.ok();
        let links: Vec<Link> = journal["entries"].as_array().unwrap().iter().map(link).collect();
        verify(&links).expect("an unbroken journal");
        assert_eq!(journal["length"].as_u64(), links.last().map(Link::seq));
        assert_eq!(journal["head"].as_str(), links.last().map(|last| last.seal().hash.as_str()));
        links
    }
}

/// The database.
impl TestPlatform {
    /// Runs statements.
    pub async fn sql(&self, text: &str) {
        let text = text.to_owned();
        let done = self.app.db().write(move |tx| {
            let text = text.clone();
            Box::pin(async move { Ok(tx.raw(&text).await?) })
        });
        done.await.unwrap();
    }

    /// Runs a statement with an argument.
    pub async fn run(&self, sql: &'static str, arg: impl Into<Arg>) {
        let arg = arg.into();
        let done = self.app.db().write(move |tx| {
            let arg = arg.clone();
            Box::pin(async move { Ok(tx.run(sql, vec![arg]).await?) })
        });
        done.await.unwrap();
    }

    /// Returns the number that a query selects as `n`.
    pub async fn count(&self, sql: &str) -> i64 {
        self.app.read(async |tx| Ok(tx.one(sql, args![]).await?.int("n")?)).await.unwrap()
    }

    /// Returns the text that a query selects as `t`.
    pub async fn text(&self, sql: &str) -> String {
        self.app.read(async |tx| Ok(tx.one(sql, args![]).await?.text("t")?)).await.unwrap()
    }

    /// Adds a person.
    pub async fn person(&self, login: &str, role: &str, state: &str) {
        // One of the local people may already have the login.
        self.sql(&format!(
            "UPDATE people SET login = 'stock-{login}' WHERE login = '{login}'; \
             INSERT INTO people (id, login, name, role, state, levels, created_at) \
             VALUES ('id-{login}', '{login}', 'Имя {login}', '{role}', '{state}', '[]', 0)"
        ))
        .await;
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

/// Checks that a problem and all its findings have their texts rather than ids of texts.
#[track_caller]
pub fn worded(problem: &Value) {
    for key in ["title", "detail", "hint"] {
        let text = problem[key].as_str().unwrap_or_default();
        assert!(!text.is_empty() && !text.contains("problem-") && !text.contains("{$"), "{key}: {problem:#}");
    }
    for finding in problem["errors"].as_array().into_iter().flatten() {
        for key in ["message", "remedy"] {
            let text = finding[key].as_str().unwrap_or_default();
            assert!(!text.is_empty() && !text.starts_with("finding-") && !text.contains("{$"), "{finding:#}");
        }
    }
}

/// Compares fields of a JSON object with a snapshot. The object may have other fields besides. `"[..]"` stands for any
/// text, `"{...}"` for any value, and `"...": "{...}"` for any fields.
#[track_caller]
pub fn assert_fields(object: &Value, mut expected: Value) {
    expected["..."] = "{...}".into();
    assert_json(object, expected);
}

/// Compares JSON with a snapshot, which may have the placeholders of [`assert_fields`].
#[track_caller]
pub fn assert_json(value: &Value, expected: Value) {
    snapbox::assert_data_eq!(value.clone().into_json(), expected.into_json());
}

/// Returns the codes of the findings of a problem or of a dry run.
pub fn findings(value: &Value) -> Vec<&str> {
    let all = value["errors"].as_array().or_else(|| value["findings"].as_array());
    all.into_iter().flatten().filter_map(|finding| finding["code"].as_str()).collect()
}

/// Returns a valid appeal.
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

/// Returns the number of an appeal.
pub fn number(card: &Value) -> String {
    card["number"].as_str().expect("a number").to_owned()
}
