//! The requirements of a route are checked before anything else.

use futures_util::stream;

use super::*;

/// Creates a token of this person with these scopes.
async fn narrow(p: &TestPlatform, login: &str, scopes: &[&str]) -> String {
    let session = p.session(login).await;
    let new = json!({ "scopes": scopes, "expires_at": "2026-12-01T00:00:00Z" });
    let issued = p.post(Caller::Token(&session), "/v1/tokens", new).await;
    issued.body["token"].as_str().unwrap().to_owned()
}

fn appeal() -> Value {
    json!({ "subject": "Яма", "text": "Глубокая яма у дома", "kind": "complaint", "category": "roads" })
}

/// A body that must not be read.
fn unread() -> Body {
    Body::from_stream(stream::once(async { panic!("the body was read") as std::io::Result<&'static str> }))
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_not_read() {
    let p = TestPlatform::new().await;
    let json = [("content-type", "application/json")];
    let reader = narrow(&p, "applicant", &["read"]).await;
    let filed = p.request(Caller::Token(&reader), "POST", "/v1/appeals", &json, unread()).await;
    filed.is_problem(403, "scope");
    let operator = p.session("operator").await;
    let loaded = p.request(Caller::Token(&operator), "POST", "/v1/admin/people", &json, unread()).await;
    loaded.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_stored_answer_is_not_given_to_a_token_without_the_scope() {
    let p = TestPlatform::new().await;
    let key = [("idempotency-key", "one")];
    let session = p.session("applicant").await;
    let filed = p.request(Caller::Token(&session), "POST", "/v1/appeals", &key, appeal()).await;
    assert_eq!(filed.status, 201, "{}", filed.body);
    let reader = narrow(&p, "applicant", &["read"]).await;
    p.request(Caller::Token(&reader), "POST", "/v1/appeals", &key, appeal()).await.is_problem(403, "scope");
    let lines = json!({ "key": "one", "appeal": appeal() });
    let batch = [("content-type", "application/jsonl")];
    let body = Body::from(lines.to_string());
    let answer = p.request(Caller::Token(&reader), "POST", "/v1/appeals/batch", &batch, body).await;
    assert_eq!(answer.body["error"]["code"], "scope", "{}", answer.body);
}

#[tokio::test]
async fn an_appeal_that_cannot_be_seen_is_missing_whatever_the_scope() {
    let p = TestPlatform::new().await;
    let session = p.session("applicant").await;
    let filed = p.post(Caller::Token(&session), "/v1/appeals", appeal()).await;
    let path = format!("/v1/appeals/{}/cancel", filed.body["number"].as_str().unwrap());
    let owner = narrow(&p, "applicant", &["read"]).await;
    p.post(Caller::Token(&owner), &path, json!({})).await.is_problem(403, "scope");
    let stranger = narrow(&p, "intermediary", &["read"]).await;
    p.post(Caller::Token(&stranger), &path, json!({})).await.is_problem(404, "not_found");
}
