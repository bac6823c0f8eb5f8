//! Forbidden moves are refused correctly, and nothing changes.

use serde_json::{Value, json};

use super::harness::{TestPlatform, number, worded};

/// Every move with a valid body.
fn every_move() -> Vec<(&'static str, Value)> {
    vec![
        ("comments", json!({"text": "x"})),
        ("replies", json!({"text": "x"})),
        ("cancel", json!({})),
        ("confirm", json!({"solved": true})),
        ("close", json!({})),
        ("repeats", json!({"grounds": "incomplete", "text": "x"})),
        ("escalations", json!({"level": "senior", "grounds": "critical", "reason": "x"})),
        ("rating", json!({"score": 3})),
        ("take", json!({})),
        ("under-review", json!({})),
        ("assign", json!({"to": "operator"})),
        ("ask", json!({"text": "x"})),
        ("redirect", json!({"department": "roads", "reason": "x"})),
        ("answers", json!({"decision": "granted", "text": "x"})),
        ("refuse", json!({"reason": "x"})),
        ("uphold", json!({"text": "x"})),
        ("change", json!({"text": "x"})),
        ("return", json!({"text": "x"})),
        ("attachments", json!({"attachments": []})),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_find_an_appeal() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let before = p.show("operator", &n).await;
    for (action, body) in every_move() {
        for stranger in ["intermediary", "representative", "supervisor", "analyst"] {
            let reply = p.post(stranger, &format!("/v1/appeals/{n}/{action}"), body.clone()).await;
            assert_eq!(reply.status, 404, "{stranger} {action}: {:#}", reply.body);
        }
    }
    assert_eq!(p.show("operator", &n).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_no_moves() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let before = p.show("operator", &n).await;
    for (action, body) in every_move() {
        let reply = p.post("admin", &format!("/v1/appeals/{n}/{action}"), body).await;
        assert_eq!(reply.status, 403, "{action}: {:#}", reply.body);
        worded(&reply.body);
    }
    assert_eq!(p.show("operator", &n).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_makes_its_own_moves_only() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let before = p.show("operator", &n).await;
    for (action, body) in every_move() {
        let other = match action {
            "take" | "under-review" | "assign" | "ask" | "redirect" | "answers" | "refuse" | "uphold"
            | "change" | "return" => "applicant",
            "comments" => continue,
            _ => "operator",
        };
        let reply = p.post(other, &format!("/v1/appeals/{n}/{action}"), body).await;
        assert_eq!(reply.status, 403, "{other} {action}: {:#}", reply.body);
        worded(&reply.body);
    }
    assert_eq!(p.show("operator", &n).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_move_names_the_open_ones() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let problem = p.refused("applicant", &n, "confirm", json!({"solved": true}), 409, "forbidden_move").await;
    let moves: Vec<&str> =
        problem["moves"].as_array().unwrap().iter().map(|m| m["action"].as_str().unwrap()).collect();
    assert!(moves.contains(&"cancel") && moves.contains(&"take"), "{moves:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_moves_of_an_operator_take_effect_once() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!(p.act("operator", &n, "take", json!({})).await, card);
    let card = p.act("operator", &n, "refuse", json!({"reason": "Не в нашем ведении"})).await;
    assert_eq!(p.act("operator", &n, "refuse", json!({"reason": "Не в нашем ведении"})).await, card);
    p.refused("operator", &n, "refuse", json!({"reason": "Другое"}), 409, "forbidden_move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_cancellation_takes_effect_once() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("applicant", &n, "cancel", json!({"reason": "Передумал"})).await;
    assert_eq!(p.act("applicant", &n, "cancel", json!({})).await, card);
    let escalation = json!({"level": "senior", "grounds": "critical", "reason": "x"});
    p.refused("applicant", &n, "escalations", escalation, 409, "forbidden_move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_closed_and_rated_once() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let card = p.act("applicant", &n, "close", json!({})).await;
    assert_eq!(p.act("applicant", &n, "close", json!({})).await, card);
    let rated = p.act("applicant", &n, "rating", json!({"score": 1})).await;
    assert_eq!(rated["review"]["score"], 1);
    assert_eq!(p.act("applicant", &n, "rating", json!({"score": 1})).await, rated);
    p.refused("applicant", &n, "rating", json!({"score": 5}), 409, "conflict").await;
    p.refused("applicant", &n, "rating", json!({"score": 6}), 422, "invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_answer_goes_back_to_work_with_a_new_date() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "answers", json!({"decision": "granted", "text": "Сделано."})).await;
    p.advance_days(2);
    p.refused("applicant", &n, "confirm", json!({"solved": false}), 422, "invalid").await;
    let card = p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Не сделано"})).await;
    assert_eq!(card["status"], "in_progress");
    assert_eq!(card["comments"][0]["text"], "Не сделано");
    assert_eq!(card["due_at"], "2026-11-18T15:00:00Z");
    // After a decision, the appeal can no longer be cancelled.
    p.refused("applicant", &n, "cancel", json!({}), 409, "forbidden_move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirecting_changes_who_answers() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let own = p.show("applicant", &n).await["responsible"].as_str().unwrap().to_owned();
    assert_ne!(own, "operator", "the one who works for every department is not the first choice");
    p.refused("operator", &n, "redirect", json!({"department": "nowhere", "reason": "x"}), 422, "invalid")
        .await;
    let card = p.act("operator", &n, "redirect", json!({"department": "roads", "reason": "Это двор"})).await;
    assert_eq!((&card["status"], &card["department"]), (&json!("redirected"), &json!("roads")));
    assert_ne!(card["responsible"], own.as_str());
    // The department that redirected it no longer sees it.
    p.refused(&own, &n, "take", json!({}), 404, "not_found").await;
    let other = p.get("operator", "/v1/departments").await.ok();
    assert!(other.as_array().unwrap().len() > 3);
    p.refused("operator", &n, "assign", json!({"to": own}), 422, "invalid").await;
    let card = p.act("operator", &n, "assign", json!({"to": "operator"})).await;
    assert_eq!(card["responsible"], "operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_overlong_text_is_refused() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    for text in ["", " \n", "a\0b", &"я".repeat(10_001)] {
        p.refused("applicant", &n, "comments", json!({"text": text}), 422, "invalid").await;
    }
    p.act("applicant", &n, "comments", json!({"text": "я".repeat(10_000)})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_past_due_date_is_refused() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.refused("operator", &n, "ask", json!({"text": "?", "due_at": "2020-01-01T00:00:00Z"}), 422, "invalid")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_refuse() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.refused("operator", &n, "answers", json!({"decision": "refused", "text": "нет"}), 422, "invalid").await;
}

#[tokio::test]
async fn changes_of_a_draft_stay_visible_to_its_author_only() {
    let p = TestPlatform::new().await;
    let number = number(&p.file_with("applicant", json!({ "draft": true })).await);
    p.patch("applicant", &number, json!({ "subject": "Another" })).await.ok();
    p.act("applicant", &number, "submit", json!({})).await;
    assert_eq!(p.events("applicant").await, ["drafted", "edited", "submitted"]);
    assert_eq!(p.events("operator").await, ["submitted"]);
}
