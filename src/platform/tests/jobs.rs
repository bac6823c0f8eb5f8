//! Jobs that act on appeals when time passes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::World;

async fn run(w: &World) {
    w.platform.run_due().await.expect("the jobs");
}

fn deadline<'a>(card: &'a Value, kind: &str) -> &'a Value {
    card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == kind).expect("a deadline")
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_the_applicant_does_not_count() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    w.act("operator", &n, "take", json!({})).await;
    w.days(1);
    let card = w.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    assert_eq!(deadline(&card, "decision")["state"], "paused");
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");
    // Two working days, Wednesday and Thursday.
    w.days(2);
    let card = w.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-18T15:00:00Z");
    assert_eq!(deadline(&card, "decision")["state"], "pending");
    assert_eq!(deadline(&card, "clarification")["state"], "met");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_request_runs_out() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    let card = w.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    assert_eq!(card["clarification"]["due_at"], "2026-11-16T15:00:00Z");
    w.days(6);
    run(&w).await;
    assert_eq!(w.show("applicant", &n).await["status"], "clarification_required");
    w.days(2);
    // It waits for the applicant, so it is not overdue.
    assert_eq!(w.show("applicant", &n).await["overdue"], false);
    run(&w).await;
    let card = w.show("applicant", &n).await;
    assert_eq!((&card["status"], &card["clarification"]), (&json!("submitted"), &Value::Null));
    assert_eq!(card["overdue"], false);
    assert!(card["due_at"].as_str().unwrap() > "2026-11-20");
    let version = card["version"].clone();
    w.days(1);
    run(&w).await;
    assert_eq!(w.show("applicant", &n).await["version"], version);
    w.refused("applicant", &n, "replies", json!({"text": "поздно"}), 409, "forbidden_move").await;
    let last = w.ok("applicant", "GET", &format!("/v1/appeals/{n}?journal=true"), Value::Null).await;
    let last = last["journal"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["actor"]), (&json!("reply_expired"), &json!("platform")));
    w.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_appeal_closes_by_itself() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    w.act("operator", &n, "take", json!({})).await;
    let answer = json!({"decision": "granted", "text": "Починено.", "await_confirmation": true});
    let card = w.act("operator", &n, "answers", answer).await;
    assert_eq!(card["status"], "awaiting_confirmation");
    assert_eq!(deadline(&card, "confirmation")["due_at"], "2026-11-23T15:00:00Z");
    w.days(14);
    run(&w).await;
    let card = w.show("applicant", &n).await;
    assert_eq!((&card["status"], &card["overdue"]), (&json!("awaiting_confirmation"), &json!(false)));
    w.days(1);
    run(&w).await;
    assert_eq!(w.show("applicant", &n).await["status"], "closed");
    w.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_appeal_is_marked_and_may_go_up() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    let ground = json!({"level": "senior", "grounds": "overdue", "reason": "Нет ответа"});
    let early = w.refused("applicant", &n, "escalations", ground.clone(), 409, "no_grounds").await;
    assert!(early["hint"].as_str().unwrap().contains("2026-11-16"), "{early}");
    w.refused(
        "applicant",
        &n,
        "repeats",
        json!({"grounds": "overdue", "text": "Ещё раз"}),
        409,
        "no_grounds",
    )
    .await;
    w.days(10);
    let card = w.show("applicant", &n).await;
    assert_eq!(card["overdue"], true);
    let late = w.ok("applicant", "GET", "/v1/appeals?overdue=true", Value::Null).await;
    assert_eq!(late["items"][0]["number"], n.as_str());
    let card = w.act("applicant", &n, "escalations", ground.clone()).await;
    assert_eq!((&card["status"], &card["overdue"]), (&json!("under_review"), &json!(false)));
    let due: Timestamp = card["due_at"].as_str().unwrap().parse().unwrap();
    assert!(due > w.now());
    // Repeating the request has no effect; another level is refused.
    assert_eq!(w.act("applicant", &n, "escalations", ground).await, card);
    let higher = json!({"level": "federal", "grounds": "critical", "reason": "Ждать нельзя"});
    w.refused("applicant", &n, "escalations", higher.clone(), 409, "no_grounds").await;
    // A supervisor of another level does not see it.
    w.refused("supervisor-federal", &n, "uphold", json!({"text": "x"}), 404, "not_found").await;
    // There is no decision to uphold.
    w.refused("supervisor-senior", &n, "uphold", json!({"text": "x"}), 409, "forbidden_move").await;
    w.days(10);
    let card = w.act("applicant", &n, "escalations", higher).await;
    assert_eq!(card["escalations"][0]["state"], "superseded");
    w.refused("supervisor-senior", &n, "return", json!({"text": "x"}), 403, "forbidden").await;
    let due = w.now().checked_add(jiff::SignedDuration::from_hours(48)).unwrap().to_string();
    let past = json!({"text": "В работу", "due_at": "2026-11-01T00:00:00Z"});
    w.refused("supervisor-federal", &n, "return", past, 422, "invalid").await;
    let card = w.act("supervisor-federal", &n, "return", json!({"text": "В работу", "due_at": due})).await;
    assert_eq!((&card["status"], &card["due_at"]), (&json!("in_progress"), &json!(due)));
    w.journal("supervisor-senior", &n).await;
}
