//! Jobs that act on appeals when time passes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::harness::TestPlatform;

async fn run(p: &TestPlatform) {
    p.run_due().await.expect("the jobs");
}

fn deadline<'a>(card: &'a Value, kind: &str) -> &'a Value {
    card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == kind).expect("a deadline")
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_the_applicant_does_not_count() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.advance_days(1);
    let card = p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    assert_eq!(deadline(&card, "decision")["state"], "paused");
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");
    // Two working days, Wednesday and Thursday.
    p.advance_days(2);
    let card = p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-18T15:00:00Z");
    assert_eq!(deadline(&card, "decision")["state"], "pending");
    assert_eq!(deadline(&card, "clarification")["state"], "met");
}

/// Files an appeal and asks the applicant a question that is due on the 16th; returns its number.
async fn asked(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    assert_eq!(card["clarification"]["due_at"], "2026-11-16T15:00:00Z");
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_request_expires_after_its_due_date() {
    let p = TestPlatform::new().await;
    let n = asked(&p).await;
    p.advance_days(6);
    run(&p).await;
    assert_eq!(p.show("applicant", &n).await["status"], "clarification_required");
    p.advance_days(2);
    run(&p).await;
    let card = p.show("applicant", &n).await;
    assert_eq!((&card["status"], &card["clarification"]), (&json!("submitted"), &Value::Null));
    p.refused("applicant", &n, "replies", json!({"text": "поздно"}), 409, "forbidden_move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_that_waits_for_the_applicant_is_not_overdue() {
    let p = TestPlatform::new().await;
    let n = asked(&p).await;
    p.advance_days(8);
    assert_eq!(p.show("applicant", &n).await["overdue"], false);
    run(&p).await;
    let card = p.show("applicant", &n).await;
    assert_eq!(card["overdue"], false);
    assert!(card["due_at"].as_str().unwrap() > "2026-11-20");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_expires_once() {
    let p = TestPlatform::new().await;
    let n = asked(&p).await;
    p.advance_days(8);
    run(&p).await;
    let version = p.show("applicant", &n).await["version"].clone();
    p.advance_days(1);
    run(&p).await;
    assert_eq!(p.show("applicant", &n).await["version"], version);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiry_of_a_request_is_in_the_journal() {
    let p = TestPlatform::new().await;
    let n = asked(&p).await;
    p.advance_days(8);
    run(&p).await;
    let card = p.show("applicant", &format!("{n}?journal=true")).await;
    let last = card["journal"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["action"], &last["actor"]), (&json!("reply_expired"), &json!("platform")));
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_appeal_closes_by_itself() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    let answer = json!({"decision": "granted", "text": "Починено.", "await_confirmation": true});
    let card = p.act("operator", &n, "answers", answer).await;
    assert_eq!(card["status"], "awaiting_confirmation");
    assert_eq!(deadline(&card, "confirmation")["due_at"], "2026-11-23T15:00:00Z");
    p.advance_days(14);
    run(&p).await;
    let card = p.show("applicant", &n).await;
    assert_eq!((&card["status"], &card["overdue"]), (&json!("awaiting_confirmation"), &json!(false)));
    p.advance_days(1);
    run(&p).await;
    assert_eq!(p.show("applicant", &n).await["status"], "closed");
    p.journal("applicant", &n).await;
}

/// An escalation of an overdue appeal.
fn overdue() -> Value {
    json!({"level": "senior", "grounds": "overdue", "reason": "Нет ответа"})
}

/// An escalation to a higher level.
fn higher() -> Value {
    json!({"level": "federal", "grounds": "critical", "reason": "Ждать нельзя"})
}

/// Files an appeal that becomes overdue and is escalated; returns its number.
async fn escalated(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.advance_days(10);
    p.act("applicant", &n, "escalations", overdue()).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_in_time_is_neither_escalated_nor_repeated_as_overdue() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let early = p.refused("applicant", &n, "escalations", overdue(), 409, "no_grounds").await;
    assert!(early["hint"].as_str().unwrap().contains("2026-11-16"), "{early}");
    let repeat = json!({"grounds": "overdue", "text": "Ещё раз"});
    p.refused("applicant", &n, "repeats", repeat, 409, "no_grounds").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_appeal_is_marked() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.advance_days(10);
    assert_eq!(p.show("applicant", &n).await["overdue"], true);
    let late = p.get("applicant", "/v1/appeals?overdue=true").await.ok();
    assert_eq!(late["items"][0]["number"], n.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_of_an_overdue_appeal_sets_a_new_due_date() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.advance_days(10);
    let card = p.act("applicant", &n, "escalations", overdue()).await;
    assert_eq!((&card["status"], &card["overdue"]), (&json!("under_review"), &json!(false)));
    let due: Timestamp = card["due_at"].as_str().unwrap().parse().unwrap();
    assert!(due > p.now());
    assert_eq!(p.act("applicant", &n, "escalations", overdue()).await, card, "a repeated request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_in_time_is_not_escalated_further() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    p.refused("applicant", &n, "escalations", higher(), 409, "no_grounds").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_to_uphold_without_a_decision() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    // A supervisor of another level does not see it.
    p.refused("supervisor-federal", &n, "uphold", json!({"text": "x"}), 404, "not_found").await;
    p.refused("supervisor-senior", &n, "uphold", json!({"text": "x"}), 409, "forbidden_move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_escalation_supersedes_an_overdue_one() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    p.advance_days(10);
    let card = p.act("applicant", &n, "escalations", higher()).await;
    assert_eq!(card["escalations"][0]["state"], "superseded");
    p.refused("supervisor-senior", &n, "return", json!({"text": "x"}), 403, "forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_appeal_is_due_when_the_supervisor_says() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    let due = p.now().checked_add(jiff::SignedDuration::from_hours(48)).unwrap().to_string();
    let past = json!({"text": "В работу", "due_at": "2026-11-01T00:00:00Z"});
    p.refused("supervisor-senior", &n, "return", past, 422, "invalid").await;
    let card = p.act("supervisor-senior", &n, "return", json!({"text": "В работу", "due_at": due})).await;
    assert_eq!((&card["status"], &card["due_at"]), (&json!("in_progress"), &json!(due)));
    p.journal("supervisor-senior", &n).await;
}
