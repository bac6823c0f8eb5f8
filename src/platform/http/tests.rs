//! The platform's router, called in this process as a client would.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::args;
use crate::store::db::Tx;
use crate::store::events::{self, NewEvent};
use crate::store::{catalogue, fresh_id};
use crate::tests::harness::{Caller, Content, Reply, TestPlatform, settings};
use crate::{OpenError, Platform, Settings};
use appeal_domain::{Event, Status};

mod access;
mod allowance;
mod bulk;
mod changes;
mod database;
mod uploads;

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
        at: Timestamp::from_second(1_794_207_600).unwrap(),
        event,
        status: Status::Submitted,
        actor: "operator",
        detail: json!({ "level": "senior" }),
        internal,
    };
    events::append(tx, &event).await
}

async fn anonymous(p: &TestPlatform, path: &str) -> Reply {
    p.get(Caller::Anonymous, path).await
}

#[tokio::test]
async fn categories_are_public() {
    let p = TestPlatform::new().await;
    let categories = anonymous(&p, "/v1/categories").await.ok();
    let codes: Vec<&str> =
        categories.as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap()).collect();
    for code in ["technical", "services", "documents", "general", "housing.repairs", "roads.safety", "taxes"]
    {
        assert!(codes.contains(&code), "{code}");
    }
    anonymous(&p, "/v1/categories/nothing").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_category_has_its_limits_and_its_parent() {
    let p = TestPlatform::new().await;
    let one = anonymous(&p, "/v1/categories/taxes.deduction").await.ok();
    assert_eq!(one["attachments"]["max_files"], 3);
    assert_eq!(one["attachments"]["max_file_bytes"], 5 * 1024 * 1024);
    assert_eq!(one["parent"], "taxes");
}

#[tokio::test]
async fn templates_departments_and_limits_are_public() {
    let p = TestPlatform::new().await;
    assert!(anonymous(&p, "/v1/templates").await.body.as_array().unwrap().len() >= 6);
    let template = anonymous(&p, "/v1/templates/no-heating").await.body;
    assert_eq!(template["category"], "housing.missing-services");
    assert!(anonymous(&p, "/v1/departments").await.body.as_array().unwrap().len() >= 7);
    let limits = anonymous(&p, "/v1/limits").await.body;
    assert_eq!(limits["text_max"], 10_000);
    assert_eq!(limits["attachments"]["max_file_bytes"], 10_485_760);
}

#[tokio::test]
async fn a_new_platform_is_healthy_and_ready() {
    let p = TestPlatform::new().await;
    assert_eq!(anonymous(&p, "/healthz").await.status, 200);
    assert_eq!(anonymous(&p, "/readyz").await.status, 200);
}

