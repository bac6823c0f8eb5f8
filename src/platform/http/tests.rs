//! The platform's router, called in this process as a client would.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::args;
use crate::store::db::Tx;
use crate::store::events::{self, NewEvent};
use crate::store::{catalogue, fresh_id};
use crate::{Clock, OpenError, Platform, Settings};
use appeal_domain::{Event, Status};

mod access;
mod allowance;
mod bulk;
mod changes;
mod database;
mod uploads;

/// A platform with a clock that the test can move.
struct Site {
    dir: tempfile::TempDir,
    platform: Platform,
    time: Arc<Mutex<Timestamp>>,
}

/// A response, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    fn findings(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|e| e["code"].as_str()).collect()
    }

    #[track_caller]
    fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        for key in ["title", "detail", "hint"] {
            let text = self.body[key].as_str().unwrap_or("");
            assert!(!text.is_empty() && !text.contains("problem-") && !text.contains("{$"), "{key}: {text}");
        }
    }
}

fn settings(dir: &Path, clock: Clock) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        database: None,
        files: None,
        local_people: true,
        gateways: Default::default(),
        clock,
        rate_limit: None,
        metrics: None,
    }
}

impl Site {
    async fn open() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let time = Arc::new(Mutex::new("2026-03-02T09:00:00Z".parse().unwrap()));
        let clock = {
            let time = time.clone();
            Clock::new(move || *time.lock().unwrap())
        };
        let platform = Platform::open(settings(&dir.path().join("data"), clock)).await.unwrap();
        Site { dir, platform, time }
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    fn advance(&self, by: SignedDuration) {
        let mut time = self.time.lock().unwrap();
        *time = time.checked_add(by).unwrap();
    }

    async fn token(&self, login: &str) -> String {
        self.platform.local_session(login).await.unwrap()
    }

    async fn get(&self, login: &str, path: &str) -> Answer {
        let token = self.token(login).await;
        send(self.platform.router(), Method::GET, path, &token, &[], Body::empty()).await
    }

    async fn post(&self, token: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        send(self.platform.router(), Method::POST, path, token, &all, Body::from(body.to_string())).await
    }
}

async fn send(
    router: Router,
    method: Method,
    path: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Answer { status: parts.status, headers: parts.headers, body }
}

/// Inserts an appeal directly; these tests are not about appeals.
async fn plant(tx: &mut Tx, login: &str, number: &str, department: &str) -> crate::fault::Result<String> {
    let id = fresh_id();
    let person = catalogue::person_by_login(tx, login).await?.unwrap();
    tx.run(
        "INSERT INTO appeals (id, number, status, kind, category, subject, text, priority, channel, fields, \
         applicant_id, department, created_at, updated_at, status_since, version) \
         VALUES ($1, $2, 'submitted', 'complaint', 'general', 'S', 'T', 'normal', 'account', '{}', $3, $4, 1, 1, 1, 1)",
        args![&id, number, person, department],
    )
    .await?;
    Ok(id)
}

async fn announce(tx: &mut Tx, appeal_id: &str, event: Event, internal: bool) -> crate::fault::Result<i64> {
    let event = NewEvent {
        appeal_id,
        at: Timestamp::from_second(1_772_442_000).unwrap(),
        event,
        status: Status::Submitted,
        actor: "operator",
        detail: json!({ "level": "senior" }),
        internal,
    };
    events::append(tx, &event).await
}

