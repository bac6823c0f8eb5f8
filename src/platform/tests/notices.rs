//! Recipients and channels of notifications, and reminders.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, sample, sample_with};
use crate::args;
use crate::store::appeals::AppealRow;
use appeal_domain::*;

/// An appeal for testing texts.
pub fn some_row() -> AppealRow {
    let at = jiff::Timestamp::UNIX_EPOCH;
    AppealRow {
        id: "a".into(),
        number: "2026-0123456789-3".into(),
        draft_number: None,
        status: Status::InProgress,
        kind: Kind::Complaint,
        category: "roads".into(),
        subject: "Яма на Садовой улице".into(),
        text: String::new(),
        priority: Priority::Normal,
        channel: Channel::Account,
        region: None,
        service: None,
        application: None,
        occurred_at: None,
        expected: None,
        place: None,
        steps: None,
        actual: None,
        institution: None,
        fields: Default::default(),
        contacts: Default::default(),
        applicant_id: "p".into(),
        organization: None,
        department: None,
        responsible_id: None,
        created_at: at,
        updated_at: at,
        status_since: at,
        due_at: None,
        asked_from: None,
        escalated: None,
        decided: false,
        repeat_of: None,
        merged_into: None,
        version: 1,
        journal_seq: 0,
        journal_hash: None,
    }
}

/// Returns a person's notifications as `event/kind`, oldest first.
async fn notices_of(p: &TestPlatform, who: &str) -> Vec<String> {
    let page = p.get(who, "/v1/me/notifications?limit=500").await.ok();
    let mut all: Vec<String> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| format!("{}/{}", n["event"].as_str().unwrap(), n["kind"].as_str().unwrap()))
        .collect();
    all.reverse();
    all
}

/// Returns the channels by which a person's newest notification was sent.
async fn ways(p: &TestPlatform, who: &str) -> Vec<String> {
    let page = p.get(who, "/v1/me/notifications?limit=1").await.ok();
    let deliveries = page["items"][0]["deliveries"].as_array().unwrap().clone();
    deliveries.iter().map(|d| d["channel"].as_str().unwrap().to_owned()).collect()
}

async fn set(p: &TestPlatform, who: &str, edit: Value) -> Value {
    p.send(who, "PUT", "/v1/me/notification-settings", edit).await.ok()
}

