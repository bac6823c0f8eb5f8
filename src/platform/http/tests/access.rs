//! The requirements of a route are checked before anything else.

use futures_util::stream;

use super::*;

/// Creates a token of this person with these scopes.
async fn narrow(site: &Site, login: &str, scopes: &[&str]) -> String {
    let session = site.token(login).await;
    let new = json!({ "scopes": scopes, "expires_at": "2026-04-01T00:00:00Z" });
    let issued = site.post(&session, "/v1/tokens", &[], new).await;
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
    let site = Site::open().await;
    let json = [("content-type", "application/json")];
    let reader = narrow(&site, "applicant", &["read"]).await;
    let filed = send(site.platform.router(), Method::POST, "/v1/appeals", &reader, &json, unread()).await;
    filed.is_problem(403, "scope");
    let operator = site.token("operator").await;
    let loaded =
        send(site.platform.router(), Method::POST, "/v1/admin/people", &operator, &json, unread()).await;
    loaded.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_stored_answer_is_not_given_to_a_token_without_the_scope() {
    let site = Site::open().await;
    let key = [("idempotency-key", "one")];
    let session = site.token("applicant").await;
    let filed = site.post(&session, "/v1/appeals", &key, appeal()).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
    let reader = narrow(&site, "applicant", &["read"]).await;
    site.post(&reader, "/v1/appeals", &key, appeal()).await.is_problem(403, "scope");
    let lines = json!({ "key": "one", "appeal": appeal() });
    let batch = [("content-type", "application/jsonl")];
    let body = Body::from(lines.to_string());
    let answer = send(site.platform.router(), Method::POST, "/v1/appeals/batch", &reader, &batch, body).await;
    assert_eq!(answer.body["error"]["code"], "scope", "{}", answer.body);
}

#[tokio::test]
async fn an_appeal_that_cannot_be_seen_is_missing_whatever_the_scope() {
    let site = Site::open().await;
    let session = site.token("applicant").await;
    let filed = site.post(&session, "/v1/appeals", &[], appeal()).await;
    let path = format!("/v1/appeals/{}/cancel", filed.body["number"].as_str().unwrap());
    let owner = narrow(&site, "applicant", &["read"]).await;
    site.post(&owner, &path, &[], json!({})).await.is_problem(403, "scope");
    let stranger = narrow(&site, "intermediary", &["read"]).await;
    site.post(&stranger, &path, &[], json!({})).await.is_problem(404, "not_found");
}
