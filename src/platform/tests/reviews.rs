//! Reviews of decisions and their revision.

use serde_json::{Value, json};

use super::harness::{TestPlatform, assert_fields};
use appeal_files::samples;

const QUALITY: &str = "supervisor-quality";

/// Returns the numbers in a supervisor's queue.
async fn queue(p: &TestPlatform, who: &str, states: &str) -> Vec<String> {
    let path = format!("/v1/appeals?view=reviews&review={states}");
    let page = p.get(who, &path).await.ok();
    page["items"].as_array().unwrap().iter().map(|i| i["number"].as_str().unwrap().to_owned()).collect()
}

/// Files an appeal whose answer gets two points, with remarks and a file; returns its number.
async fn rated(p: &TestPlatform) -> String {
    let n = p.answered().await;
    let scan = p.upload("applicant", "замечания.pdf", &samples::pdf()).await;
    let body = json!({"score": 2, "category": "legal", "remarks": "Норма отменена", "attachments": [scan]});
    p.act("applicant", &n, "rating", body).await;
    n
}

/// Files an appeal whose review is completed with a document; returns its number.
async fn revised(p: &TestPlatform) -> String {
    let n = rated(p).await;
    p.act(QUALITY, &n, "revision", json!({})).await;
    let act = p.upload(QUALITY, "решение.pdf", &samples::pdf_with(10)).await;
    p.advance_days(1);
    let body = json!({"text": "Ссылка на норму исправлена", "attachments": [act]});
    p.act(QUALITY, &n, "revision", body).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_pending_until_a_supervisor_takes_it() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    let card = p.show("applicant", &n).await;
    assert_eq!(card["review"]["state"], "pending");
    assert_eq!((&card["review"]["changes"], &card["review"]["by"]), (&Value::Null, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_review_is_in_the_queue_of_its_supervisors() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    for who in [QUALITY, "supervisor-senior", "supervisor", "admin"] {
        assert_eq!(queue(&p, who, "").await, [n.as_str()], "{who}");
        assert_eq!(queue(&p, who, "pending").await, [n.as_str()], "{who}");
        assert_eq!(p.show(who, &n).await["review"]["score"], 2, "{who}");
        assert!(queue(&p, who, "in_revision,completed").await.is_empty(), "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_hidden_from_supervisors_of_other_levels() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    for who in ["supervisor-regional", "supervisor-federal", "supervisor-ombudsman"] {
        assert!(queue(&p, who, "").await.is_empty(), "{who}");
        p.refused(who, &n, "revision", json!({}), 404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_supervisors_revise() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    for who in ["applicant", "operator"] {
        assert_eq!(p.get(who, "/v1/appeals?view=reviews").await.status, 403, "{who}");
    }
    for who in ["applicant", "operator", "admin"] {
        p.refused(who, &n, "revision", json!({"text": "x"}), 403, "forbidden").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_shows_the_appeal_without_permitting_a_decision() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    assert_eq!(p.get(QUALITY, &format!("/v1/appeals/{n}")).await.status, 404);
    p.act("applicant", &n, "rating", json!({"score": 2})).await;
    p.refused(QUALITY, &n, "change", json!({"text": "x"}), 403, "forbidden").await;
    p.act(QUALITY, &n, "comments", json!({"text": "Проверим", "internal": true})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_taken_into_revision_once() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    let card = p.act(QUALITY, &n, "revision", json!({})).await;
    assert_eq!((&card["review"]["state"], &card["review"]["by"]), (&json!("in_revision"), &json!(QUALITY)));
    assert_eq!(p.act(QUALITY, &n, "revision", json!({})).await, card);
    assert_eq!(queue(&p, "supervisor-senior", "in_revision").await, [n.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_needs_a_text() {
    let p = TestPlatform::new().await;
    let n = rated(&p).await;
    p.act(QUALITY, &n, "revision", json!({})).await;
    p.refused(QUALITY, &n, "revision", json!({"text": " "}), 422, "invalid").await;
    let act = p.upload(QUALITY, "решение.pdf", &samples::pdf_with(10)).await;
    p.refused(QUALITY, &n, "revision", json!({"attachments": [act]}), 422, "invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_completes_the_review_with_a_document() {
    let p = TestPlatform::new().await;
    let n = revised(&p).await;
    let card = p.show("applicant", &n).await;
    let last = card["attachments"].as_array().unwrap().last().unwrap();
    assert_eq!(last["name"], "решение.pdf");
    let expected = json!({
        "state": "completed",
        "changes": "Ссылка на норму исправлена",
        "revised_at": p.now().to_string(),
        "by": QUALITY,
        "score": 2,
        "attachments": [last["id"]],
    });
    assert_fields(&card["review"], expected);
    assert_eq!(card["status"], "answered", "a revision is no move");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_review_is_final() {
    let p = TestPlatform::new().await;
    let n = revised(&p).await;
    p.refused(QUALITY, &n, "revision", json!({}), 409, "conflict").await;
    p.refused(QUALITY, &n, "revision", json!({"text": "Другое"}), 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_cannot_replace_the_document_of_a_revision() {
    let p = TestPlatform::new().await;
    let n = revised(&p).await;
    let card = p.show("applicant", &n).await;
    let document = &card["attachments"].as_array().unwrap().last().unwrap()["id"];
    let other = json!({"sha256": "0".repeat(64), "name": "a.pdf"});
    let body = json!({"attachments": [other], "replace": document});
    assert_eq!(p.post("applicant", &format!("/v1/appeals/{n}/attachments"), body).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_review_is_a_change() {
    let p = TestPlatform::new().await;
    let n = revised(&p).await;
    let events = ["created", "taken", "answered", "rated", "revision_taken", "revised"];
    assert_eq!(p.events("applicant").await, events);
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unconfirmed_supervisor_revises_nothing() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "rating", json!({"score": 2})).await;
    p.sql("UPDATE people SET state = 'confirmation_required' WHERE login = 'supervisor-quality'").await;
    for body in [json!({}), json!({"text": "x"})] {
        p.refused(QUALITY, &n, "revision", body, 403, "account_unconfirmed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_without_a_decision_cannot_be_rated() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.refused("applicant", &n, "rating", json!({"score": 3}), 409, "conflict").await;
    p.act("operator", &n, "take", json!({})).await;
    p.refused("applicant", &n, "rating", json!({"score": 3}), 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_rated_once() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let card = p.act("applicant", &n, "rating", json!({"score": 2})).await;
    assert_eq!(p.act("applicant", &n, "rating", json!({"score": 2})).await, card);
    p.refused("applicant", &n, "rating", json!({"score": 5}), 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_decision_can_be_rated_again() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "rating", json!({"score": 2})).await;
    // Completed directly, by the level it was escalated to.
    let reason = json!({"level": "regional", "grounds": "unsatisfactory", "reason": "Холодно"});
    p.act("applicant", &n, "escalations", reason).await;
    assert_eq!(queue(&p, "supervisor-regional", "pending").await, [n.as_str()]);
    p.act("supervisor-regional", &n, "change", json!({"text": "Перерасчёт выполнен."})).await;
    p.act("supervisor-regional", &n, "revision", json!({"text": "Решение изменено"})).await;
    assert_eq!(queue(&p, "supervisor-regional", "completed").await, [n.as_str()]);
    let card = p.act("applicant", &n, "rating", json!({"score": 5})).await;
    assert_eq!((&card["review"]["score"], &card["review"]["state"]), (&json!(5), &json!("pending")));
    assert_eq!(card["review"]["changes"], Value::Null);
    assert_eq!(queue(&p, "supervisor-regional", "pending").await, [n.as_str()]);
    assert!(queue(&p, "supervisor-regional", "completed").await.is_empty(), "the latest counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_appeal_can_be_rated() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "cancel", json!({})).await;
    p.act("applicant", &n, "rating", json!({"score": 4})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_revision_without_a_rating() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.refused("supervisor", &n, "revision", json!({}), 404, "not_found").await;
    let reason = json!({"level": "senior", "grounds": "unsatisfactory", "reason": "Холодно"});
    p.act("applicant", &n, "escalations", reason).await;
    p.refused("supervisor", &n, "revision", json!({}), 409, "conflict").await;
}

/// Files three appeals with different ratings, a day apart; returns their numbers.
async fn three_rated(p: &TestPlatform) -> Vec<String> {
    let mut numbers = Vec::new();
    for score in [1, 5, 3] {
        let n = p.answered().await;
        p.advance_days(1);
        p.act("applicant", &n, "rating", json!({"score": score})).await;
        numbers.push(n);
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_in_the_order_of_waiting() {
    let p = TestPlatform::new().await;
    let numbers = three_rated(&p).await;
    assert_eq!(queue(&p, QUALITY, "").await, numbers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_filtered() {
    let p = TestPlatform::new().await;
    three_rated(&p).await;
    let page = p.get(QUALITY, "/v1/appeals?view=reviews&category=taxes").await.ok();
    assert_eq!(page["items"], json!([]));
    p.get(QUALITY, "/v1/appeals?view=reviews&review=done").await.is_problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_changes_contain_appeals_under_review() {
    let p = TestPlatform::new().await;
    three_rated(&p).await;
    let all = p.get(QUALITY, "/v1/appeals").await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    assert!(p.events(QUALITY).await.iter().any(|event| event == "rated"));
}
