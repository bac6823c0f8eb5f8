//! Recipients and channels of notifications, and reminders.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{TestPlatform, findings, sample, sample_with};
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
        region_code: None,
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

/// Files an appeal, shares it with `intermediary`, and moves it through all its statuses up to an escalation that is
/// returned; returns the operator who was responsible first.
async fn eventful(p: &TestPlatform) -> String {
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = card["number"].as_str().unwrap();
    p.act("applicant", n, "participants", json!({"with": "intermediary", "role": "view"})).await;
    p.act("operator", n, "take", json!({})).await;
    p.act("operator", n, "comments", json!({"text": "Между нами", "internal": true})).await;
    p.act("operator", n, "ask", json!({"text": "Какой подъезд?"})).await;
    p.act("applicant", n, "replies", json!({"text": "Третий"})).await;
    let answer = json!({"decision": "granted", "text": "Починено.", "await_confirmation": true});
    p.act("operator", n, "answers", answer).await;
    p.act("applicant", n, "confirm", json!({"solved": false, "reason": "Не починено"})).await;
    let up = json!({"level": "senior", "grounds": "critical", "reason": "Опасно"});
    p.act("applicant", n, "escalations", up).await;
    p.act("supervisor-senior", n, "return", json!({"text": "Разберитесь"})).await;
    card["responsible"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_is_notified_of_every_status() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    let expected = ["created/status", "taken/status", "asked/demand", "answered/demand", "returned/status"];
    assert_eq!(notices_of(&p, "applicant").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responsible_operator_is_notified() {
    let p = TestPlatform::new().await;
    let first = eventful(&p).await;
    let expected = ["replied/demand", "disputed/demand", "escalated/status", "returned/demand"];
    assert_eq!(notices_of(&p, "operator").await, expected);
    let until_taken = ["created/demand", "shared/status", "taken/status"];
    assert_eq!(notices_of(&p, &first).await, until_taken, "another operator became responsible");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisor_is_notified_of_an_escalation() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    assert_eq!(notices_of(&p, "supervisor-senior").await, ["escalated/demand"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_is_notified_of_statuses_only() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    let viewer = notices_of(&p, "intermediary").await;
    assert!(viewer.iter().all(|n| n.ends_with("/status")) && viewer.contains(&"asked/status".to_owned()));
    assert!(!viewer.iter().any(|n| n.starts_with("commented")), "{viewer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_not_notified() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    for stranger in ["representative", "supervisor-federal", "analyst", "admin"] {
        assert_eq!(notices_of(&p, stranger).await, Vec::<String>::new(), "{stranger}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_listed_page_by_page() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    let page = p.get("applicant", "/v1/me/notifications?kind=demand&limit=1").await.ok();
    let next = page["next"].as_str().unwrap();
    let rest = p.get("applicant", &format!("/v1/me/notifications?kind=demand&after={next}")).await.ok();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_own_notifications_are_marked_as_read() {
    let p = TestPlatform::new().await;
    eventful(&p).await;
    let page = p.get("applicant", "/v1/me/notifications?kind=demand&limit=1").await.ok();
    let read = async |who: &str, body: Value| p.post(who, "/v1/me/notifications/read", body).await;
    let one = json!({"ids": [page["items"][0]["id"]]});
    read("operator", one.clone()).await.is_problem(404, "not_found");
    assert_eq!(read("applicant", one).await.ok()["read"], 1);
    assert_eq!(read("applicant", json!({"all": true})).await.ok()["read"], 4);
    let unread = p.get("applicant", "/v1/me/notifications?unread=true").await.ok();
    assert_eq!(unread["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_and_a_dry_run_send_no_notifications() {
    let p = TestPlatform::new().await;
    p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok();
    p.post("applicant", "/v1/appeals?dry_run=true", sample()).await.ok();
    assert_eq!(notices_of(&p, "applicant").await, Vec::<String>::new());
}

/// Returns the newest notification of the applicant.
async fn newest(p: &TestPlatform) -> Value {
    p.get("applicant", "/v1/me/notifications?limit=1").await.ok()["items"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_sent_by_the_preferred_channel() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    assert_eq!(ways(&p, "applicant").await, ["email"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_sent_by_every_channel_that_is_switched_on() {
    let p = TestPlatform::new().await;
    set(&p, "applicant", json!({"sms": true, "push": "https://example.org/hook"})).await;
    p.file("applicant").await;
    assert_eq!(ways(&p, "applicant").await, ["email", "sms", "push"]);
    set(&p, "applicant", json!({"email": false})).await;
    p.file("applicant").await;
    assert_eq!(ways(&p, "applicant").await, ["sms", "push"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_webhook_is_shown_once() {
    let p = TestPlatform::new().await;
    let settings = set(&p, "applicant", json!({"push": "https://example.org/hook"})).await;
    assert!(settings["push_secret"].as_str().is_some_and(|s| s.len() >= 16));
    let settings = set(&p, "applicant", json!({"email": false})).await;
    assert_eq!(settings["push_secret"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_in_the_chosen_language() {
    let p = TestPlatform::new().await;
    assert_eq!(set(&p, "applicant", json!({"lang": "en"})).await["lang"], "en");
    let n = p.file("applicant").await;
    assert_eq!(newest(&p).await["subject"], format!("Appeal {n}: registered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_filtered_by_kind_and_priority() {
    let p = TestPlatform::new().await;
    set(&p, "applicant", json!({"email": false, "sms": true, "push": "https://example.org/hook"})).await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_of_the_appeal_take_precedence() {
    let p = TestPlatform::new().await;
    set(&p, "applicant", json!({"email": false, "sms": true})).await;
    p.file_with("applicant", json!({"contacts": {"phone": "+79000000999", "preferred": "phone"}})).await;
    assert_eq!(newest(&p).await["deliveries"][0]["address"], "+79000000999");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_notification_settings_are_refused() {
    let p = TestPlatform::new().await;
    for (who, edit, code) in [
        ("applicant", json!({"push": "ftp://example.org"}), "notices-url"),
        ("applicant", json!({"push_secret": "short", "push": "https://example.org"}), "notices-secret"),
        ("applicant", json!({"lang": "fr"}), "word-unknown"),
        ("applicant", json!({"due_within": -1}), "notices-within"),
        ("applicant", json!({"kinds": ["code"]}), "word-unknown"),
        ("supervisor-senior", json!({"sms": true}), "notices-no-phone"),
    ] {
        let refused = p.send(who, "PUT", "/v1/me/notification-settings", edit).await;
        refused.is_problem(422, "invalid");
        assert_eq!(findings(&refused.body)[0], code);
    }
}

async fn reminders(p: &TestPlatform, who: &str) -> usize {
    notices_of(p, who).await.iter().filter(|n| *n == "reminder/control").count()
}

/// Lets minutes pass and runs the jobs; returns the numbers of reminders of the operator, the supervisor and the
/// applicant.
async fn after(p: &TestPlatform, minutes: i64) -> (usize, usize, usize) {
    p.advance(SignedDuration::from_mins(minutes));
    run(p).await;
    (reminders(p, "operator").await, reminders(p, "supervisor-senior").await, reminders(p, "applicant").await)
}

/// Files an appeal due at the close of Monday the 16th, which the operator takes; returns its number.
async fn taken(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!(card["due_at"], "2026-11-16T15:00:00Z");
    n
}

/// Minutes from the filing to a working day before the due date.
const DAY_BEFORE: i64 = 4 * 1440 + 8 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_has_one_reminder_a_working_day_before() {
    let p = TestPlatform::new().await;
    taken(&p).await;
    assert_eq!(after(&p, DAY_BEFORE - 10).await, (0, 0, 0));
    assert_eq!(after(&p, 10).await, (1, 0, 0));
    assert_eq!(after(&p, 5).await, (1, 0, 0));
}

/// Stops the clock of the appeal after the first reminder, so that it is due a day later.
async fn postpone(p: &TestPlatform, n: &str) {
    assert_eq!(after(p, DAY_BEFORE + 5).await, (1, 0, 0));
    p.act("operator", n, "ask", json!({"text": "Какой подъезд?"})).await;
    p.advance(SignedDuration::from_mins(2 * 1440 + 19 * 60));
    let card = p.act("applicant", n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-17T15:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_deadline_has_reminders_of_its_own() {
    let p = TestPlatform::new().await;
    let n = taken(&p).await;
    postpone(&p, &n).await;
    assert_eq!(after(&p, 5).await, (1, 0, 0));
    assert_eq!(after(&p, 5 * 60).await, (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_deadline_has_one_reminder_for_everyone_involved() {
    let p = TestPlatform::new().await;
    let n = taken(&p).await;
    postpone(&p, &n).await;
    assert_eq!(after(&p, 5 + 5 * 60).await, (2, 0, 0));
    assert_eq!(after(&p, 1440).await, (3, 1, 1));
    assert_eq!(after(&p, 1440).await, (3, 1, 1));
    let page = p.get("supervisor-senior", "/v1/me/notifications").await.ok();
    let text = page["items"][0]["text"].as_str().unwrap();
    let named = text.contains(&n) && text.contains("2026-11-17 18:00 (UTC+3)");
    assert!(named && !text.contains("отопления"), "{text}");
}

/// Returns the texts of a person's reminders of an appeal, oldest first.
async fn reminded(p: &TestPlatform, who: &str, n: &str) -> Vec<String> {
    let page = p.get(who, &format!("/v1/me/notifications?limit=500&number={n}")).await.ok();
    let items = page["items"].as_array().unwrap().iter().rev();
    items
        .filter(|notice| notice["event"] == "reminder")
        .map(|notice| notice["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Files an appeal by the law on citizens' appeals, of which nobody takes care for some days; returns its number.
async fn neglected(p: &TestPlatform, days: i64) -> String {
    let card = p.file_with("applicant", json!({"category": "general"})).await;
    p.advance_days(days);
    run(p).await;
    card["number"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_first_status_is_not_a_late_answer() {
    let p = TestPlatform::new().await;
    let n = neglected(&p, 4).await;
    assert_eq!(p.show("applicant", &n).await["overdue"], false);
    let texts = reminded(&p, "applicant", &n).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("взять в работу") && texts[0].contains("Срок ответа – до "), "{}", texts[0]);
    assert!(!texts[0].contains("просрочен") && !texts[0].contains("appeal escalate"), "{}", texts[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_hears_nothing_of_redirection() {
    let p = TestPlatform::new().await;
    let n = neglected(&p, 12).await;
    let texts = reminded(&p, "applicant", &n).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    let texts = reminded(&p, "supervisor-senior", &n).await;
    assert!(texts.iter().any(|text| text.contains("не перенаправлено")), "{texts:?}");
}

/// Runs the command at the end of a reminder of the applicant; returns the card.
async fn follow(p: &TestPlatform, n: &str, reminder: &str) -> Value {
    let words: Vec<&str> = reminder.split_whitespace().collect();
    let after = |flag: &str| words.iter().skip_while(|word| **word != flag).nth(1).copied();
    match words.iter().skip_while(|word| **word != "appeal").nth(1).copied() {
        Some("escalate") => {
            let body =
                json!({"level": after("--level"), "grounds": after("--grounds"), "reason": "Нет ответа"});
            p.act("applicant", n, "escalations", body).await
        }
        Some("repeat") => {
            let body = json!({"grounds": after("--grounds"), "text": "Ответа нет. Прошу рассмотреть."});
            p.act("applicant", n, "repeats", body).await
        }
        other => panic!("{other:?} in {reminder}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_of_a_late_answer_names_commands_that_work() {
    let p = TestPlatform::new().await;
    let n = neglected(&p, 40).await;
    let mut levels = Vec::new();
    loop {
        let last = reminded(&p, "applicant", &n).await.pop().unwrap();
        assert!(last.contains("просроченное"), "{last}");
        let card = follow(&p, &n, &last).await;
        if card["number"] != n.as_str() {
            assert_eq!(card["repeat_of"], n.as_str());
            break;
        }
        levels.push(card["escalations"].as_array().unwrap().last().unwrap()["level"].clone());
        p.advance_days(20);
        run(&p).await;
    }
    assert_eq!(levels, ["senior", "quality", "regional", "federal", "ombudsman"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_before_the_closing_says_that_it_closes() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.advance_days(13);
    run(&p).await;
    let texts = reminded(&p, "applicant", &n).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    for part in ["закроется", &format!("appeal confirm {n}"), "--no --reason"] {
        assert!(texts[0].contains(part), "{part}: {}", texts[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_reminded_of_the_next_step() {
    let p = TestPlatform::new().await;
    let n = neglected(&p, 0).await;
    p.advance_days(30);
    run(&p).await;
    let responsible = p.show("admin", &n).await["responsible"].as_str().unwrap().to_owned();
    let texts = reminded(&p, &responsible, &n).await;
    let decision =
        texts.iter().find(|text| text.contains("срок ответа")).unwrap_or_else(|| panic!("{texts:?}"));
    assert!(decision.contains("appeal operator take") && !decision.contains("operator answer"), "{decision}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gratitude_is_never_overdue() {
    let p = TestPlatform::new().await;
    let card = p.file_with("applicant", json!({"kind": "gratitude"})).await;
    assert_eq!((&card["due_at"], &card["due_on"]), (&Value::Null, &Value::Null));
    let n = card["number"].as_str().unwrap();
    p.advance_days(60);
    run(&p).await;
    assert_eq!(p.show("applicant", n).await["overdue"], false);
    let late = p.get("applicant", "/v1/appeals?overdue=true").await.ok();
    assert_eq!(late["items"], json!([]));
    let texts = reminded(&p, "applicant", n).await;
    assert!(texts.iter().all(|text| !text.contains("просрочен")), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gratitude_is_neither_escalated_nor_repeated() {
    let p = TestPlatform::new().await;
    let card = p.file_with("applicant", json!({"kind": "gratitude"})).await;
    let n = card["number"].as_str().unwrap();
    p.advance_days(60);
    let up = json!({"level": "senior", "grounds": "critical", "reason": "Срочно"});
    p.refused("applicant", n, "escalations", up, 409, "conflict").await;
    let again = json!({"grounds": "overdue", "text": "Ответа нет."});
    p.refused("applicant", n, "repeats", again, 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_was_a_gratitude_has_a_decision_deadline() {
    let p = TestPlatform::new().await;
    let card = p.file_with("applicant", json!({"kind": "gratitude"})).await;
    let n = card["number"].as_str().unwrap();
    let complaint = p.patch("applicant", n, json!({"kind": "complaint"})).await.ok();
    assert_eq!(complaint["due_at"], "2026-11-16T15:00:00Z");
    let gratitude = p.patch("applicant", n, json!({"kind": "gratitude"})).await.ok();
    assert_eq!(gratitude["due_at"], Value::Null);
    assert!(gratitude["deadlines"].as_array().unwrap().iter().all(|d| d["kind"] != "decision"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_is_not_earlier_than_the_person_chose() {
    let p = TestPlatform::new().await;
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

/// Involves a department and an expert, comments, excludes the department and assigns the appeal to a colleague of the
/// operator; returns the number and the colleague.
async fn involved(p: &TestPlatform) -> (String, String) {
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = card["number"].as_str().unwrap().to_owned();
    p.act("operator", &n, "take", json!({})).await;
    p.act("operator", &n, "involve", json!({"department": "roads"})).await;
    p.act("operator", &n, "involve", json!({"expert": "operator-taxes"})).await;
    p.act("operator", &n, "comments", json!({"text": "Между нами", "internal": true})).await;
    p.act("operator", &n, "involve", json!({"department": "roads", "remove": true})).await;
    let colleague = format!("operator-{}", card["department"].as_str().unwrap());
    p.act("operator", &n, "assign", json!({"to": colleague})).await;
    (n, colleague)
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_are_notified_while_they_are_involved() {
    let p = TestPlatform::new().await;
    involved(&p).await;
    let department = ["involved/status", "involved/status", "commented/status"];
    assert_eq!(notices_of(&p, "operator-roads").await, department);
    let expert = ["involved/status", "commented/status", "uninvolved/status", "assigned/status"];
    assert_eq!(notices_of(&p, "operator-taxes").await, expert);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_previous_operator_is_notified_of_an_assignment_by_another() {
    let p = TestPlatform::new().await;
    let (n, colleague) = involved(&p).await;
    // Operators who assign their own work to another need no notification.
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