#[tokio::test]
async fn everybody_may_read_the_reference_data() {
    let site = Site::open().await;
    let get =
        async |path: &str| send(site.platform.router(), Method::GET, path, "", &[], Body::empty()).await;
    let categories = get("/v1/categories").await;
    let codes: Vec<&str> =
        categories.body.as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap()).collect();
    for code in ["technical", "services", "documents", "general", "housing.repairs", "roads.safety", "taxes"]
    {
        assert!(codes.contains(&code), "{code}");
    }
    let one = get("/v1/categories/taxes.deduction").await.body;
    assert_eq!(one["attachments"]["max_files"], 3);
    assert_eq!(one["attachments"]["max_file_bytes"], 5 * 1024 * 1024);
    assert_eq!(one["parent"], "taxes");
    get("/v1/categories/nothing").await.is_problem(404, "not_found");
    assert!(get("/v1/templates").await.body.as_array().unwrap().len() >= 6);
    assert_eq!(get("/v1/templates/no-heating").await.body["category"], "housing.missing-services");
    assert!(get("/v1/departments").await.body.as_array().unwrap().len() >= 7);
    let limits = get("/v1/limits").await.body;
    assert_eq!(limits["text_max"], 10_000);
    assert_eq!(limits["attachments"]["max_file_bytes"], 10_485_760);
    assert_eq!(get("/healthz").await.status, StatusCode::OK);
    assert_eq!(get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn invalid_requests_get_a_problem_document() {
    let site = Site::open().await;
    let router = || site.platform.router();
    let token = site.token("applicant").await;
    send(router(), Method::GET, "/v1/me", "", &[], Body::empty()).await.is_problem(401, "unauthenticated");
    let refused = send(router(), Method::GET, "/v1/me", "apl_wrong", &[], Body::empty()).await;
    refused.is_problem(401, "unauthenticated");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    site.get("applicant", "/v1/nothing").await.is_problem(404, "not_found");
    let wrong = send(router(), Method::DELETE, "/v1/me", &token, &[], Body::empty()).await;
    wrong.is_problem(405, "method_not_allowed");
    assert!(wrong.headers.contains_key("allow"));
    site.get("applicant", "/v1/changes?nonsense=1").await.is_problem(400, "bad_request");
    site.get("applicant", "/v1/changes?limit=many").await.is_problem(400, "bad_request");
    site.get("applicant", "/v1/categories/%FF").await.is_problem(404, "not_found");
    let russian = [("accept-language", "ru-RU,ru;q=0.9")];
    let answer = send(router(), Method::GET, "/v1/nothing", &token, &russian, Body::empty()).await;
    assert_eq!(answer.body["title"], "Не найдено");
    assert!(!answer.headers["x-request-id"].is_empty());
    let body = Body::from("{}");
    let typed =
        send(router(), Method::POST, "/v1/tokens", &token, &[("content-type", "text/plain")], body).await;
    typed.is_problem(415, "unsupported_media_type");
    let json = [("content-type", "application/json; charset=utf-8")];
    for (path, content_type, body, status, code) in [
        ("/v1/tokens", "application/notjson", "{}", 415, "unsupported_media_type"),
        // An array is not accepted as the values of the fields in order.
        ("/v1/appeals", json[0].1, r#" ["Subject", "Text"]"#, 400, "bad_request"),
        ("/v1/appeals", json[0].1, "{", 400, "bad_request"),
        // A misspelt dry run is not filed for real.
        ("/v1/appeals?dry_run=yes", json[0].1, "{}", 400, "bad_request"),
        ("/v1/appeals?dryrun=true", json[0].1, "{}", 400, "bad_request"),
    ] {
        let typed = [("content-type", content_type)];
        send(router(), Method::POST, path, &token, &typed, Body::from(body)).await.is_problem(status, code);
    }
    let huge = Body::from(vec![b' '; (1 << 20) + 1]);
    let large =
        send(router(), Method::POST, "/v1/tokens", &token, &[("content-type", "application/json")], huge);
    large.await.is_problem(413, "too_large");
}

#[tokio::test]
async fn me_shows_the_person_even_for_a_blocked_account() {
    let site = Site::open().await;
    let me = site.get("representative", "/v1/me").await.body;
    assert_eq!(me["role"], "representative");
    assert_eq!(me["organizations"][0]["inn"], "7701123451");
    assert_eq!(me["contacts"]["email"], "representative@example.org");
    assert_eq!(me["next_step"], Value::Null);
    let operator = site.get("operator", "/v1/me").await.body;
    assert!(operator["departments"].as_array().unwrap().len() >= 7);
    assert_eq!(site.get("supervisor", "/v1/me").await.body["levels"].as_array().unwrap().len(), 5);

    site.platform
        .app
        .db()
        .write(|tx| {
            Box::pin(async move {
                tx.run("UPDATE people SET state = 'blocked' WHERE login = 'applicant'", args![]).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let blocked = site.get("applicant", "/v1/me").await;
    assert_eq!(blocked.status, StatusCode::OK);
    assert_eq!(blocked.body["state"], "blocked");
    assert!(blocked.body["next_step"].as_str().unwrap().contains("blocked"));
    site.get("applicant", "/v1/changes").await.is_problem(403, "account_blocked");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_problem_and_not_the_end() {
    async fn burst() -> &'static str {
        panic!("on purpose")
    }
    let router: Router = Router::new()
        .route("/burst", axum::routing::get(burst))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(super::panicked))
        .layer(axum::middleware::from_fn(super::respond::render));
    let answer = send(router, Method::GET, "/burst", "", &[], Body::empty()).await;
    answer.is_problem(500, "internal");
    assert!(!answer.body.to_string().contains("on purpose"), "internal details are not shown");
}

#[tokio::test]
async fn tokens_are_issued_within_role_and_scope_and_only_their_digest_is_kept() {
    let site = Site::open().await;
    let session = site.token("applicant").await;
    let new = json!({ "name": "cron", "scopes": ["read", "file"], "expires_at": "2026-04-01T00:00:00Z" });
    let key = [("idempotency-key", "one")];
    let first = site.post(&session, "/v1/tokens", &key, new.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let secret = first.body["token"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("apl_") && secret.len() > 40);

    let again = site.post(&session, "/v1/tokens", &key, new.clone()).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, first.body, "a lost answer is given again, secret included");
    let other = json!({ "scopes": ["read"], "expires_at": "2026-04-01T00:00:00Z" });
    site.post(&session, "/v1/tokens", &key, other.clone()).await.is_problem(422, "idempotency_key_reused");
    let elsewhere = site.token("applicant").await;
    site.post(&elsewhere, "/v1/tokens", &key, new).await.is_problem(409, "conflict");

    for entry in std::fs::read_dir(site.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for text in [secret.as_bytes(), session.as_bytes()] {
                assert!(!bytes.windows(text.len()).any(|w| w == text), "{} has a secret", path.display());
            }
        }
    }
    let router = || site.platform.router();
    let me = send(router(), Method::GET, "/v1/me", &secret, &[], Body::empty()).await;
    assert_eq!(me.body["scopes"], json!(["read", "file"]));

    let weak = site.post(&session, "/v1/tokens", &[], other).await.body["token"].as_str().unwrap().to_owned();
    let stronger = json!({ "scopes": ["file"], "expires_at": "2026-04-01T00:00:00Z" });
    site.post(&weak, "/v1/tokens", &[], stronger).await.is_problem(403, "scope");
    let refusals = [
        (json!({ "scopes": ["operate"], "expires_at": "2026-04-01T00:00:00Z" }), "token-scope-role"),
        (json!({ "scopes": [], "expires_at": "2026-04-01T00:00:00Z" }), "token-scope-missing"),
        (json!({ "scopes": ["read"], "expires_at": "2026-03-02T09:00:00Z" }), "token-expired"),
        (json!({ "scopes": ["read"], "expires_at": "2027-03-03T09:00:01Z" }), "token-expiry"),
        (json!({ "scopes": ["read"], "name": " ", "expires_at": "2026-04-01T00:00:00Z" }), "token-name"),
    ];
    for (body, code) in refusals {
        let refused = site.post(&session, "/v1/tokens", &[], body).await;
        refused.is_problem(422, "invalid");
        assert_eq!(refused.findings(), [code]);
    }
    let for_other =
        json!({ "scopes": ["operate"], "login": "operator", "expires_at": "2026-04-01T00:00:00Z" });
    site.post(&session, "/v1/tokens", &[], for_other.clone()).await.is_problem(403, "forbidden");
    let admin = site.token("admin").await;
    let issued = site.post(&admin, "/v1/tokens", &[], for_other).await;
    assert_eq!(issued.body["login"], "operator", "{}", issued.body);

    site.advance(SignedDuration::from_hours(24 * 40));
    send(router(), Method::GET, "/v1/me", &secret, &[], Body::empty())
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_used_twice_at_once_has_one_effect_and_one_answer() {
    let site = Site::open().await;
    let session = site.token("applicant").await;
    let new = json!({ "scopes": ["read"], "expires_at": "2026-04-01T00:00:00Z" });
    let key = [("idempotency-key", "same")];
    let both = (0..8).map(|_| site.post(&session, "/v1/tokens", &key, new.clone()));
    let answers = futures_util::future::join_all(both).await;
    assert!(answers.iter().all(|a| a.body == answers[0].body && a.status == StatusCode::CREATED));
    let count = count(&site, "SELECT count(*) AS n FROM tokens").await;
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_dry_run_saves_nothing() {
    let site = Site::open().await;
    let session = site.token("applicant").await;
    let new = json!({ "scopes": ["read"], "expires_at": "2026-04-01T00:00:00Z" });
    let tried =
        site.post(&session, "/v1/tokens?dry_run=true", &[("idempotency-key", "k")], new.clone()).await;
    assert_eq!(tried.body, json!({ "dry_run": true, "findings": [] }));
    assert_eq!(count(&site, "SELECT count(*) AS n FROM tokens").await, 0);
    let real = site.post(&session, "/v1/tokens", &[("idempotency-key", "k")], new).await;
    assert_eq!(real.status, StatusCode::CREATED, "the key is still free");
}

async fn count(site: &Site, sql: &'static str) -> i64 {
    site.platform.app.read(async |tx| Ok(tx.one(sql, args![]).await?.int("n")?)).await.unwrap()
}

#[test]
fn the_document_is_openapi_3_1_and_names_every_route_once() {
    let text = super::openapi_json();
    assert_eq!(text, super::openapi_json(), "it is stable");
    let api: Value = serde_json::from_str(&text).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = api["paths"].as_object().unwrap();
    for path in ["/v1/me", "/v1/limits", "/v1/uploads/{sha256}", "/v1/changes", "/v1/events", "/v1/tokens"] {
        assert!(paths.contains_key(path), "{path}");
    }
    let mut ids = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            assert_eq!(
                operation["responses"]["default"]["$ref"], "#/components/responses/Problem",
                "{method} {path}"
            );
            assert!(!operation["summary"].as_str().unwrap_or("").is_empty(), "{method} {path}");
        }
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "operation ids are unique");
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        for word in schema["enum"].as_array().into_iter().flatten() {
            let word = word.as_str().unwrap();
            assert_eq!(word, word.to_lowercase(), "{name} uses the names in JSON");
        }
    }
    let words = appeal_domain::Kind::words();
    assert_eq!(schemas["Kind"]["enum"], json!(words));
    for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(schemas.contains_key(reference), "{reference} is referred to and not described");
    }
    assert_eq!(api["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert!(api["paths"]["/v1/me"]["get"]["security"][0]["bearer"].is_array());
    assert!(api["paths"]["/v1/limits"]["get"]["security"].is_null());
}

#[test]
fn every_problem_code_has_words_in_both_languages() {
    use appeal_i18n::{Lang, has};
    let source = include_str!("../../api/problem.rs");
    let codes: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub const "))
        .filter_map(|line| line.split('"').nth(1))
        .filter(|code| !code.contains('/'))
        .collect();
    assert!(codes.len() >= 20);
    for code in codes {
        let code = code.replace('_', "-");
        for lang in [Lang::En, Lang::Ru] {
            assert!(has(lang, &format!("problem-title-{code}"), None), "{code} {lang:?}");
            assert!(has(lang, &format!("problem-{code}"), None), "{code} {lang:?}");
            assert!(has(lang, &format!("problem-{code}"), Some("hint")), "{code} {lang:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_login_lists_the_known_ones() {
    let site = Site::open().await;
    match site.platform.local_session("nobody").await {
        Err(OpenError::Login { login, logins }) => {
            assert_eq!(login, "nobody");
            for known in ["applicant", "operator", "operator-roads", "supervisor-federal", "admin"] {
                assert!(logins.iter().any(|l| l == known), "{known}");
            }
        }
        other => panic!("{other:?}"),
    }
}