#[tokio::test]
async fn a_request_without_a_valid_token_is_unauthenticated() {
    let p = TestPlatform::new().await;
    anonymous(&p, "/v1/me").await.is_problem(401, "unauthenticated");
    let refused = p.get(Caller::Token("apl_wrong"), "/v1/me").await;
    refused.is_problem(401, "unauthenticated");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn an_unknown_route_or_method_is_a_problem() {
    let p = TestPlatform::new().await;
    p.get("applicant", "/v1/nothing").await.is_problem(404, "not_found");
    p.get("applicant", "/v1/categories/%FF").await.is_problem(404, "not_found");
    let wrong = p.send("applicant", "DELETE", "/v1/me", Value::Null).await;
    wrong.is_problem(405, "method_not_allowed");
    assert!(wrong.headers.contains_key("allow"));
}

#[tokio::test]
async fn an_invalid_query_is_a_problem() {
    let p = TestPlatform::new().await;
    p.get("applicant", "/v1/changes?nonsense=1").await.is_problem(400, "bad_request");
    p.get("applicant", "/v1/changes?limit=many").await.is_problem(400, "bad_request");
}

#[tokio::test]
async fn a_problem_is_in_the_language_of_the_request_and_has_its_id() {
    let p = TestPlatform::new().await;
    let russian = [("accept-language", "ru-RU,ru;q=0.9")];
    let reply = p.request("applicant", "GET", "/v1/nothing", &russian, Value::Null).await;
    assert_eq!(reply.body["title"], "Не найдено");
    assert!(!reply.headers["x-request-id"].is_empty());
}

#[tokio::test]
async fn an_invalid_body_is_a_problem() {
    let p = TestPlatform::new().await;
    let json = "application/json; charset=utf-8";
    for (path, content_type, body, status, code) in [
        ("/v1/tokens", "text/plain", "{}", 415, "unsupported_media_type"),
        ("/v1/tokens", "application/notjson", "{}", 415, "unsupported_media_type"),
        // An array is not accepted as the values of the fields in order.
        ("/v1/appeals", json, r#" ["Subject", "Text"]"#, 400, "bad_request"),
        ("/v1/appeals", json, "{", 400, "bad_request"),
        // A misspelt dry run is not filed for real.
        ("/v1/appeals?dry_run=yes", json, "{}", 400, "bad_request"),
        ("/v1/appeals?dryrun=true", json, "{}", 400, "bad_request"),
    ] {
        let typed = [("content-type", content_type)];
        p.request("applicant", "POST", path, &typed, body).await.is_problem(status, code);
    }
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let p = TestPlatform::new().await;
    let json = [("content-type", "application/json")];
    let huge = vec![b' '; (1 << 20) + 1];
    p.request("applicant", "POST", "/v1/tokens", &json, huge).await.is_problem(413, "too_large");
}

#[tokio::test]
async fn me_shows_the_person() {
    let p = TestPlatform::new().await;
    let me = p.get("representative", "/v1/me").await.body;
    assert_eq!(me["role"], "representative");
    assert_eq!(me["organizations"][0]["inn"], "7701123451");
    assert_eq!(me["contacts"]["email"], "representative@example.org");
    assert_eq!(me["next_step"], Value::Null);
}

#[tokio::test]
async fn me_shows_departments_and_levels() {
    let p = TestPlatform::new().await;
    let operator = p.get("operator", "/v1/me").await.body;
    assert!(operator["departments"].as_array().unwrap().len() >= 7);
    assert_eq!(p.get("supervisor", "/v1/me").await.body["levels"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn me_shows_a_blocked_account() {
    let p = TestPlatform::new().await;
    p.sql("UPDATE people SET state = 'blocked' WHERE login = 'applicant'").await;
    let blocked = p.get("applicant", "/v1/me").await;
    assert_eq!(blocked.status, 200);
    assert_eq!(blocked.body["state"], "blocked");
    assert!(blocked.body["next_step"].as_str().unwrap().contains("blocked"));
    p.get("applicant", "/v1/changes").await.is_problem(403, "account_blocked");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_problem_and_not_the_end() {
    async fn burst() -> &'static str {
        panic!("on purpose")
    }
    let p = TestPlatform::new().await;
    let router: Router = Router::new()
        .route("/burst", axum::routing::get(burst))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(super::panicked))
        .layer(axum::middleware::from_fn_with_state(p.app.clone(), super::respond::render));
    let request = Request::get("/burst").body(Body::empty()).unwrap();
    let answer = Reply::read(router.oneshot(request).await.unwrap()).await;
    answer.is_problem(500, "internal");
    assert!(!answer.body.to_string().contains("on purpose"), "internal details are not shown");
}

fn new_token(scopes: &[&str]) -> Value {
    json!({ "scopes": scopes, "expires_at": "2026-12-01T00:00:00Z" })
}

fn token(reply: &Reply) -> String {
    reply.body["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_has_the_scopes_it_was_created_with() {
    let p = TestPlatform::new().await;
    let created = p.post("applicant", "/v1/tokens", new_token(&["read", "file"])).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let secret = token(&created);
    assert!(secret.starts_with("apl_") && secret.len() > 40);
    let me = p.get(Caller::Token(&secret), "/v1/me").await;
    assert_eq!(me.body["scopes"], json!(["read", "file"]));
}

#[tokio::test]
async fn the_creation_of_a_token_is_repeated_with_its_key() {
    let p = TestPlatform::new().await;
    let key = [("idempotency-key", "one")];
    let create =
        async |scopes: &[&str]| p.request("applicant", "POST", "/v1/tokens", &key, new_token(scopes)).await;
    let first = create(&["read", "file"]).await;
    let again = create(&["read", "file"]).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, first.body, "a lost response is given again, secret included");
    create(&["read"]).await.is_problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn another_session_does_not_get_the_secret_of_a_token() {
    let p = TestPlatform::new().await;
    let key = [("idempotency-key", "one")];
    p.request("applicant", "POST", "/v1/tokens", &key, new_token(&["read"])).await.ok();
    let elsewhere = p.session("applicant").await;
    let again = p.request(Caller::Token(&elsewhere), "POST", "/v1/tokens", &key, new_token(&["read"])).await;
    again.is_problem(409, "conflict");
}

#[tokio::test]
async fn no_secret_of_a_token_is_stored_in_readable_form() {
    let p = TestPlatform::new().await;
    let session = p.session("applicant").await;
    let key = [("idempotency-key", "one")];
    let created = p.request(Caller::Token(&session), "POST", "/v1/tokens", &key, new_token(&["read"])).await;
    for entry in std::fs::read_dir(p.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for text in [token(&created).as_bytes(), session.as_bytes()] {
                assert!(!bytes.windows(text.len()).any(|w| w == text), "{} has a secret", path.display());
            }
        }
    }
}

#[tokio::test]
async fn a_token_creates_no_token() {
    let p = TestPlatform::new().await;
    let weak = token(&p.post("applicant", "/v1/tokens", new_token(&["read"])).await);
    let another = p.post(Caller::Token(&weak), "/v1/tokens", new_token(&["read"])).await;
    another.is_problem(403, "session_required");
}

#[tokio::test]
async fn invalid_tokens_are_refused() {
    let p = TestPlatform::new().await;
    for (body, code) in [
        (new_token(&["operate"]), "token-scope-role"),
        (new_token(&[]), "token-scope-missing"),
        (json!({ "scopes": ["read"], "expires_at": "2026-11-09T07:00:00Z" }), "token-expired"),
        (json!({ "scopes": ["read"], "expires_at": "2027-11-10T07:00:01Z" }), "token-expiry"),
        (json!({ "scopes": ["read"], "name": " ", "expires_at": "2026-12-01T00:00:00Z" }), "token-name"),
    ] {
        p.post("applicant", "/v1/tokens", body).await.is_invalid(&[code]);
    }
}

#[tokio::test]
async fn only_an_administrator_creates_tokens_for_others() {
    let p = TestPlatform::new().await;
    let mut body = new_token(&["operate"]);
    body["login"] = "operator".into();
    p.post("applicant", "/v1/tokens", body.clone()).await.is_problem(403, "forbidden");
    let issued = p.post("admin", "/v1/tokens", body).await;
    assert_eq!(issued.body["login"], "operator", "{}", issued.body);
}

#[tokio::test]
async fn a_token_expires() {
    let p = TestPlatform::new().await;
    let secret = token(&p.post("applicant", "/v1/tokens", new_token(&["read"])).await);
    p.advance_days(40);
    p.get(Caller::Token(&secret), "/v1/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_used_twice_at_once_has_one_effect_and_one_answer() {
    let p = TestPlatform::new().await;
    let session = p.session("applicant").await;
    let new = json!({ "scopes": ["read"], "expires_at": "2026-12-01T00:00:00Z" });
    let key = [("idempotency-key", "same")];
    let both = (0..8).map(|_| p.request(Caller::Token(&session), "POST", "/v1/tokens", &key, new.clone()));
    let answers = futures_util::future::join_all(both).await;
    assert!(answers.iter().all(|a| a.body == answers[0].body && a.status == 201));
    let count = p.count("SELECT count(*) AS n FROM tokens").await;
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_dry_run_saves_nothing() {
    let p = TestPlatform::new().await;
    let session = p.session("applicant").await;
    let new = json!({ "scopes": ["read"], "expires_at": "2026-12-01T00:00:00Z" });
    let tried = p
        .request(
            Caller::Token(&session),
            "POST",
            "/v1/tokens?dry_run=true",
            &[("idempotency-key", "k")],
            new.clone(),
        )
        .await;
    assert_eq!(tried.body, json!({ "dry_run": true, "findings": [] }));
    assert_eq!(p.count("SELECT count(*) AS n FROM tokens").await, 0);
    let real =
        p.request(Caller::Token(&session), "POST", "/v1/tokens", &[("idempotency-key", "k")], new).await;
    assert_eq!(real.status, 201, "the key is still free");
}

fn openapi() -> Value {
    serde_json::from_str(&super::openapi_json()).unwrap()
}

/// Returns every operation with its method and path.
fn operations(api: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), operation));
        }
    }
    all
}

#[test]
fn the_document_is_openapi_3_1_and_stable() {
    assert_eq!(super::openapi_json(), super::openapi_json());
    assert!(openapi()["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn the_document_has_the_routes() {
    let api = openapi();
    for path in ["/v1/me", "/v1/limits", "/v1/uploads/{sha256}", "/v1/changes", "/v1/events", "/v1/tokens"] {
        assert!(api["paths"].as_object().unwrap().contains_key(path), "{path}");
    }
}

#[test]
fn every_operation_has_an_id_a_summary_and_a_problem() {
    let api = openapi();
    let mut ids = std::collections::BTreeSet::new();
    for (name, operation) in operations(&api) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: the id is not unique");
        let problem = &operation["responses"]["default"]["$ref"];
        assert_eq!(problem, "#/components/responses/Problem", "{name}");
        assert!(!operation["summary"].as_str().unwrap_or("").is_empty(), "{name}");
    }
}

#[test]
fn enumerations_are_the_names_in_json() {
    let api = openapi();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        for word in schema["enum"].as_array().into_iter().flatten() {
            let word = word.as_str().unwrap();
            assert_eq!(word, word.to_lowercase(), "{name} uses the names in JSON");
        }
    }
    assert_eq!(schemas["Kind"]["enum"], json!(appeal_domain::Kind::words()));
}

#[test]
fn every_schema_that_is_referred_to_is_described() {
    let text = super::openapi_json();
    let api = openapi();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(schemas.contains_key(reference), "{reference} is referred to and not described");
    }
}

