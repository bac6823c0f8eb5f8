//! Life cycles of appeals, from filing to the end.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, assert_fields, findings, number, sample, sample_with};
use super::slow_cases;
use appeal_domain::AppealNumber;
use appeal_domain::journal::Link;

#[tokio::test(flavor = "multi_thread")]
async fn a_filed_appeal_has_a_number_a_department_and_a_due_date() {
    let p = TestPlatform::new().await;
    let card = p.file_with("applicant", json!({})).await;
    let n = number(&card);
    assert!(n.parse::<AppealNumber>().is_ok() && n.starts_with("2026-"), "{n}");
    let expected = json!({
        "status": "submitted",
        "department": "housing",
        "responsible": "[..]",
        "contacts": {"email": "applicant@example.org", "...": "{...}"},
        // Five working days after Monday the ninth, at the close of business in Moscow.
        "due_at": "2026-11-16T15:00:00Z",
    });
    assert_fields(&card, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_who_takes_an_appeal_becomes_responsible() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!((&card["status"], &card["responsible"]), (&json!("in_progress"), &json!("operator")));
    let first = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "first_status").unwrap();
    assert_eq!(first["state"], "met");
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_comments_are_hidden_from_the_applicant() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "comments", json!({"text": "Проверить подрядчика", "internal": true})).await;
    p.act("applicant", &n, "comments", json!({"text": "Температура 12 градусов"})).await;
    assert_eq!(p.show("applicant", &n).await["comments"].as_array().unwrap().len(), 1);
    assert_eq!(p.show("operator", &n).await["comments"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_returns_an_appeal_to_the_status_before_the_request() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    let card = p.act("operator", &n, "ask", json!({"text": "Какой этаж?", "needs": ["этаж"]})).await;
    assert_eq!(card["status"], "clarification_required");
    assert_eq!(card["clarification"]["needs"], json!(["этаж"]));
    let card = p.act("applicant", &n, "replies", json!({"text": "Второй"})).await;
    assert_eq!((&card["status"], &card["clarification"]), (&json!("in_progress"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_signed() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "under-review", json!({"note": "Сверить акты"})).await;
    let answer = json!({"decision": "explained", "text": "Тепло подано 10 ноября."});
    let card = p.act("operator", &n, "answers", answer).await;
    assert_eq!(card["status"], "answered");
    assert_eq!(card["answers"][0]["signed_by"], "Морозова Светлана Ивановна");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_changes_the_answer_of_an_escalated_appeal() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let reason = json!({"level": "regional", "grounds": "unsatisfactory", "reason": "Тепла нет"});
    let card = p.act("applicant", &n, "escalations", reason).await;
    assert_eq!(card["status"], "under_review");
    assert_eq!(card["escalations"][0]["state"], "pending");
    p.refused("operator", &n, "take", json!({}), 409, "forbidden_move").await;
    let card = p.act("supervisor", &n, "change", json!({"text": "Перерасчёт выполнен."})).await;
    assert_eq!(card["status"], "answered");
    assert_eq!(card["escalations"][0]["state"], "changed");
    assert_eq!(card["escalations"][0]["outcome"]["result"], "changed");
    assert_eq!(card["answers"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solved_appeal_is_completed_and_can_be_rated() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let card = p.act("applicant", &n, "confirm", json!({"solved": true})).await;
    assert_eq!(card["status"], "completed");
    let card = p.act("applicant", &n, "rating", json!({"score": 4, "category": "service"})).await;
    assert_eq!(card["review"]["score"], 4);
    assert_eq!(card["review"]["state"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_and_the_first_appeal_name_each_other() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "confirm", json!({"solved": true})).await;
    let body = json!({"grounds": "incomplete", "text": "Снова нет тепла."});
    let again = p.act("applicant", &n, "repeats", body).await;
    assert_eq!(again["repeat_of"], n.as_str());
    let first = p.show("applicant", &n).await;
    assert_eq!(again["subject"], first["subject"]);
    assert_eq!(first["repeats"], json!([again["number"]]));
}

/// Files an appeal with an internal comment and an internal note, and answers it; returns its number.
async fn with_internal_entries(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "comments", json!({"text": "Проверить подрядчика", "internal": true})).await;
    p.act("operator", &n, "under-review", json!({"note": "Сверить акты"})).await;
    p.act("operator", &n, "answers", json!({"decision": "explained", "text": "Тепло подано."})).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_has_as_many_entries_for_everyone() {
    let p = TestPlatform::new().await;
    let n = with_internal_entries(&p).await;
    let seen = p.journal("applicant", &n).await;
    assert_eq!(seen.len(), p.journal("operator", &n).await.len());
    let hidden = seen.iter().filter(|link| matches!(link, Link::Hidden { .. })).count();
    assert_eq!(hidden, 2, "the internal comment and the note");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_with_its_journal_has_the_visible_entries() {
    let p = TestPlatform::new().await;
    let n = with_internal_entries(&p).await;
    let all = p.journal("operator", &n).await;
    let card = p.show("applicant", &format!("{n}?journal=true")).await;
    assert_eq!(card["journal"].as_array().unwrap().len(), all.len() - 2);
    assert_eq!(card["journal"][0]["action"], "create");
    assert_eq!(card["version"].as_i64().unwrap() as usize, all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_has_a_summary() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "comments", json!({"text": "тайное", "internal": true})).await;
    p.act("applicant", &n, "cancel", json!({"reason": "Уже починили"})).await;
    let changes = p.changes("applicant").await;
    let events: Vec<(&str, &str)> =
        changes.iter().map(|c| (c["event"].as_str().unwrap(), c["status"].as_str().unwrap())).collect();
    assert_eq!(events, [("created", "submitted"), ("taken", "in_progress"), ("cancelled", "cancelled")]);
    for change in &changes {
        let (summary, event) = (change["summary"].as_str().unwrap(), change["event"].as_str().unwrap());
        assert!(!summary.contains("{$") && !summary.starts_with(event), "{summary}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_may_be_incomplete_and_is_private() {
    let p = TestPlatform::new().await;
    let draft = json!({"subject": "", "text": "пока пусто", "draft": true});
    let card = p.post("applicant", "/v1/appeals", draft).await.ok();
    let d = number(&card);
    assert!(d.starts_with("D-"), "{d}");
    assert_eq!((&card["status"], &card["department"]), (&json!("draft"), &Value::Null));
    assert_eq!(p.get("operator", &format!("/v1/appeals/{d}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_draft_cannot_be_submitted() {
    let p = TestPlatform::new().await;
    let draft = json!({"subject": "", "text": "пока пусто", "draft": true});
    let d = number(&p.post("applicant", "/v1/appeals", draft).await.ok());
    let problem = p.refused("applicant", &d, "submit", json!({}), 422, "invalid").await;
    let codes = findings(&problem);
    assert!(codes.contains(&"subject-missing") && codes.contains(&"category-missing"), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_submitted_once_and_found_by_its_draft_number() {
    let p = TestPlatform::new().await;
    let draft = json!({"subject": "", "text": "пока пусто", "draft": true});
    let d = number(&p.post("applicant", "/v1/appeals", draft).await.ok());
    assert_eq!(p.patch("applicant", &d, sample()).await.ok()["version"], 2);
    let filed = p.act("applicant", &d, "submit", json!({})).await;
    assert_eq!(filed["status"], "submitted");
    assert_eq!(number(&p.show("applicant", &d).await), number(&filed));
    assert_eq!(p.act("applicant", &d, "submit", json!({})).await, filed);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_draft_can_be_deleted() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let delete = async |number: &str| {
        p.send("applicant", "DELETE", &format!("/v1/appeals/{number}"), Value::Null).await
    };
    assert_eq!(delete(&n).await.status, 409);
    let d = number(&p.file_with("applicant", json!({"draft": true})).await);
    delete(&d).await.ok();
    assert_eq!(p.get("applicant", &format!("/v1/appeals/{d}")).await.status, 404);
}

/// An appeal with three errors and a subject that says nothing.
fn faulty() -> Value {
    json!({"subject": "не работает", "text": "", "category": "taxes.deduction", "contacts": {"phone": "12"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_reports_everything() {
    let p = TestPlatform::new().await;
    let run = p.post("applicant", "/v1/appeals?dry_run=true", faulty()).await.ok();
    let codes = findings(&run);
    for code in ["text-empty", "phone-invalid", "document-required", "subject-vague"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    p.post("applicant", "/v1/appeals", faulty()).await.is_problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_files_nothing() {
    let p = TestPlatform::new().await;
    p.post("applicant", "/v1/appeals?dry_run=true", faulty()).await.ok();
    let run = p.post("applicant", "/v1/appeals?dry_run=true", sample()).await.ok();
    assert_eq!(run, json!({"dry_run": true, "findings": []}));
    assert_eq!(p.get("applicant", "/v1/appeals").await.ok()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_checks_refuse_what_is_only_advice_otherwise() {
    let p = TestPlatform::new().await;
    let strict = sample_with(json!({"subject": "не работает", "strict": true}));
    p.post("applicant", "/v1/appeals", strict).await.is_invalid(&["subject-vague"]);
    p.file_with("applicant", json!({"subject": "не работает"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_returns_the_first_response() {
    let p = TestPlatform::new().await;
    let send = async |body: Value| {
        p.request("applicant", "POST", "/v1/appeals", &[("idempotency-key", "one")], body).await
    };
    let first = send(sample()).await;
    p.act("operator", &number(&first.body), "take", json!({})).await;
    assert_eq!(first.bytes, send(sample()).await.bytes);
    assert_eq!(send(sample_with(json!({"text": "другой текст 5 ноября"}))).await.status, 422);
    assert_eq!(p.get("applicant", "/v1/appeals").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_files_for_the_organization() {
    let p = TestPlatform::new().await;
    let card = p.file_with("representative", json!({})).await;
    assert_eq!(card["organization"]["inn"], "7701123451");
    let card = p.file_with("representative", json!({"organization": ""})).await;
    assert_eq!(card["organization"], Value::Null);
    let foreign = sample_with(json!({"organization": "7701123451"}));
    p.post("applicant", "/v1/appeals", foreign).await.is_invalid(&["organization-not-yours"]);
}

/// Changes an appeal that has this version.
async fn patch(p: &TestPlatform, number: &str, version: &str, body: Value) -> Reply {
    p.request("applicant", "PATCH", &format!("/v1/appeals/{number}"), &[("if-match", version)], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_creates_a_version() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let reply = patch(&p, &n, "\"1\"", json!({"contact_phone": "8 900 000 01 99"})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["etag"], "\"2\"");
    assert_eq!(reply.body["contacts"]["phone"], "+79000000199");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_an_old_version_is_refused() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    patch(&p, &n, "\"1\"", json!({"contact_phone": "8 900 000 01 99"})).await.ok();
    let reply = patch(&p, &n, "\"1\"", json!({"contact_phone": "+79000000100"})).await;
    reply.is_problem(412, "changed_meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_without_changes_creates_no_version() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.patch("applicant", &n, json!({"contact_phone": "8 900 000 01 99"})).await.ok();
    let same = p.patch("applicant", &n, json!({"contact_phone": "+79000000199"})).await.ok();
    assert_eq!(same["version"], 2);
    p.patch("applicant", &n, json!({"contact_email": "нет"})).await.is_invalid(&["email-invalid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_has_the_values_before_and_after_an_edit() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.patch("applicant", &n, json!({"contact_phone": "8 900 000 01 99"})).await.ok();
    let with = p.show("applicant", &format!("{n}?journal=true")).await;
    let change = &with["journal"][1]["changes"]["contacts"];
    assert_eq!(change["before"]["phone"], "+79000000101");
    assert_eq!(change["after"]["phone"], "+79000000199");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_category_moves_an_appeal_until_work_starts() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.patch("applicant", &n, json!({"category": "taxes.notice"})).await.ok();
    assert_eq!(card["department"], "taxes");
    assert!(card["due_at"].as_str().unwrap() > "2026-12-01");
    p.act("operator", &n, "take", json!({})).await;
    p.patch("applicant", &n, json!({"category": "housing"})).await.is_problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_number_is_distinguished_from_an_unknown_one() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let last = n.chars().last().unwrap().to_digit(10).unwrap();
    let mistyped = format!("{}{}", &n[..n.len() - 1], (last + 1) % 10);
    for (given, status, code) in [
        (mistyped.as_str(), 422, "number_mistyped"),
        ("привет", 422, "invalid"),
        (&AppealNumber::from_parts(2026, 1).to_string(), 404, "not_found"),
    ] {
        let given = percent_encoding::utf8_percent_encode(given, percent_encoding::NON_ALPHANUMERIC);
        p.get("applicant", &format!("/v1/appeals/{given}")).await.is_problem(status, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_of_another_person_is_not_found() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.get("intermediary", &format!("/v1/appeals/{n}")).await.is_problem(404, "not_found");
}

#[test]
fn texts_come_back_byte_for_byte() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let p = runtime.block_on(TestPlatform::new());
    let text = proptest::collection::vec(any::<char>().prop_filter("no NUL", |c| *c != '\0'), 1..299)
        .prop_map(|chars| chars.into_iter().collect::<String>());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: slow_cases(48),
        ..ProptestConfig::default()
    });
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
