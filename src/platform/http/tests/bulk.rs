//! Filing many appeals in one request.

use super::*;

fn appeal(n: usize) -> Value {
    json!({ "subject": format!("Яма номер {n}"), "text": "С 1 ноября 2026 года на дороге яма.", "category": "roads" })
}

fn line(key: &str, appeal: &Value) -> String {
    json!({ "key": key, "appeal": appeal }).to_string()
}

/// Sends a batch; returns the response and its lines.
async fn bulk(p: &TestPlatform, login: &str, body: impl Into<Content>) -> (Reply, Vec<Value>) {
    let headers = [("content-type", "application/jsonl")];
    let reply = p.request(login, "POST", "/v1/appeals/batch", &headers, body).await;
    let lines = match &reply.body {
        Value::String(text) => text.lines().map(|l| serde_json::from_str(l).unwrap()).collect(),
        one => vec![one.clone()],
    };
    (reply, lines)
}

/// Returns how many appeals the applicant has.
async fn filed(p: &TestPlatform) -> usize {
    p.get("applicant", "/v1/appeals?limit=500").await.body["items"].as_array().unwrap().len()
}

/// Two valid appeals, of which the first is repeated, and lines with every kind of error.
fn mixed() -> String {
    [
        line("a", &appeal(1)),
        line("b", &json!({ "subject": "", "text": "" })),
        "{\"key\":".to_owned(),
        String::new(),
        line("c", &appeal(3)),
        line("a", &appeal(1)),
        line("a", &appeal(9)),
        line("", &appeal(5)),
        line("d", &json!({ "subject": "x", "colour": "red" })),
    ]
    .join("\n")
}

#[tokio::test]
async fn every_line_is_filed_or_refused_individually() {
    let p = TestPlatform::new().await;
    let (reply, lines) = bulk(&p, "applicant", mixed()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "application/jsonl");
    let outcome = |line: &Value| format!("{} {}", line["status"].as_str().unwrap(), line["replayed"]);
    let outcomes: Vec<String> = lines.iter().map(outcome).collect();
    let (filed, failed) = ("filed false", "failed false");
    let expected = [filed, failed, failed, filed, "filed true", failed, failed, failed];
    assert_eq!(outcomes, expected);
    assert_eq!(lines[0]["number"], lines[4]["number"]);
}

#[tokio::test]
async fn a_failed_line_has_its_problem() {
    let p = TestPlatform::new().await;
    let (_, lines) = bulk(&p, "applicant", mixed()).await;
    assert_eq!(lines[1]["error"]["errors"][0]["code"], "subject-missing");
    assert_eq!((&lines[2]["key"], &lines[2]["error"]["code"]), (&Value::Null, &json!("bad_request")));
    assert_eq!(lines[5]["error"]["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn a_repeated_batch_returns_the_same_appeals() {
    let p = TestPlatform::new().await;
    let (_, first) = bulk(&p, "applicant", mixed()).await;
    assert_eq!(filed(&p).await, 2);
    let (_, again) = bulk(&p, "applicant", mixed()).await;
    assert_eq!((&again[0]["number"], &again[3]["number"]), (&first[0]["number"], &first[3]["number"]));
    assert!(again[3]["replayed"].as_bool().unwrap());
    assert_eq!(filed(&p).await, 2);
}

#[tokio::test]
async fn a_line_repeated_on_its_own_returns_the_same_appeal() {
    let p = TestPlatform::new().await;
    let (_, lines) = bulk(&p, "applicant", mixed()).await;
    let key = [("idempotency-key", "c")];
    let alone = p.request("applicant", "POST", "/v1/appeals", &key, appeal(3)).await;
    assert_eq!((alone.status, &alone.body["number"]), (201, &lines[3]["number"]));
    assert_eq!(filed(&p).await, 2);
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_refused_as_a_whole() {
    let p = TestPlatform::new().await;
    let many = (0..501).map(|n| line(&n.to_string(), &appeal(n))).collect::<Vec<_>>().join("\n");
    bulk(&p, "applicant", many).await.0.is_problem(413, "too_large");
    bulk(&p, "applicant", vec![b'\n'; 17 * 1024 * 1024]).await.0.is_problem(413, "too_large");
    assert_eq!(filed(&p).await, 0);
}

#[tokio::test]
async fn a_batch_must_be_json_lines() {
    let p = TestPlatform::new().await;
    let refused = p.post("applicant", "/v1/appeals/batch", appeal(1)).await;
    refused.is_problem(415, "unsupported_media_type");
    assert_eq!(filed(&p).await, 0);
}

#[tokio::test]
async fn an_empty_batch_files_nothing() {
    let p = TestPlatform::new().await;
    let (reply, lines) = bulk(&p, "applicant", "").await;
    assert_eq!((reply.status, lines.len()), (200, 0));
    assert_eq!(filed(&p).await, 0);
}

#[tokio::test]
async fn a_batch_needs_the_right_to_file() {
    let p = TestPlatform::new().await;
    let (_, lines) = bulk(&p, "analyst", line("a", &appeal(1))).await;
    assert_eq!(lines[0]["error"]["status"], 403);
}
