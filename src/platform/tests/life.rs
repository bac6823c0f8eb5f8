//! Complete life cycles, from filing to the end.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample, sample_with, worded};
use appeal_domain::AppealNumber;

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_lives_its_whole_life() {
    let p = TestPlatform::new().await;
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = number(&card);
    assert!(n.parse::<AppealNumber>().is_ok() && n.starts_with("2026-"), "{n}");
    assert_eq!(card["status"], "submitted");
    assert_eq!(card["department"], "housing");
    assert!(card["responsible"].is_string());
    assert_eq!(card["contacts"]["email"], "applicant@example.org");
    // Five working days after Monday the ninth, at the close of business in Moscow.
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");

    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!((&card["status"], &card["responsible"]), (&json!("in_progress"), &json!("operator")));
    let first = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "first_status").unwrap();
    assert_eq!(first["state"], "met");

    p.act("operator", &n, "comments", json!({"text": "Проверить подрядчика", "internal": true})).await;
    p.act("applicant", &n, "comments", json!({"text": "Температура 12 градусов"})).await;
    let mine = p.show("applicant", &n).await;
    assert_eq!(mine["comments"].as_array().unwrap().len(), 1);
    assert_eq!(p.show("operator", &n).await["comments"].as_array().unwrap().len(), 2);

    let card = p.act("operator", &n, "ask", json!({"text": "Какой этаж?", "needs": ["этаж"]})).await;
    assert_eq!(card["status"], "clarification_required");
    assert_eq!(card["clarification"]["needs"], json!(["этаж"]));
    let card = p.act("applicant", &n, "replies", json!({"text": "Второй"})).await;
    assert_eq!((&card["status"], &card["clarification"]), (&json!("in_progress"), &Value::Null));

    p.act("operator", &n, "under-review", json!({"note": "Сверить акты"})).await;
    let card = p
        .act("operator", &n, "answers", json!({"decision": "explained", "text": "Тепло подано 10 ноября."}))
        .await;
    assert_eq!(card["status"], "answered");
    assert_eq!(card["answers"][0]["signed_by"], "Морозова Светлана Ивановна");

    let card = p
        .act(
            "applicant",
            &n,
            "escalations",
            json!({"level": "regional", "grounds": "unsatisfactory", "reason": "Тепла нет"}),
        )
        .await;
    assert_eq!(card["status"], "under_review");
    assert_eq!(card["escalations"][0]["state"], "pending");
    p.refused("operator", &n, "take", json!({}), 409, "forbidden_move").await;
    let card = p.act("supervisor", &n, "change", json!({"text": "Перерасчёт выполнен."})).await;
    assert_eq!(card["status"], "answered");
    assert_eq!(card["escalations"][0]["state"], "changed");
    assert_eq!(card["escalations"][0]["outcome"]["result"], "changed");
    assert_eq!(card["answers"].as_array().unwrap().len(), 2);

    let card = p.act("applicant", &n, "confirm", json!({"solved": true})).await;
    assert_eq!(card["status"], "completed");
    let card = p.act("applicant", &n, "rating", json!({"score": 4, "category": "service"})).await;
    assert_eq!(card["review"]["score"], 4);
    assert_eq!(card["review"]["state"], "pending");

    let again =
        p.act("applicant", &n, "repeats", json!({"grounds": "incomplete", "text": "Снова нет тепла."})).await;
    assert_eq!(again["repeat_of"], n.as_str());
    assert_eq!(again["subject"], mine["subject"]);
    assert_eq!(p.show("applicant", &n).await["repeats"], json!([again["number"]]));

    let seen = p.journal("applicant", &n).await;
    let all = p.journal("operator", &n).await;
    assert_eq!(seen.len(), all.len());
    let hidden = seen.iter().filter(|l| matches!(l, appeal_domain::journal::Link::Hidden { .. })).count();
    assert_eq!(hidden, 2, "the internal comment and the note");

    let with = p.get("applicant", &format!("/v1/appeals/{n}?journal=true")).await.ok();
    assert_eq!(with["journal"].as_array().unwrap().len(), seen.len() - hidden);
    assert_eq!(with["journal"][0]["action"], "create");
    assert_eq!(with["version"].as_i64().unwrap() as usize, all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_has_a_summary() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "comments", json!({"text": "тайное", "internal": true})).await;
    p.act("applicant", &n, "cancel", json!({"reason": "Уже починили"})).await;
    let changes = p.get("applicant", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let events: Vec<(&str, &str)> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["event"].as_str().unwrap(), c["status"].as_str().unwrap()))
        .collect();
    assert_eq!(events, [("created", "submitted"), ("taken", "in_progress"), ("cancelled", "cancelled")]);
    for change in changes["items"].as_array().unwrap() {
        let summary = change["summary"].as_str().unwrap();
        assert!(
            !summary.contains("{$") && !summary.starts_with(change["event"].as_str().unwrap()),
            "{summary}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_changed_and_sent() {
    let p = TestPlatform::new().await;
    let draft = json!({"subject": "", "text": "пока пусто", "draft": true});
    let card = p.post("applicant", "/v1/appeals", draft).await.ok();
    let d = number(&card);
    assert!(d.starts_with("D-"), "{d}");
    assert_eq!((&card["status"], &card["department"]), (&json!("draft"), &Value::Null));
    let Reply { status, .. } = p.get("operator", &format!("/v1/appeals/{d}")).await;
    assert_eq!(status, 404);
    let problem = p.refused("applicant", &d, "submit", json!({}), 422, "invalid").await;
    let codes: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"subject-missing") && codes.contains(&"category-missing"), "{codes:?}");

    let card = p.send("applicant", "PATCH", &format!("/v1/appeals/{d}"), sample()).await.ok();
    assert_eq!(card["version"], 2);
    let filed = p.act("applicant", &d, "submit", json!({})).await;
    let n = number(&filed);
    assert_eq!(filed["status"], "submitted");
    // The draft number leads to it, and submitting it again returns it.
    assert_eq!(number(&p.show("applicant", &d).await), n);
    let again = p.act("applicant", &d, "submit", json!({})).await;
    assert_eq!(again, filed);
    let Reply { status, .. } = p.send("applicant", "DELETE", &format!("/v1/appeals/{n}"), Value::Null).await;
    assert_eq!(status, 409);

    let card = p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok();
    let d = number(&card);
    p.send("applicant", "DELETE", &format!("/v1/appeals/{d}"), Value::Null).await.ok();
    let Reply { status, .. } = p.get("applicant", &format!("/v1/appeals/{d}")).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_reports_everything_and_files_nothing() {
    let p = TestPlatform::new().await;
    let body = json!({"subject": "не работает", "text": "", "category": "taxes.deduction", "contacts": {"phone": "12"}});
    let run = p.post("applicant", "/v1/appeals?dry_run=true", body.clone()).await.ok();
    let codes: Vec<&str> =
        run["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    for code in ["text-empty", "phone-invalid", "document-required", "subject-vague"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    let Reply { status, body: problem, .. } = p.post("applicant", "/v1/appeals", body).await;
    assert_eq!(status, 422);
    worded(&problem);
    let run = p.post("applicant", "/v1/appeals?dry_run=true", sample()).await.ok();
    assert_eq!(run, json!({"dry_run": true, "findings": []}));
    let page = p.get("applicant", "/v1/appeals").await.ok();
    assert_eq!(page["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_checks_refuse_what_is_only_advice_otherwise() {
    let p = TestPlatform::new().await;
    let vague = sample_with(json!({"subject": "не работает"}));
    let mut strict = vague.clone();
    strict["strict"] = json!(true);
    let Reply { status, body: problem, .. } = p.post("applicant", "/v1/appeals", strict).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("subject-vague")));
    p.post("applicant", "/v1/appeals", vague).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_gives_the_first_answer_again() {
    let p = TestPlatform::new().await;
    let send = async |body: Value| {
        p.request("applicant", "POST", "/v1/appeals", &[("idempotency-key", "one")], body).await
    };
    let first = send(sample()).await;
    let n = number(&first.body);
    p.act("operator", &n, "take", json!({})).await;
    let second = send(sample()).await;
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(send(sample_with(json!({"text": "другой текст 5 ноября"}))).await.status, 422);
    assert_eq!(p.get("applicant", "/v1/appeals").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_files_for_the_organization() {
    let p = TestPlatform::new().await;
    let card = p.post("representative", "/v1/appeals", sample()).await.ok();
    assert_eq!(card["organization"]["inn"], "7701123451");
    let card = p.post("representative", "/v1/appeals", sample_with(json!({"organization": ""}))).await.ok();
    assert_eq!(card["organization"], Value::Null);
    let Reply { status, body: problem, .. } =
        p.post("applicant", "/v1/appeals", sample_with(json!({"organization": "7701123451"}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("organization-not-yours")));
    worded(&problem);
}

#[tokio::test(flavor = "multi_thread")]
async fn editing_keeps_history_and_detects_conflicts() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let path = format!("/v1/appeals/{n}");
    let patch = async |tag: &str, body: Value| {
        p.request("applicant", "PATCH", &path, &[("if-match", tag)], body).await
    };
    let reply = patch("\"1\"", json!({"contact_phone": "8 900 000 01 99"})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["etag"], "\"2\"");
    assert_eq!(reply.body["contacts"]["phone"], "+79000000199");
    let reply = patch("\"1\"", json!({"contact_phone": "+79000000100"})).await;
    assert_eq!((reply.status, &reply.body["code"]), (412, &json!("changed_meanwhile")));
    // An edit without changes creates no version.
    let same = p.send("applicant", "PATCH", &path, json!({"contact_phone": "+79000000199"})).await.ok();
    assert_eq!(same["version"], 2);
    let Reply { status, body: problem, .. } =
        p.send("applicant", "PATCH", &path, json!({"contact_email": "нет"})).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("email-invalid")));
    let with = p.get("applicant", &format!("{path}?journal=true")).await.ok();
    let change = &with["journal"][1]["changes"]["contacts"];
    assert_eq!(change["before"]["phone"], "+79000000101");
    assert_eq!(change["after"]["phone"], "+79000000199");

    // Another category means another department and due date, until work starts.
    let card = p.send("applicant", "PATCH", &path, json!({"category": "taxes.notice"})).await.ok();
    assert_eq!(card["department"], "taxes");
    assert!(card["due_at"].as_str().unwrap() > "2026-12-01");
    p.act("operator", &n, "take", json!({})).await;
    let Reply { status, body: problem, .. } =
        p.send("applicant", "PATCH", &path, json!({"category": "housing"})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    worded(&problem);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_numbers() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let last = n.chars().last().unwrap().to_digit(10).unwrap();
    let mistyped = format!("{}{}", &n[..n.len() - 1], (last + 1) % 10);
    for (given, status, code) in [
        (mistyped.as_str(), 422, "number_mistyped"),
        ("привет", 422, "invalid"),
        (&AppealNumber::from_parts(2026, 1).to_string(), 404, "not_found"),
    ] {
        let path = format!(
            "/v1/appeals/{}",
            percent_encoding::utf8_percent_encode(given, percent_encoding::NON_ALPHANUMERIC)
        );
        let Reply { status: got, body: problem, .. } = p.get("applicant", &path).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{given}");
        worded(&problem);
    }
    let Reply { status, body: unseen, .. } = p.get("intermediary", &format!("/v1/appeals/{n}")).await;
    assert_eq!((status, &unseen["code"]), (404, &json!("not_found")));
}

#[test]
fn texts_come_back_byte_for_byte() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let p = runtime.block_on(TestPlatform::new());
    let text = proptest::collection::vec(any::<char>().prop_filter("no NUL", |c| *c != '\0'), 1..299)
        .prop_map(|chars| chars.into_iter().collect::<String>());
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() });
    runner
        .run(&(text.clone(), text), |(subject, text)| {
            let text = format!("{text}\r\n <b>\u{a0}x</b> ");
            // A subject without visible characters would be refused, so each has one. The longest has 300 characters.
            let body = sample_with(json!({"subject": format!(" {subject}я"), "text": text, "draft": false}));
            runtime.block_on(async {
                let card = p.post("applicant", "/v1/appeals", body.clone()).await.ok();
                let shown = p.show("applicant", &number(&card)).await;
                assert_eq!((&shown["subject"], &shown["text"]), (&body["subject"], &body["text"]));
                let said = p.act("applicant", &number(&card), "comments", json!({"text": text})).await;
                assert_eq!(said["comments"][0]["text"], text.as_str());
            });
            Ok(())
        })
        .unwrap();
}