async fn run(p: &TestPlatform) {
    p.run_due().await.expect("the jobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_affected_is_notified_and_nobody_else() {
    let p = TestPlatform::new().await;
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = card["number"].as_str().unwrap().to_owned();
    let responsible = card["responsible"].as_str().unwrap().to_owned();
    // Another person views the appeal.
    let number = n.clone();
    p.app
        .db()
        .write(move |tx| {
            let number = number.clone();
            Box::pin(async move {
                tx.run(
                    "INSERT INTO participants (appeal_id, person_id, role) SELECT a.id, p.id, 'view' \
                     FROM appeals a, people p WHERE a.number = $1 AND p.login = 'intermediary'",
                    args![number],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "comments", json!({"text": "Между нами", "internal": true})).await;
    p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    let answer = json!({"decision": "granted", "text": "Починено.", "await_confirmation": true});
    p.act("operator", &n, "answers", answer).await;
    p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Не починено"})).await;
    let up = json!({"level": "senior", "grounds": "critical", "reason": "Опасно"});
    p.act("applicant", &n, "escalations", up).await;
    p.act("supervisor-senior", &n, "return", json!({"text": "Разберитесь"})).await;

    let applicant = ["created/status", "taken/status", "asked/demand", "answered/demand", "returned/status"];
    assert_eq!(notices_of(&p, "applicant").await, applicant);
    // The operator who took it became responsible; earlier notifications went to another one.
    let operator = ["replied/demand", "disputed/demand", "escalated/status", "returned/demand"];
    assert_eq!(notices_of(&p, "operator").await, operator);
    assert_eq!(
        notices_of(&p, &responsible).await,
        ["created/demand", "taken/status"],
        "it is no longer theirs"
    );
    assert_eq!(notices_of(&p, "supervisor-senior").await, ["escalated/demand"]);
    let onlooker = notices_of(&p, "intermediary").await;
    assert!(onlooker.iter().all(|n| n.ends_with("/status")) && onlooker.contains(&"asked/status".to_owned()));
    assert!(!onlooker.iter().any(|n| n.starts_with("commented")), "{onlooker:?}");
    for stranger in ["representative", "supervisor-federal", "analyst", "admin"] {
        assert_eq!(notices_of(&p, stranger).await, Vec::<String>::new(), "{stranger}");
    }
    // Notifications of others are not included.
    let page = p.get("applicant", "/v1/me/notifications?kind=demand&limit=1").await.ok();
    let (id, next) = (page["items"][0]["id"].clone(), page["next"].as_str().unwrap().to_owned());
    let Reply { status, body: problem, .. } =
        p.post("operator", "/v1/me/notifications/read", json!({"ids": [id]})).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
    let rest = format!("/v1/me/notifications?kind=demand&after={next}");
    let rest = p.get("applicant", &rest).await.ok();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let read = p.post("applicant", "/v1/me/notifications/read", json!({"ids": [id]})).await.ok();
    assert_eq!(read["read"], 1);
    let read = p.post("applicant", "/v1/me/notifications/read", json!({"all": true})).await.ok();
    assert_eq!(read["read"], 4);
    let unread = p.get("applicant", "/v1/me/notifications?unread=true").await.ok();
    assert_eq!(unread["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_and_a_dry_run_notify_nobody() {
    let p = TestPlatform::new().await;
    p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok();
    p.post("applicant", "/v1/appeals?dry_run=true", sample()).await.ok();
    assert_eq!(notices_of(&p, "applicant").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_decide_on_the_channels() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    // Their preferred way of contact.
    assert_eq!(ways(&p, "applicant").await, ["email"]);
    let settings = set(&p, "applicant", json!({"sms": true, "push": "https://example.org/hook"})).await;
    assert!(settings["push_secret"].as_str().is_some_and(|s| s.len() >= 16));
    p.file("applicant").await;
    assert_eq!(ways(&p, "applicant").await, ["email", "sms", "push"]);
    // Shown once.
    let settings = set(&p, "applicant", json!({"email": false, "lang": "en"})).await;
    assert_eq!((&settings["push_secret"], &settings["lang"]), (&Value::Null, &json!("en")));
    let n = p.file("applicant").await;
    assert_eq!(ways(&p, "applicant").await, ["sms", "push"]);
    let page = p.get("applicant", "/v1/me/notifications?limit=1").await.ok();
    assert_eq!(page["items"][0]["subject"], format!("Appeal {n}: registered"));
    for (edit, sent) in [
        (json!({"kinds": ["demand"]}), false),
        (json!({"kinds": ["status"]}), true),
        (json!({"kinds": [], "appeal_kinds": ["question"]}), false),
        (json!({"appeal_kinds": ["complaint", "question"]}), true),
        (json!({"priorities": ["high"]}), false),
        (json!({"priorities": [], "push": ""}), true),
    ] {
        set(&p, "applicant", edit.clone()).await;
        p.file("applicant").await;
        assert_eq!(!ways(&p, "applicant").await.is_empty(), sent, "{edit}");
    }
    assert_eq!(ways(&p, "applicant").await, ["sms"]);
    // Contacts in the appeal take precedence.
    let elsewhere = json!({"contacts": {"phone": "+79000000999", "preferred": "phone"}});
    p.post("applicant", "/v1/appeals", sample_with(elsewhere)).await.ok();
    let page = p.get("applicant", "/v1/me/notifications?limit=1").await.ok();
    assert_eq!(page["items"][0]["deliveries"][0]["address"], "+79000000999");
    for (edit, code) in [
        (json!({"push": "ftp://example.org"}), "notices-url"),
        (json!({"push_secret": "short", "push": "https://example.org"}), "notices-secret"),
        (json!({"lang": "fr"}), "word-unknown"),
        (json!({"due_within": -1}), "notices-within"),
        (json!({"kinds": ["code"]}), "word-unknown"),
    ] {
        let Reply { status, body: problem, .. } =
            p.send("applicant", "PUT", "/v1/me/notification-settings", edit).await;
        assert_eq!((status, problem["errors"][0]["code"].as_str()), (422, Some(code)));
        super::harness::worded(&problem);
    }
    let Reply { status, body: problem, .. } =
        p.send("supervisor-senior", "PUT", "/v1/me/notification-settings", json!({"sms": true})).await;
    assert_eq!((status, problem["errors"][0]["code"].as_str()), (422, Some("notices-no-phone")));
}

async fn reminders(p: &TestPlatform, who: &str) -> usize {
    notices_of(p, who).await.iter().filter(|n| *n == "reminder/control").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_has_one_reminder_before_at_and_after_it() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");
    let before = async |minutes: i64| {
        p.advance(SignedDuration::from_mins(minutes));
        run(&p).await;
        (
            reminders(&p, "operator").await,
            reminders(&p, "supervisor-senior").await,
            reminders(&p, "applicant").await,
        )
    };
    // Friday, one working day before the close of Monday.
    assert_eq!(before(4 * 1440 + 8 * 60 - 10).await, (0, 0, 0));
    assert_eq!(before(10).await, (1, 0, 0));
    assert_eq!(before(5).await, (1, 0, 0));
    // The clock stops for a working day, which makes it another deadline.
    p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    p.advance(SignedDuration::from_mins(2 * 1440 + 19 * 60));
    let card = p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-17T15:00:00Z");
    assert_eq!(before(5).await, (1, 0, 0));
    assert_eq!(before(5 * 60).await, (2, 0, 0));
    assert_eq!(before(1440).await, (3, 1, 1));
    assert_eq!(before(1440).await, (3, 1, 1));
    let page = p.get("supervisor-senior", "/v1/me/notifications").await.ok();
    let text = page["items"][0]["text"].as_str().unwrap();
    assert!(
        text.contains(&n) && text.contains("17.11.2026, 18:00 (UTC+3)") && !text.contains("отопления"),
        "{text}"
    );
    // The day before is too early for a person who chose one hour before.
    set(&p, "operator", json!({"due_within": 3600})).await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.advance_days(6);
    run(&p).await;
    assert_eq!(ways(&p, "operator").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_request_ends_when_it_was_due() {
    for late in [8, 15] {
        let p = TestPlatform::new().await;
        let n = p.file("applicant").await;
        p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
        p.advance_days(late);
        run(&p).await;
        // Regardless of when the job runs: five working days from Monday, and five more.
        assert_eq!(p.show("applicant", &n).await["due_at"], "2026-11-23T15:00:00Z");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_and_the_previous_operator_are_notified() {
    let p = TestPlatform::new().await;
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = card["number"].as_str().unwrap().to_owned();
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "involve", json!({"department": "roads"})).await;
    p.act("operator", &n, "involve", json!({"expert": "operator-taxes"})).await;
    p.act("operator", &n, "comments", json!({"text": "Между нами", "internal": true})).await;
    p.act("operator", &n, "involve", json!({"department": "roads", "remove": true})).await;
    let department = card["department"].as_str().unwrap();
    let colleague = format!("operator-{department}");
    p.act("operator", &n, "assign", json!({"to": colleague})).await;
    assert_eq!(
        notices_of(&p, "operator-roads").await,
        ["involved/status", "involved/status", "commented/status"]
    );
    let expert = ["involved/status", "commented/status", "uninvolved/status", "assigned/status"];
    assert_eq!(notices_of(&p, "operator-taxes").await, expert);
    // An operator who assigns their own work to another needs no notification.
    assert_eq!(notices_of(&p, "operator").await, Vec::<String>::new());
    p.act("operator", &n, "assign", json!({"to": "operator"})).await;
    let page = p.get(&colleague, "/v1/me/notifications?limit=1").await.ok();
    let last = &page["items"][0];
    assert_eq!((last["event"].as_str(), last["kind"].as_str()), (Some("assigned"), Some("status")));
    assert!(last["subject"].as_str().unwrap().contains("назначен другой ответственный"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_and_a_redirection_show_their_reasons() {
    let p = TestPlatform::new().await;
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = card["number"].as_str().unwrap().to_owned();
    let later = json!({"due_at": "2027-03-01T15:00:00Z", "reason": "Нужна экспертиза"});
    p.act("operator", &n, "extend", later).await;
    let newest = async || {
        let page = p.get("applicant", "/v1/me/notifications?limit=1").await.ok();
        page["items"][0]["text"].as_str().unwrap().to_owned()
    };
    assert!(newest().await.contains("Причина: Нужна экспертиза"), "{}", newest().await);
    p.act("operator", &n, "redirect", json!({"department": "taxes", "reason": "Решает налоговая"})).await;
    let text = newest().await;
    assert!(text.contains("Причина: Решает налоговая") && !text.contains("taxes"), "{text}");
}