#[test]
fn the_document_says_which_operations_need_a_token() {
    let api = openapi();
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
    let p = TestPlatform::new().await;
    match p.local_session("nobody").await {
        Err(OpenError::Login { login, logins }) => {
            assert_eq!(login, "nobody");
            for known in ["applicant", "operator", "operator-roads", "supervisor-federal", "admin"] {
                assert!(logins.iter().any(|l| l == known), "{known}");
            }
        }
        other => panic!("{other:?}"),
    }
}

/// Returns method and path of every operation that needs a scope other than reading, or a session.
fn beyond_reading() -> Vec<(String, String)> {
    let api: Value = serde_json::from_str(&crate::http::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let accepted: Vec<&Value> = operation["security"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|way| way["bearer"].as_array().unwrap())
                .collect();
            if !accepted.is_empty() && accepted.iter().all(|scope| **scope != "read") {
                all.push((method.to_uppercase(), path.replace(['{', '}'], "x")));
            }
        }
    }
    all
}

#[tokio::test]
async fn a_request_without_the_scope_is_refused_before_its_body_is_read() {
    let p = TestPlatform::new().await;
    let reading = token(&p.post("applicant", "/v1/tokens", new_token(&["read"])).await);
    let operations = beyond_reading();
    assert!(operations.len() > 30, "{}", operations.len());
    for (method, path) in operations {
        let read = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let noted = read.clone();
        let body = Body::from_stream(futures_util::stream::once(async move {
            noted.store(true, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>("{}")
        }));
        let json = [("content-type", "application/json")];
        let reply = p.request(Caller::Token(&reading), &method, &path, &json, body).await;
        assert!([403, 404, 422].contains(&reply.status), "{method} {path}: {}", reply.status);
        assert!(!read.load(std::sync::atomic::Ordering::SeqCst), "{method} {path}");
    }
}
