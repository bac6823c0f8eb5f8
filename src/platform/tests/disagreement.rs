//! Repeat appeals and escalations (D1, D2): every ground in every status, in time and late.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample_with, worded};
use appeal_domain::*;
use appeal_files::samples;

const DECISION: &str = "answers";

/// Creates an appeal in this status, reached in time or after its due date.
async fn reach(p: &TestPlatform, status: Status, late: bool) -> String {
    if status == Status::Draft {
        return number(&p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok());
    }
    let n = p.file("applicant").await;
    if late {
        p.advance_days(40);
    }
    let answer = |wait: bool| json!({"decision": "partly", "text": "Сделано.", "await_confirmation": wait});
    if !matches!(
        status,
        Status::Submitted | Status::Redirected | Status::Cancelled | Status::ClarificationRequired
    ) {
        p.act("operator", &n, "take", json!({})).await;
    }
    match status {
        Status::Draft | Status::Submitted | Status::InProgress => {}
        Status::Redirected => {
            p.act("operator", &n, "redirect", json!({"department": "roads", "reason": "Это двор"})).await;
        }
        Status::UnderReview => {
            p.act("operator", &n, "under-review", json!({})).await;
        }
        Status::ClarificationRequired => {
            p.act("operator", &n, "ask", json!({"text": "Какой этаж?"})).await;
        }
        Status::Cancelled => {
            p.act("applicant", &n, "cancel", json!({})).await;
        }
        Status::Rejected => {
            p.act("operator", &n, "refuse", json!({"reason": "Не в нашем ведении"})).await;
        }
        Status::AwaitingConfirmation => {
            p.act("operator", &n, DECISION, answer(true)).await;
        }
        Status::Answered | Status::Completed | Status::Closed => {
            p.act("operator", &n, DECISION, answer(false)).await;
            if status == Status::Completed {
                p.act("applicant", &n, "confirm", json!({"solved": true})).await;
            }
            if status == Status::Closed {
                p.act("applicant", &n, "close", json!({})).await;
            }
        }
    }
    assert_eq!(p.show("applicant", &n).await["status"], status.as_str());
    n
}

fn escalation(level: Level, grounds: EscalationGrounds) -> Value {
    json!({"level": level, "grounds": grounds, "reason": "Дети мёрзнут"})
}

