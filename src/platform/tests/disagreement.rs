//! Repeat appeals and escalations: every ground in every status, in time and late.

use serde_json::{Value, json};

use super::harness::{TestPlatform, assert_fields, number, sample_with, worded};
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

/// Escalates an appeal, and checks what the card says of it.
async fn escalate(p: &TestPlatform, n: &str, level: Level, grounds: EscalationGrounds) {
    let before = p.show("applicant", n).await;
    let card = p.act("applicant", n, "escalations", escalation(level, grounds)).await;
    let escalated = &card["escalations"][0];
    let due = escalated["due_at"].as_str().unwrap();
    assert!(due.parse::<jiff::Timestamp>().unwrap() > p.now(), "its own date");
    let department = format!("review-{level}");
    assert_fields(
        escalated,
        json!({"level": level, "state": "pending", "department": department, "outcome": null}),
    );
    let expected = json!({
        "number": before["number"], "status": "under_review", "department": before["department"], "due_at": due,
    });
    assert_fields(&card, expected);
}

/// Checks that no level accepts an escalation, and that the refusal says when it is possible.
async fn refuse_escalation(
    p: &TestPlatform,
    n: &str,
    status: Status,
    late: bool,
    grounds: EscalationGrounds,
) {
    let before = p.show("applicant", n).await;
    for level in Level::ALL {
        let case = format!("{status} {grounds} {level} late: {late}");
        let reply =
            p.post("applicant", &format!("/v1/appeals/{n}/escalations"), escalation(*level, grounds)).await;
        let problem = &reply.body;
        assert_eq!(reply.status, 409, "{case}: {problem:#}");
        worded(problem);
        if matches!(status, Status::Draft | Status::Cancelled) {
            assert_eq!(reply.code(), "forbidden_move", "{case}");
            continue;
        }
        assert_eq!(reply.code(), "no_grounds", "{case}");
        if late || status == Status::ClarificationRequired || status.is_decided() {
            assert_eq!(problem["possible_at"], Value::Null, "{case}");
        } else {
            assert_eq!(problem["possible_at"], before["due_at"], "{case}");
            assert!(problem["detail"].as_str().unwrap().contains(before["due_on"].as_str().unwrap()));
        }
    }
    assert_eq!(p.show("applicant", n).await, before, "{status} {grounds} changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ground_of_an_escalation_follows_the_requirements() {
    let p = TestPlatform::new().await;
    let mut turn = 0;
    for status in Status::ALL {
        for late in [false, true] {
            let mut n = reach(&p, status, late).await;
            for &grounds in EscalationGrounds::ALL {
                if escalates(status, grounds, late) {
                    // Levels may be skipped, so start at a different one each time.
                    escalate(&p, &n, Level::ALL[turn % Level::ALL.len()], grounds).await;
                    turn += 1;
                    n = reach(&p, status, late).await;
                } else {
                    refuse_escalation(&p, &n, status, late, grounds).await;
                }
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

const CRITICAL: EscalationGrounds = EscalationGrounds::Critical;
const REGIONAL: &str = "supervisor-regional";
/// The decisions of a supervisor, with the state of the escalation and the status of the appeal after it.
const DECISIONS: [(&str, &str, &str); 3] = [
    ("uphold", "upheld", "answered"),
    ("change", "changed", "answered"),
    ("return", "returned", "in_progress"),
];

fn decision(action: &str) -> Value {
    json!({"text": format!("Решение: {action}")})
}

/// Files an appeal that is answered and escalated to the regional level; returns its number.
async fn escalated(p: &TestPlatform) -> String {
    let n = p.answered().await;
    p.act("applicant", &n, "escalations", escalation(Level::Regional, CRITICAL)).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_may_have_a_file_and_is_made_once() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let act = p.upload("applicant", "акт.pdf", &samples::pdf()).await;
    let mut body = escalation(Level::Regional, CRITICAL);
    body["attachments"] = json!([act]);
    let card = p.act("applicant", &n, "escalations", body).await;
    assert_eq!(card["attachments"][0]["name"], "акт.pdf");
    assert_eq!(p.act("applicant", &n, "escalations", escalation(Level::Regional, CRITICAL)).await, card);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_supervisor_of_the_level_decides() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    for (action, ..) in DECISIONS {
        for (who, status) in
            [("supervisor-senior", 404), ("supervisor-federal", 404), ("operator", 403), ("applicant", 403)]
        {
            let reply = p.post(who, &format!("/v1/appeals/{n}/{action}"), decision(action)).await;
            assert_eq!(reply.status, status, "{who} {action}");
        }
        p.refused(REGIONAL, &n, action, json!({"text": " "}), 422, "invalid").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_no_moves_during_an_escalation() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    for (action, body) in [
        ("answers", json!({"decision": "partly", "text": "Сделано."})),
        ("refuse", json!({"reason": "Нет"})),
        ("redirect", json!({"department": "roads", "reason": "Двор"})),
        ("ask", json!({"text": "Что?"})),
        ("take", json!({})),
    ] {
        p.refused("operator", &n, action, body, 409, "forbidden_move").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_level_is_available_while_an_escalation_is_in_time() {
    let p = TestPlatform::new().await;
    let n = escalated(&p).await;
    let body = escalation(Level::Federal, CRITICAL);
    let problem = p.refused("applicant", &n, "escalations", body, 409, "no_grounds").await;
    assert_eq!(problem["possible_at"], p.show("applicant", &n).await["due_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_an_escalation_has_its_outcome() {
    let p = TestPlatform::new().await;
    for (action, state, status) in DECISIONS {
        let n = escalated(&p).await;
        let card = p.act(REGIONAL, &n, action, decision(action)).await;
        assert_eq!(card["status"], status);
        let expected = json!({"result": state, "by": REGIONAL, "text": format!("Решение: {action}")});
        assert_fields(&card["escalations"][0]["outcome"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_has_decided_is_not_available_again() {
    let p = TestPlatform::new().await;
    for (action, ..) in DECISIONS {
        let n = escalated(&p).await;
        p.act(REGIONAL, &n, action, decision(action)).await;
        for level in [Level::Senior, Level::Quality, Level::Regional] {
            let body = escalation(level, CRITICAL);
            let problem = p.refused("applicant", &n, "escalations", body, 409, "conflict").await;
            assert!(problem["hint"].as_str().unwrap().contains("federal, ombudsman"), "{problem:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_level_supersedes_an_overdue_escalation() {
    let p = TestPlatform::new().await;
    for (action, state, _) in DECISIONS {
        let n = escalated(&p).await;
        p.act(REGIONAL, &n, action, decision(action)).await;
        p.act("applicant", &n, "escalations", escalation(Level::Federal, CRITICAL)).await;
        p.advance_days(60);
        let body = escalation(Level::Ombudsman, EscalationGrounds::Overdue);
        let card = p.act("applicant", &n, "escalations", body).await;
        let all = card["escalations"].as_array().unwrap();
        let states: Vec<&str> = all.iter().map(|e| e["state"].as_str().unwrap()).collect();
        assert_eq!(states, [state, "superseded", "pending"]);
        p.refused("supervisor-federal", &n, "change", decision("change"), 403, "forbidden").await;
        p.act("supervisor-ombudsman", &n, "change", decision("change")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_level_above_the_last() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "escalations", escalation(Level::Ombudsman, CRITICAL)).await;
    p.act("supervisor-ombudsman", &n, "change", decision("change")).await;
    let body = escalation(Level::Ombudsman, CRITICAL);
    p.refused("applicant", &n, "escalations", body, 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quality_control_leaves_the_way_to_the_ombudsman() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "escalations", escalation(Level::Quality, CRITICAL)).await;
    p.act("supervisor-quality", &n, "uphold", decision("uphold")).await;
    p.act("applicant", &n, "escalations", escalation(Level::Ombudsman, CRITICAL)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_redirected_to_a_reviewing_department() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let body = json!({"department": "review-senior", "reason": "Туда"});
    let problem = p.refused("operator", &n, "redirect", body, 422, "invalid").await;
    assert_eq!(problem["errors"][0]["code"], "department-review");
}

/// Checks that an appeal is not repeated, and that the refusal says when it is possible.
async fn refuse_repeat(p: &TestPlatform, n: &str, status: Status, late: bool, grounds: RepeatGrounds) {
    let case = format!("{status} {grounds} late: {late}");
    let before = p.show("applicant", n).await;
    let body = json!({"grounds": grounds, "text": "Прошу рассмотреть снова."});
    let reply = p.post("applicant", &format!("/v1/appeals/{n}/repeats"), body).await;
    reply.is_problem(409, "no_grounds");
    let detail = reply.body["detail"].as_str().unwrap();
    let never =
        late || status.is_decided() || [Status::ClarificationRequired, Status::Draft].contains(&status);
    if never {
        assert_eq!(reply.body["possible_at"], Value::Null, "{case}: {:#}", reply.body);
    } else {
        assert_eq!(reply.body["possible_at"], before["due_at"], "{case}");
        assert!(detail.contains(before["due_on"].as_str().unwrap()));
    }
    assert_eq!(p.show("applicant", n).await, before, "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ground_of_a_repeat_follows_the_requirements() {
    let p = TestPlatform::new().await;
    for status in Status::ALL {
        for late in [false, true] {
            let n = reach(&p, status, late).await;
            for &grounds in RepeatGrounds::ALL {
                let holds = match grounds {
                    RepeatGrounds::Overdue => late && status != Status::Draft,
                    RepeatGrounds::Incomplete | RepeatGrounds::Unlawful => status.is_decided(),
                };
                if !holds {
                    refuse_repeat(&p, &n, status, late, grounds).await;
                    continue;
                }
                let body = json!({"grounds": grounds, "text": "Прошу рассмотреть снова."});
                let card = p.act("applicant", &n, "repeats", body).await;
                assert_fields(&card, json!({"repeat_of": n, "status": "submitted"}));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_answer_is_not_a_ground_for_a_repeat() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    // Another answer will follow.
    p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Холодно"})).await;
    let body = json!({"grounds": "incomplete", "text": "Снова"});
    p.refused("applicant", &n, "repeats", body, 409, "no_grounds").await;
}

/// Repeats an appeal as `intermediary` and answers the new one; returns its number.
async fn repeat(p: &TestPlatform, n: &str) -> String {
    p.advance_days(1);
    let card = p.act("intermediary", n, "repeats", json!({"grounds": "incomplete", "text": "Когда?"})).await;
    let next = number(&card);
    p.act("operator", &next, "take", json!({})).await;
    p.act("operator", &next, DECISION, json!({"decision": "explained", "text": "Скоро."})).await;
    next
}

/// Files an appeal that is answered and shared with `intermediary`; returns its number.
async fn shared(p: &TestPlatform) -> String {
    let n = p.answered().await;
    p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_has_the_content_and_participants_of_the_first_appeal() {
    let p = TestPlatform::new().await;
    let n = shared(&p).await;
    p.advance_days(1);
    let body = json!({"grounds": "incomplete", "text": "Не сказано, когда."});
    let card = p.act("intermediary", &n, "repeats", body).await;
    let old = p.show("applicant", &n).await;
    for same in ["subject", "category", "fields", "contacts", "applicant", "organization"] {
        assert_eq!(card[same], old[same], "{same}");
    }
    assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "represent"}]));
    assert_ne!(card["due_at"], old["due_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_appeal_of_a_chain_shows_the_chain() {
    let p = TestPlatform::new().await;
    let mut numbers = vec![shared(&p).await];
    assert!(p.show("applicant", &numbers[0]).await.get("chain").is_none());
    for last in 0..3 {
        numbers.push(repeat(&p, &numbers[last]).await);
    }
    // The second one is repeated again, so that the chain is a tree.
    numbers.push(repeat(&p, &numbers[1]).await);
    for (place, n) in numbers.iter().enumerate() {
        let chain = json!({"count": 5, "position": place + 1, "numbers": numbers});
        assert_eq!(p.show("intermediary", n).await["chain"], chain, "{n}");
    }
    assert_eq!(p.show("applicant", &numbers[1]).await["repeats"], json!([numbers[2], numbers[4]]));
}
