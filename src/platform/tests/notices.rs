//! Recipients and channels of notifications, and reminders.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{World, sample, sample_with};
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
async fn notices_of(w: &World, who: &str) -> Vec<String> {
    let page = w.ok(who, "GET", "/v1/me/notifications?limit=500", Value::Null).await;
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
async fn ways(w: &World, who: &str) -> Vec<String> {
    let page = w.ok(who, "GET", "/v1/me/notifications?limit=1", Value::Null).await;
    let deliveries = page["items"][0]["deliveries"].as_array().unwrap().clone();
    deliveries.iter().map(|d| d["channel"].as_str().unwrap().to_owned()).collect()
}

async fn set(w: &World, who: &str, edit: Value) -> Value {
    w.ok(who, "PUT", "/v1/me/notification-settings", edit).await
}

async fn run(w: &World) {
    w.platform.run_due().await.expect("the jobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_affected_is_notified_and_nobody_else() {
    let w = World::new().await;
    let card = w.ok("applicant", "POST", "/v1/appeals", sample()).await;
    let n = card["number"].as_str().unwrap().to_owned();
    let responsible = card["responsible"].as_str().unwrap().to_owned();
    // Another person views the appeal.
    let number = n.clone();
    w.platform
        .app
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
    w.act("operator", &n, "take", json!({})).await;
    w.act("operator", &n, "comments", json!({"text": "Между нами", "internal": true})).await;
    w.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    w.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    let answer = json!({"decision": "granted", "text": "Починено.", "await_confirmation": true});
    w.act("operator", &n, "answers", answer).await;
    w.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Не починено"})).await;
    let up = json!({"level": "senior", "grounds": "critical", "reason": "Опасно"});
    w.act("applicant", &n, "escalations", up).await;
    w.act("supervisor-senior", &n, "return", json!({"text": "Разберитесь"})).await;

    let applicant = ["created/status", "taken/status", "asked/demand", "answered/demand", "returned/status"];
    assert_eq!(notices_of(&w, "applicant").await, applicant);
    // The operator who took it became responsible; earlier notifications went to another one.
    let operator = ["replied/demand", "disputed/demand", "escalated/status", "returned/demand"];
    assert_eq!(notices_of(&w, "operator").await, operator);
    assert_eq!(
        notices_of(&w, &responsible).await,
        ["created/demand", "taken/status"],
        "it is no longer theirs"
    );
    assert_eq!(notices_of(&w, "supervisor-senior").await, ["escalated/demand"]);
    let onlooker = notices_of(&w, "intermediary").await;
    assert!(onlooker.iter().all(|n| n.ends_with("/status")) && onlooker.contains(&"asked/status".to_owned()));
    assert!(!onlooker.iter().any(|n| n.starts_with("commented")), "{onlooker:?}");
    for stranger in ["representative", "supervisor-federal", "analyst", "admin"] {
        assert_eq!(notices_of(&w, stranger).await, Vec::<String>::new(), "{stranger}");
    }
    // Notifications of others are not included.
    let page = w.ok("applicant", "GET", "/v1/me/notifications?kind=demand&limit=1", Value::Null).await;
    let (id, next) = (page["items"][0]["id"].clone(), page["next"].as_str().unwrap().to_owned());
    let (status, problem) =
        w.send("operator", "POST", "/v1/me/notifications/read", json!({"ids": [id]})).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
    let rest = format!("/v1/me/notifications?kind=demand&after={next}");
    let rest = w.ok("applicant", "GET", &rest, Value::Null).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let read = w.ok("applicant", "POST", "/v1/me/notifications/read", json!({"ids": [id]})).await;
    assert_eq!(read["read"], 1);
    let read = w.ok("applicant", "POST", "/v1/me/notifications/read", json!({"all": true})).await;
    assert_eq!(read["read"], 4);
    let unread = w.ok("applicant", "GET", "/v1/me/notifications?unread=true", Value::Null).await;
    assert_eq!(unread["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_and_a_dry_run_notify_nobody() {
    let w = World::new().await;
    w.ok("applicant", "POST", "/v1/appeals", sample_with(json!({"draft": true}))).await;
    w.ok("applicant", "POST", "/v1/appeals?dry_run=true", sample()).await;
    assert_eq!(notices_of(&w, "applicant").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_decide_on_the_channels() {
    let w = World::new().await;
    w.file("applicant").await;
    // Their preferred way of contact.
    assert_eq!(ways(&w, "applicant").await, ["email"]);
    let settings = set(&w, "applicant", json!({"sms": true, "push": "https://example.org/hook"})).await;
    assert!(settings["push_secret"].as_str().is_some_and(|s| s.len() >= 16));
    w.file("applicant").await;
    assert_eq!(ways(&w, "applicant").await, ["email", "sms", "push"]);
    // Shown once.
    let settings = set(&w, "applicant", json!({"email": false, "lang": "en"})).await;
    assert_eq!((&settings["push_secret"], &settings["lang"]), (&Value::Null, &json!("en")));
    let n = w.file("applicant").await;
    assert_eq!(ways(&w, "applicant").await, ["sms", "push"]);
    let page = w.ok("applicant", "GET", "/v1/me/notifications?limit=1", Value::Null).await;
    assert_eq!(page["items"][0]["subject"], format!("Appeal {n}: registered"));
    for (edit, sent) in [
        (json!({"kinds": ["demand"]}), false),
        (json!({"kinds": ["status"]}), true),
        (json!({"kinds": [], "appeal_kinds": ["question"]}), false),
        (json!({"appeal_kinds": ["complaint", "question"]}), true),
        (json!({"priorities": ["high"]}), false),
        (json!({"priorities": [], "push": ""}), true),
    ] {
        set(&w, "applicant", edit.clone()).await;
        w.file("applicant").await;
        assert_eq!(!ways(&w, "applicant").await.is_empty(), sent, "{edit}");
    }
    assert_eq!(ways(&w, "applicant").await, ["sms"]);
    // Contacts in the appeal take precedence.
    let elsewhere = json!({"contacts": {"phone": "+79000000999", "preferred": "phone"}});
    w.ok("applicant", "POST", "/v1/appeals", sample_with(elsewhere)).await;
    let page = w.ok("applicant", "GET", "/v1/me/notifications?limit=1", Value::Null).await;
    assert_eq!(page["items"][0]["deliveries"][0]["address"], "+79000000999");
    for (edit, code) in [
        (json!({"push": "ftp://example.org"}), "notices-url"),
        (json!({"push_secret": "short", "push": "https://example.org"}), "notices-secret"),
        (json!({"lang": "fr"}), "word-unknown"),
        (json!({"due_within": -1}), "notices-within"),
        (json!({"kinds": ["code"]}), "word-unknown"),
    ] {
        let (status, problem) = w.send("applicant", "PUT", "/v1/me/notification-settings", edit).await;
        assert_eq!((status, problem["errors"][0]["code"].as_str()), (422, Some(code)));
        super::worded(&problem);
    }
    let (status, problem) =
        w.send("supervisor-senior", "PUT", "/v1/me/notification-settings", json!({"sms": true})).await;
    assert_eq!((status, problem["errors"][0]["code"].as_str()), (422, Some("notices-no-phone")));
}

async fn reminders(w: &World, who: &str) -> usize {
    notices_of(w, who).await.iter().filter(|n| *n == "reminder/control").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_has_one_reminder_before_at_and_after_it() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    let card = w.act("operator", &n, "take", json!({})).await;
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");
    let before = async |minutes: i64| {
        w.pass(SignedDuration::from_mins(minutes));
        run(&w).await;
        (
            reminders(&w, "operator").await,
            reminders(&w, "supervisor-senior").await,
            reminders(&w, "applicant").await,
        )
    };
    // Friday, one working day before the close of Monday.
    assert_eq!(before(4 * 1440 + 8 * 60 - 10).await, (0, 0, 0));
    assert_eq!(before(10).await, (1, 0, 0));
    assert_eq!(before(5).await, (1, 0, 0));
    // The clock stops for a working day, which makes it another deadline.
    w.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    w.pass(SignedDuration::from_mins(2 * 1440 + 19 * 60));
    let card = w.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-17T15:00:00Z");
    assert_eq!(before(5).await, (1, 0, 0));
    assert_eq!(before(5 * 60).await, (2, 0, 0));
    assert_eq!(before(1440).await, (3, 1, 1));
    assert_eq!(before(1440).await, (3, 1, 1));
    let page = w.ok("supervisor-senior", "GET", "/v1/me/notifications", Value::Null).await;
    let text = page["items"][0]["text"].as_str().unwrap();
    assert!(
        text.contains(&n) && text.contains("17.11.2026, 18:00 (UTC+3)") && !text.contains("отопления"),
        "{text}"
    );
    // The day before is too early for a person who chose one hour before.
    set(&w, "operator", json!({"due_within": 3600})).await;
    let n = w.file("applicant").await;
    w.act("operator", &n, "take", json!({})).await;
    w.days(6);
    run(&w).await;
    assert_eq!(ways(&w, "operator").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_request_ends_when_it_was_due() {
    for late in [8, 15] {
        let w = World::new().await;
        let n = w.file("applicant").await;
        w.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
        w.days(late);
        run(&w).await;
        // Regardless of when the job runs: five working days from Monday, and five more.
        assert_eq!(w.show("applicant", &n).await["due_at"], "2026-11-23T15:00:00Z");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_and_the_previous_operator_are_notified() {
    let w = World::new().await;
    let card = w.ok("applicant", "POST", "/v1/appeals", sample()).await;
    let n = card["number"].as_str().unwrap().to_owned();
    w.act("operator", &n, "take", json!({})).await;
    w.act("operator", &n, "involve", json!({"department": "roads"})).await;
    w.act("operator", &n, "involve", json!({"expert": "operator-taxes"})).await;
    w.act("operator", &n, "comments", json!({"text": "Между нами", "internal": true})).await;
    w.act("operator", &n, "involve", json!({"department": "roads", "remove": true})).await;
    let department = card["department"].as_str().unwrap();
    let colleague = format!("operator-{department}");
    w.act("operator", &n, "assign", json!({"to": colleague})).await;
    assert_eq!(
        notices_of(&w, "operator-roads").await,
        ["involved/status", "involved/status", "commented/status"]
    );
    let expert = ["involved/status", "commented/status", "uninvolved/status", "assigned/status"];
    assert_eq!(notices_of(&w, "operator-taxes").await, expert);
    // An operator who assigns their own work to another needs no notification.
    assert_eq!(notices_of(&w, "operator").await, Vec::<String>::new());
    w.act("operator", &n, "assign", json!({"to": "operator"})).await;
    let page = w.ok(&colleague, "GET", "/v1/me/notifications?limit=1", Value::Null).await;
    let last = &page["items"][0];
    assert_eq!((last["event"].as_str(), last["kind"].as_str()), (Some("assigned"), Some("status")));
    assert!(last["subject"].as_str().unwrap().contains("назначен другой ответственный"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_and_a_redirection_show_their_reasons() {
    let w = World::new().await;
    let card = w.ok("applicant", "POST", "/v1/appeals", sample()).await;
    let n = card["number"].as_str().unwrap().to_owned();
    let later = json!({"due_at": "2027-03-01T15:00:00Z", "reason": "Нужна экспертиза"});
    w.act("operator", &n, "extend", later).await;
    let newest = async || {
        let page = w.ok("applicant", "GET", "/v1/me/notifications?limit=1", Value::Null).await;
        page["items"][0]["text"].as_str().unwrap().to_owned()
    };
    assert!(newest().await.contains("Причина: Нужна экспертиза"), "{}", newest().await);
    w.act("operator", &n, "redirect", json!({"department": "taxes", "reason": "Решает налоговая"})).await;
    let text = newest().await;
    assert!(text.contains("Причина: Решает налоговая") && !text.contains("taxes"), "{text}");
}
