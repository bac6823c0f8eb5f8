//! Filing many appeals in one request.

use super::*;

fn appeal(n: usize) -> Value {
    json!({ "subject": format!("Яма номер {n}"), "text": "С 1 ноября 2026 года на дороге яма.", "category": "roads" })
}

fn line(key: &str, appeal: &Value) -> String {
    json!({ "key": key, "appeal": appeal }).to_string()
}

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

#[tokio::test]
async fn every_line_is_filed_or_refused_individually_and_once() {
    let p = TestPlatform::new().await;
    let text = [
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
    .join("\n");
    let (answer, lines) = bulk(&p, "applicant", text.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/jsonl");
    let statuses: Vec<(&str, bool)> =
        lines.iter().map(|l| (l["status"].as_str().unwrap(), l["replayed"].as_bool().unwrap())).collect();
    assert_eq!(
        statuses,
        [
            ("filed", false),
            ("failed", false),
            ("failed", false),
            ("filed", false),
            ("filed", true),
            ("failed", false),
            ("failed", false),
            ("failed", false)
        ]
    );
    assert_eq!(lines[0]["number"], lines[4]["number"]);
    assert_eq!(lines[1]["error"]["errors"][0]["code"], "subject-missing");
    assert_eq!((&lines[2]["key"], &lines[2]["error"]["code"]), (&Value::Null, &json!("bad_request")));
    assert_eq!(lines[5]["error"]["code"], "idempotency_key_reused");
    assert_eq!(filed(&p).await, 2);
    // Repeating the whole request, or one line on its own, returns the same filings.
    let (_, again) = bulk(&p, "applicant", text).await;
    assert_eq!((&again[0]["number"], &again[3]["number"]), (&lines[0]["number"], &lines[3]["number"]));
    assert!(again[3]["replayed"].as_bool().unwrap());
    let token = p.session("applicant").await;
    let alone =
        p.request(Caller::Token(&token), "POST", "/v1/appeals", &[("idempotency-key", "c")], appeal(3)).await;
    assert_eq!((alone.status, &alone.body["number"]), (201, &lines[3]["number"]));
    assert_eq!(filed(&p).await, 2);
}

#[tokio::test]
async fn a_request_that_is_not_a_batch_is_refused_as_a_whole() {
    let p = TestPlatform::new().await;
    let many = (0..501).map(|n| line(&n.to_string(), &appeal(n))).collect::<Vec<_>>().join("\n");
    let (answer, _) = bulk(&p, "applicant", many).await;
    answer.is_problem(413, "too_large");
    let (answer, _) = bulk(&p, "applicant", vec![b'\n'; 17 * 1024 * 1024]).await;
    answer.is_problem(413, "too_large");
    let token = p.session("applicant").await;
    p.post(Caller::Token(&token), "/v1/appeals/batch", appeal(1))
        .await
        .is_problem(415, "unsupported_media_type");
    let (answer, lines) = bulk(&p, "applicant", "").await;
    assert_eq!((answer.status, lines.len()), (200, 0));
    assert_eq!(filed(&p).await, 0);
    let (_, lines) = bulk(&p, "analyst", line("a", &appeal(1))).await;
    assert_eq!(lines[0]["error"]["status"], 403);
}