/// The requirements on grounds of an escalation, restated.
fn escalates(status: Status, grounds: EscalationGrounds, late: bool) -> bool {
    use Status::*;
    match grounds {
        EscalationGrounds::Overdue => late && !status.is_final() && status != Draft,
        EscalationGrounds::Unsatisfactory => {
            matches!(status, Answered | AwaitingConfirmation | Completed | Closed | Rejected)
        }
        EscalationGrounds::Critical | EscalationGrounds::SeveralServices => {
            !matches!(status, Draft | Cancelled)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ground_of_an_escalation_follows_the_requirements() {
    let p = TestPlatform::new().await;
    let mut turn = 0;
    for status in Status::ALL {
        for late in [false, true] {
            let mut n = reach(&p, status, late).await;
            for &grounds in EscalationGrounds::ALL {
                let before = p.show("applicant", &n).await;
                if escalates(status, grounds, late) {
                    // Levels may be skipped, so start at a different one each time.
                    let level = Level::ALL[turn % Level::ALL.len()];
                    turn += 1;
                    let card = p.act("applicant", &n, "escalations", escalation(level, grounds)).await;
                    let escalated = &card["escalations"][0];
                    assert_eq!(
                        (&card["number"], &card["status"]),
                        (&before["number"], &json!("under_review"))
                    );
                    assert_eq!(
                        (&escalated["level"], &escalated["state"]),
                        (&json!(level), &json!("pending"))
                    );
                    assert_eq!(escalated["department"], format!("review-{level}"), "its own department");
                    assert_eq!(card["department"], before["department"]);
                    let due = escalated["due_at"].as_str().unwrap();
                    assert!(due.parse::<jiff::Timestamp>().unwrap() > p.now(), "its own date");
                    assert_eq!(
                        (&card["due_at"], &escalated["outcome"]),
                        (&escalated["due_at"], &Value::Null)
                    );
                    n = reach(&p, status, late).await;
                    continue;
                }
                for level in Level::ALL {
                    let case = format!("{status} {grounds} {level} late: {late}");
                    let path = format!("/v1/appeals/{n}/escalations");
                    let Reply { status: got, body: problem, .. } =
                        p.post("applicant", &path, escalation(*level, grounds)).await;
                    assert_eq!(got, 409, "{case}: {problem:#}");
                    worded(&problem);
                    if matches!(status, Status::Draft | Status::Cancelled) {
                        assert_eq!(problem["code"], "forbidden_move", "{case}");
                        continue;
                    }
                    assert_eq!(problem["code"], "no_grounds", "{case}");
                    let waits = status == Status::ClarificationRequired;
                    if !late && !waits && !status.is_decided() {
                        assert_eq!(problem["possible_at"], before["due_at"], "{case}");
                        assert!(
                            problem["detail"].as_str().unwrap().contains(before["due_at"].as_str().unwrap())
                        );
                    } else {
                        assert_eq!(problem["possible_at"], Value::Null, "{case}");
                    }
                }
                assert_eq!(p.show("applicant", &n).await, before, "{status} {grounds} changed something");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_becomes_possible_when_the_refusal_said() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let overdue = escalation(Level::Federal, EscalationGrounds::Overdue);
    let problem = p.refused("applicant", &n, "escalations", overdue.clone(), 409, "no_grounds").await;
    let at: jiff::Timestamp = problem["possible_at"].as_str().unwrap().parse().unwrap();
    p.advance(at.duration_since(p.now()));
    p.refused("applicant", &n, "escalations", overdue.clone(), 409, "no_grounds").await;
    p.advance(jiff::SignedDuration::from_secs(1));
    p.act("applicant", &n, "escalations", overdue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ladder_only_rises_and_its_supervisor_alone_acts() {
    let p = TestPlatform::new().await;
    let critical = EscalationGrounds::Critical;
    let decide = |what: &'static str| json!({"text": format!("Решение: {what}")});
    for what in ["uphold", "change", "return"] {
        let n = reach(&p, Status::Answered, false).await;
        let act = p.upload("applicant", "акт.pdf", &samples::pdf()).await;
        let mut body = escalation(Level::Regional, critical);
        body["attachments"] = json!([act]);
        let card = p.act("applicant", &n, "escalations", body.clone()).await;
        assert_eq!(card["attachments"][0]["name"], "акт.pdf");
        assert_eq!(p.act("applicant", &n, "escalations", escalation(Level::Regional, critical)).await, card);
        // Only the supervisor of that level can act on it.
        for (who, status) in
            [("supervisor-senior", 404), ("supervisor-federal", 404), ("operator", 403), ("applicant", 403)]
        {
            let path = format!("/v1/appeals/{n}/{what}");
            assert_eq!(p.post(who, &path, decide(what)).await.status, status, "{who} {what}");
        }
        for (what, body) in [
            ("answers", json!({"decision": "partly", "text": "Сделано."})),
            ("refuse", json!({"reason": "Нет"})),
            ("redirect", json!({"department": "roads", "reason": "Двор"})),
            ("ask", json!({"text": "Что?"})),
            ("take", json!({})),
        ] {
            p.refused("operator", &n, what, body, 409, "forbidden_move").await;
        }
        // While the escalation is in time, no other level is available.
        let higher = escalation(Level::Federal, critical);
        let problem = p.refused("applicant", &n, "escalations", higher.clone(), 409, "no_grounds").await;
        assert_eq!(problem["possible_at"], card["due_at"]);

        p.refused("supervisor-regional", &n, what, json!({"text": " "}), 422, "invalid").await;
        let card = p.act("supervisor-regional", &n, what, decide(what)).await;
        let (state, status) = match what {
            "uphold" => ("upheld", "answered"),
            "change" => ("changed", "answered"),
            _ => ("returned", "in_progress"),
        };
        assert_eq!(card["status"], status);
        let outcome = &card["escalations"][0]["outcome"];
        assert_eq!((&outcome["result"], &outcome["by"]), (&json!(state), &json!("supervisor-regional")));
        assert_eq!(outcome["text"], format!("Решение: {what}"));
        for level in [Level::Senior, Level::Regional] {
            let problem =
                p.refused("applicant", &n, "escalations", escalation(level, critical), 409, "conflict").await;
            assert!(problem["hint"].as_str().unwrap().contains("federal, ombudsman, quality"), "{problem:#}");
        }
        // If the pending escalation is overdue, a higher level becomes available and ends it.
        p.act("applicant", &n, "escalations", higher).await;
        p.advance_days(60);
        let card = p
            .act("applicant", &n, "escalations", escalation(Level::Quality, EscalationGrounds::Overdue))
            .await;
        let states: Vec<&str> =
            card["escalations"].as_array().unwrap().iter().map(|e| e["state"].as_str().unwrap()).collect();
        assert_eq!(states, [state, "superseded", "pending"]);
        p.refused("supervisor-federal", &n, "change", decide("change"), 403, "forbidden").await;
        p.act("supervisor-quality", &n, "change", decide("change")).await;
        p.refused("applicant", &n, "escalations", escalation(Level::Quality, critical), 409, "conflict")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_redirected_to_a_reviewing_department() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let body = json!({"department": "review-senior", "reason": "Туда"});
    let problem = p.refused("operator", &n, "redirect", body, 422, "invalid").await;
    assert_eq!(problem["errors"][0]["code"], "department-review");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ground_of_a_repeat_holds_where_the_facts_say() {
    let p = TestPlatform::new().await;
    for status in Status::ALL {
        for late in [false, true] {
            let n = reach(&p, status, late).await;
            for &grounds in RepeatGrounds::ALL {
                let answered = status.is_decided();
                let holds = match grounds {
                    RepeatGrounds::Overdue => late && status != Status::Draft,
                    RepeatGrounds::Incomplete | RepeatGrounds::Unlawful => answered,
                };
                let before = p.show("applicant", &n).await;
                let body = json!({"grounds": grounds, "text": "Прошу рассмотреть снова."});
                let case = format!("{status} {grounds} late: {late}");
                if holds {
                    let card = p.act("applicant", &n, "repeats", body).await;
                    assert_eq!(
                        (&card["repeat_of"], &card["status"]),
                        (&json!(n), &json!("submitted")),
                        "{case}"
                    );
                    continue;
                }
                let reply = p.post("applicant", &format!("/v1/appeals/{n}/repeats"), body).await;
                assert_eq!((reply.status, reply.code()), (409, "no_grounds"), "{case}: {:#}", reply.body);
                let problem = reply.body;
                let detail = problem["detail"].as_str().unwrap();
                assert!(!detail.starts_with("problem-") && !detail.contains("{$"), "{case}: {detail}");
                let waits = status == Status::ClarificationRequired;
                if !late && !waits && !status.is_decided() && status != Status::Draft {
                    assert_eq!(problem["possible_at"], before["due_at"], "{case}");
                    assert!(detail.contains(before["due_at"].as_str().unwrap()));
                } else {
                    assert_eq!(problem["possible_at"], Value::Null, "{case}: {problem:#}");
                }
                assert_eq!(p.show("applicant", &n).await, before, "{case}");
            }
        }
    }
    // A disputed answer is not a reason for a repeat, because another answer will follow.
    let n = reach(&p, Status::Answered, false).await;
    p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Холодно"})).await;
    let body = json!({"grounds": "incomplete", "text": "Снова"});
    p.refused("applicant", &n, "repeats", body, 409, "no_grounds").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_repeats_is_shown_counted_and_shared() {
    let p = TestPlatform::new().await;
    let first = reach(&p, Status::Answered, false).await;
    assert!(p.show("applicant", &first).await.get("chain").is_none());
    p.act("applicant", &first, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    let body = json!({"grounds": "incomplete", "text": "Не сказано, когда."});
    let mut numbers = vec![first.clone()];
    for _ in 0..3 {
        p.advance_days(1);
        let last = numbers.last().unwrap().clone();
        let card = p.act("intermediary", &last, "repeats", body.clone()).await;
        let n = number(&card);
        let old = p.show("applicant", &last).await;
        for same in ["subject", "category", "fields", "contacts", "applicant", "organization"] {
            assert_eq!(card[same], old[same], "{same}");
        }
        assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "represent"}]));
        assert_ne!(card["due_at"], old["due_at"]);
        p.act("operator", &n, "take", json!({})).await;
        p.act("operator", &n, DECISION, json!({"decision": "explained", "text": "Скоро."})).await;
        numbers.push(n);
    }
    p.advance_days(1);
    // The second one is repeated again, so that the chain is a tree.
    numbers.push(number(&p.act("applicant", &numbers[1], "repeats", body).await));
    for (place, n) in numbers.iter().enumerate() {
        let card = p.show("intermediary", n).await;
        let chain = json!({"count": 5, "position": place + 1, "numbers": numbers});
        assert_eq!(card["chain"], chain, "{n}");
    }
    assert_eq!(p.show("applicant", &numbers[1]).await["repeats"], json!([numbers[2], numbers[4]]));
}
