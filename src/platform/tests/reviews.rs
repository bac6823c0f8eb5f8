//! Reviews of decisions and their revision (D3).

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform};
use appeal_files::samples;

async fn answered(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    n
}

/// Returns the numbers in a supervisor's queue.
async fn queue(p: &TestPlatform, who: &str, states: &str) -> Vec<String> {
    let path = format!("/v1/appeals?view=reviews&review={states}");
    let page = p.get(who, &path).await.ok();
    page["items"].as_array().unwrap().iter().map(|i| i["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_goes_through_its_queue_to_the_final_document() {
    let p = TestPlatform::new().await;
    let n = answered(&p).await;
    // Supervisors of higher levels do not see an appeal otherwise.
    assert_eq!(p.get("supervisor-quality", &format!("/v1/appeals/{n}")).await.status, 404);
    let scan = p.upload("applicant", "замечания.pdf", &samples::pdf()).await;
    let body = json!({"score": 2, "category": "legal", "remarks": "Норма отменена", "attachments": [scan]});
    let card = p.act("applicant", &n, "rating", body).await;
    let review = &card["review"];
    assert_eq!(
        (&review["state"], &review["changes"], &review["by"]),
        (&json!("pending"), &Value::Null, &Value::Null)
    );

    for who in ["supervisor-quality", "supervisor-senior", "supervisor", "admin"] {
        assert_eq!(queue(&p, who, "").await, [n.as_str()], "{who}");
        assert_eq!(queue(&p, who, "pending").await, [n.as_str()], "{who}");
        assert_eq!(p.show(who, &n).await["review"]["score"], 2, "{who}");
        assert!(queue(&p, who, "in_revision,completed").await.is_empty(), "{who}");
    }
    for who in ["supervisor-regional", "supervisor-federal", "supervisor-ombudsman"] {
        assert!(queue(&p, who, "").await.is_empty(), "{who}");
        p.refused(who, &n, "revision", json!({}), 404, "not_found").await;
    }
    for who in ["applicant", "operator"] {
        assert_eq!(p.get(who, "/v1/appeals?view=reviews").await.status, 403, "{who}");
    }
    for who in ["applicant", "operator", "admin"] {
        p.refused(who, &n, "revision", json!({"text": "x"}), 403, "forbidden").await;
    }
    // Seeing the appeal does not permit deciding on it.
    p.refused("supervisor-quality", &n, "change", json!({"text": "x"}), 403, "forbidden").await;
    p.act("supervisor-quality", &n, "comments", json!({"text": "Проверим", "internal": true})).await;

    let card = p.act("supervisor-quality", &n, "revision", json!({})).await;
    assert_eq!(
        (&card["review"]["state"], &card["review"]["by"]),
        (&json!("in_revision"), &json!("supervisor-quality"))
    );
    assert_eq!(p.act("supervisor-quality", &n, "revision", json!({})).await, card);
    assert_eq!(queue(&p, "supervisor-senior", "in_revision").await, [n.as_str()]);
    p.refused("supervisor-quality", &n, "revision", json!({"text": " "}), 422, "invalid").await;
    let act = p.upload("supervisor-quality", "решение.pdf", &samples::pdf_with(10)).await;
    p.refused("supervisor-quality", &n, "revision", json!({"attachments": [act]}), 422, "invalid").await;
    p.advance_days(1);
    let body = json!({"text": "Ссылка на норму исправлена", "attachments": [act]});
    p.act("supervisor-quality", &n, "revision", body).await;
    let card = p.show("applicant", &n).await;
    let review = &card["review"];
    assert_eq!(
        (&review["state"], &review["changes"]),
        (&json!("completed"), &json!("Ссылка на норму исправлена"))
    );
    assert_eq!(review["revised_at"], p.now().to_string());
    assert_eq!((&review["by"], &review["score"]), (&json!("supervisor-quality"), &json!(2)));
    let last = card["attachments"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &review["attachments"]), (&json!("решение.pdf"), &json!([last["id"]])));
    assert_eq!(card["status"], "answered", "a revision is no move");
    p.refused("supervisor-quality", &n, "revision", json!({}), 409, "conflict").await;
    p.refused("supervisor-quality", &n, "revision", json!({"text": "Другое"}), 409, "conflict").await;
    // The applicant cannot change the document.
    let path = format!("/v1/appeals/{n}/attachments");
    let Reply { status, .. } = p
        .post(
            "applicant",
            &path,
            json!({"attachments": [{"sha256": "0".repeat(64), "name": "a.pdf"}], "replace": last["id"]}),
        )
        .await;
    assert_eq!(status, 403);

    let changes = p.get("applicant", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let events: Vec<&str> =
        changes["items"].as_array().unwrap().iter().map(|c| c["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["created", "taken", "answered", "rated", "revision_taken", "revised"]);
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unconfirmed_supervisor_revises_nothing() {
    let p = TestPlatform::new().await;
    let n = answered(&p).await;
    p.act("applicant", &n, "rating", json!({"score": 2})).await;
    p.sql("UPDATE people SET state = 'confirmation_required' WHERE login = 'supervisor-quality'").await;
    for body in [json!({}), json!({"text": "x"})] {
        p.refused("supervisor-quality", &n, "revision", body, 403, "account_unconfirmed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_rated_once_and_a_new_one_anew() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.refused("applicant", &n, "rating", json!({"score": 3}), 409, "conflict").await;
    p.act("operator", &n, "take", json!({})).await;
    p.refused("applicant", &n, "rating", json!({"score": 3}), 409, "conflict").await;
    p.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    let card = p.act("applicant", &n, "rating", json!({"score": 2})).await;
    assert_eq!(p.act("applicant", &n, "rating", json!({"score": 2})).await, card);
    p.refused("applicant", &n, "rating", json!({"score": 5}), 409, "conflict").await;
    // Completed directly, by the level it was escalated to.
    let reason = json!({"level": "regional", "grounds": "unsatisfactory", "reason": "Холодно"});
    p.act("applicant", &n, "escalations", reason).await;
    assert_eq!(queue(&p, "supervisor-regional", "pending").await, [n.as_str()]);
    p.act("supervisor-regional", &n, "change", json!({"text": "Перерасчёт выполнен."})).await;
    p.act("supervisor-regional", &n, "revision", json!({"text": "Решение изменено"})).await;
    assert_eq!(queue(&p, "supervisor-regional", "completed").await, [n.as_str()]);
    // There is a new decision.
    let card = p.act("applicant", &n, "rating", json!({"score": 5})).await;
    assert_eq!((&card["review"]["score"], &card["review"]["state"]), (&json!(5), &json!("pending")));
    assert_eq!(card["review"]["changes"], Value::Null);
    assert_eq!(queue(&p, "supervisor-regional", "pending").await, [n.as_str()]);
    assert!(queue(&p, "supervisor-regional", "completed").await.is_empty(), "the latest counts");

    // A final appeal can be rated, whatever its outcome.
    let n = p.file("applicant").await;
    p.act("applicant", &n, "cancel", json!({})).await;
    p.act("applicant", &n, "rating", json!({"score": 4})).await;
    let n = answered(&p).await;
    p.refused("supervisor", &n, "revision", json!({}), 404, "not_found").await;
    let reason = json!({"level": "senior", "grounds": "unsatisfactory", "reason": "Холодно"});
    p.act("applicant", &n, "escalations", reason).await;
    p.refused("supervisor", &n, "revision", json!({}), 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_filtered_and_in_the_order_of_waiting() {
    let p = TestPlatform::new().await;
    let mut numbers = Vec::new();
    for score in [1, 5, 3] {
        let n = answered(&p).await;
        p.advance_days(1);
        p.act("applicant", &n, "rating", json!({"score": score})).await;
        numbers.push(n);
    }
    assert_eq!(queue(&p, "supervisor-quality", "").await, numbers);
    let page = p.get("supervisor-quality", "/v1/appeals?view=reviews&category=taxes").await.ok();
    assert_eq!(page["items"], json!([]));
    let Reply { status, body: problem, .. } =
        p.get("supervisor-quality", "/v1/appeals?view=reviews&review=done").await;
    assert_eq!(status, 422);
    super::harness::worded(&problem);
    // Lists, cards and the stream agree.
    let all = p.get("supervisor-quality", "/v1/appeals").await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    let changes = p.get("supervisor-quality", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    assert!(changes["items"].as_array().unwrap().iter().any(|c| c["event"] == "rated"));
}
