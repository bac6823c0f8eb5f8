//! The authority's side: registering on an applicant's behalf, co-executors, extensions, duplicates, categories,
//! routing.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, assert_fields, findings, number, sample, sample_with, worded};

fn registration(applicant: &str, channel: &str, appeal: Value) -> Value {
    json!({"for": applicant, "channel": channel, "appeal": appeal})
}

fn numbers(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect()
}

/// Registers an appeal as an operator of the support.
async fn register(p: &TestPlatform, applicant: &str, channel: &str, changes: Value) -> Value {
    let body = registration(applicant, channel, sample_with(changes));
    p.post("operator-support", "/v1/registrations", body).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_appeal_belongs_to_the_applicant() {
    let p = TestPlatform::new().await;
    let card = register(&p, "applicant", "phone", json!({})).await;
    let expected = json!({
        "channel": "phone",
        "status": "submitted",
        "applicant": {"login": "applicant", "...": "{...}"},
        "contacts": {"email": "applicant@example.org", "...": "{...}"},
        "department": "housing",
    });
    assert_fields(&card, expected);
    let entries = p.show("applicant", &format!("{}?journal=true", number(&card))).await;
    let entry = &entries["journal"][0];
    assert_eq!((&entry["actor"], &entry["action"]), (&json!("operator-support"), &json!("register")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadlines_of_a_registered_appeal_are_those_of_its_channel() {
    let p = TestPlatform::new().await;
    // Monday, 10:00 in Moscow: 30 working minutes, one working day; a day around the clock; five minutes, two hours.
    for (channel, first, decision) in [
        ("phone", "2026-11-09T07:30:00Z", "2026-11-10T15:00:00Z"),
        ("email", "2026-11-10T07:00:00Z", "2026-11-10T07:00:00Z"),
        ("chat", "2026-11-09T07:05:00Z", "2026-11-09T09:00:00Z"),
        ("in-person", "2026-11-10T12:00:00Z", "2026-11-16T15:00:00Z"),
    ] {
        let card = register(&p, "applicant", channel, json!({})).await;
        assert_eq!((&card["channel"], &card["due_at"]), (&json!(channel), &json!(decision)));
        let due = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "first_status").unwrap();
        assert_eq!(due["due_at"], first, "{channel}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_registers_for_an_unconfirmed_applicant() {
    let p = TestPlatform::new().await;
    p.person("newcomer", "individual", "confirmation_required").await;
    let phone = json!({"contacts": {"phone": "+79001234567"}});
    let card = register(&p, "newcomer", "in-person", phone).await;
    assert_eq!(card["contacts"]["phone"], "+79001234567");
    assert_eq!(numbers(&p.get("newcomer", "/v1/appeals").await.ok()), [number(&card)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_registers_for_an_organization_in_a_closed_category() {
    let p = TestPlatform::new().await;
    let card = register(&p, "representative", "phone", json!({"category": "internal"})).await;
    assert_eq!(card["organization"]["inn"], "7701123451");
}

const APPEALS: &str = "SELECT count(*) AS n FROM appeals";

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_register() {
    let p = TestPlatform::new().await;
    for who in ["applicant", "supervisor", "admin", "analyst"] {
        let body = registration("applicant", "phone", sample());
        p.post(who, "/v1/registrations", body).await.is_problem(403, "forbidden");
    }
    assert_eq!(p.count(APPEALS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_registrations_save_nothing() {
    let p = TestPlatform::new().await;
    p.person("blocked", "individual", "blocked").await;
    for (applicant, channel, changes, code) in [
        ("nobody", "phone", json!({}), "applicant-unknown"),
        ("blocked", "phone", json!({}), "applicant-blocked"),
        ("analyst", "phone", json!({}), "applicant-role"),
        ("operator", "phone", json!({}), "applicant-self"),
        ("applicant", "account", json!({}), "channel-account"),
        ("applicant", "phone", json!({"draft": true}), "register-draft"),
        ("applicant", "phone", json!({"text": " "}), "text-empty"),
        ("applicant", "phone", json!({"organization": "7701123451"}), "organization-not-yours"),
    ] {
        let body = registration(applicant, channel, sample_with(changes));
        let refused = p.post("operator", "/v1/registrations", body).await;
        assert_eq!(refused.status, 422, "{:#}", refused.body);
        worded(&refused.body);
        let named = refused.code() == code || refused.findings().contains(&code);
        assert!(named, "{code}: {:#}", refused.body);
    }
    assert_eq!(p.count(APPEALS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_channel_is_refused() {
    let p = TestPlatform::new().await;
    let body = registration("applicant", "pigeon", sample());
    p.post("operator", "/v1/registrations", body).await.is_problem(400, "bad_request");
    // An applicant cannot choose the channel.
    let chat = sample_with(json!({"channel": "chat"}));
    assert_eq!(p.post("applicant", "/v1/appeals", chat).await.status, 400);
    assert_eq!(p.count(APPEALS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_registration_saves_nothing() {
    let p = TestPlatform::new().await;
    let body = registration("applicant", "phone", sample());
    let dry_run = p.post("operator", "/v1/registrations?dry_run=true", body).await.ok();
    assert_eq!(dry_run["dry_run"], true);
    assert_eq!(p.count(APPEALS).await, 0);
}

const DEPARTMENT: &str = "operator-roads";
const EXPERT: &str = "supervisor-regional";

/// Returns whether a person sees an appeal: the appeal itself, in the list, in the list of co-executors, among changes.
async fn see(p: &TestPlatform, who: &str, n: &str) -> [bool; 4] {
    let list = p.get(who, "/v1/appeals").await.ok();
    let involved = p.get(who, "/v1/appeals?view=involved").await.ok();
    let changed = p.changes(who).await.iter().any(|change| change["number"] == n);
    let card = p.get(who, &format!("/v1/appeals/{n}")).await.status == 200;
    [card, numbers(&list).contains(&n), numbers(&involved).contains(&n), changed]
}

/// Files an appeal in which a department and an expert are involved; returns its number.
async fn involved(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    p.act("operator-housing", &n, "involve", json!({"expert": EXPERT})).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_are_shown_once() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    assert_eq!(p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await, card);
    let card = p.act("operator-housing", &n, "involve", json!({"expert": EXPERT})).await;
    assert_eq!(card["involved"][0]["department"], "roads");
    assert_fields(&card["involved"][1], json!({"login": EXPERT, "by": "operator-housing"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_see_the_appeal_everywhere() {
    let p = TestPlatform::new().await;
    let other = p.file("applicant").await;
    let n = involved(&p).await;
    for who in [DEPARTMENT, EXPERT] {
        assert_eq!(see(&p, who, &other).await, [false; 4], "{who}");
        assert_eq!(see(&p, who, &n).await, [true; 4], "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn co_executors_comment_internally_and_make_no_moves() {
    let p = TestPlatform::new().await;
    let n = involved(&p).await;
    for who in [DEPARTMENT, EXPERT] {
        p.act(who, &n, "comments", json!({"text": "Мнение", "internal": true})).await;
        p.refused(who, &n, "take", json!({}), 403, "forbidden").await;
    }
    assert_eq!(p.show(DEPARTMENT, &n).await["comments"].as_array().unwrap().len(), 2);
    assert_eq!(p.show("applicant", &n).await["comments"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_co_executors_are_refused() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    for (body, code) in [
        (json!({}), "involve-one"),
        (json!({"department": "roads", "expert": "operator"}), "involve-one"),
        (json!({"department": "nowhere"}), "department-unknown"),
        (json!({"department": "housing"}), "department-same"),
        (json!({"expert": "applicant"}), "expert-applicant"),
        (json!({"expert": "analyst"}), "expert-unknown"),
        (json!({"expert": "operator-housing"}), "expert-responsible"),
    ] {
        let problem = p.refused("operator-housing", &n, "involve", body, 422, "invalid").await;
        assert_eq!(findings(&problem), [code]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_co_executor_no_longer_sees_the_appeal() {
    let p = TestPlatform::new().await;
    let n = involved(&p).await;
    p.act("operator-housing", &n, "involve", json!({"expert": EXPERT, "remove": true})).await;
    assert_eq!(see(&p, EXPERT, &n).await, [false; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_becomes_responsible_is_no_co_executor() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    let redirect = json!({"department": "roads", "reason": "Двор"});
    let card = p.act("operator-housing", &n, "redirect", redirect).await;
    assert!(card.get("involved").is_none(), "{card:#}");
    p.act(DEPARTMENT, &n, "take", json!({})).await;
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_only_moves_the_decision_later() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(p.show("applicant", &n).await["due_at"], "2026-11-16T15:00:00Z");
    for (to, reason, code) in [
        ("2026-11-16T15:00:00Z", "x", "due-not-later"),
        ("2026-11-10T15:00:00Z", "x", "due-not-later"),
        ("2026-11-01T15:00:00Z", "x", "due-past"),
        ("2026-12-01T15:00:00Z", " ", "text-empty"),
    ] {
        let body = json!({"due_at": to, "reason": reason});
        let problem = p.refused("operator", &n, "extend", body, 422, "invalid").await;
        assert_eq!(findings(&problem), [code]);
    }
}

/// Files an appeal that is extended to the first of December; returns its number.
async fn extended(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    let body = json!({"due_at": "2026-12-01T15:00:00.123456789Z", "reason": "Ждём заключения"});
    p.act("operator", &n, "extend", body).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extended_date_is_saved_in_microseconds() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let body = json!({"due_at": "2026-12-01T15:00:00.123456789Z", "reason": "Ждём заключения"});
    let card = p.act("operator", &n, "extend", body).await;
    assert_eq!(card["due_at"], "2026-12-01T15:00:00.123456Z");
    assert_eq!(p.show("operator", &n).await["due_at"], card["due_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_reads_the_reason_of_an_extension() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    assert_eq!(p.show("applicant", &n).await["comments"][0]["text"], "Ждём заключения");
    let changes = p.changes("applicant").await;
    let reported = changes.iter().find(|change| change["event"] == "extended").unwrap();
    assert!(reported["summary"].as_str().unwrap().contains("Ждём заключения"), "{reported:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_in_the_journal() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    let seen = p.show("applicant", &format!("{n}?journal=true")).await;
    let entry = seen["journal"].as_array().unwrap().last().unwrap();
    assert_eq!(entry["action"], "extend");
    let expected = json!({"before": "2026-11-16T15:00:00Z", "after": "2026-12-01T15:00:00.123456Z"});
    assert_eq!(entry["changes"]["due_at"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extended_appeal_is_overdue_after_the_new_date() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    p.advance_days(10);
    assert_eq!(p.show("applicant", &n).await["overdue"], false);
    p.advance_days(20);
    assert_eq!(p.show("applicant", &n).await["overdue"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_visible_appeals_are_merged() {
    let p = TestPlatform::new().await;
    let target = p.file("applicant").await;
    let foreign = p.file("intermediary").await;
    p.refused("operator-health", &foreign, "merge", json!({"into": target}), 404, "not_found").await;
    let elsewhere = number(&p.file_with("applicant", json!({"category": "roads"})).await);
    p.refused("operator-housing", &target, "merge", json!({"into": elsewhere}), 404, "not_found").await;
    p.refused("operator", &target, "merge", json!({"into": "2026-0000000000-0"}), 422, "number_mistyped")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_appeal_is_closed() {
    let p = TestPlatform::new().await;
    let target = p.file("applicant").await;
    let n = p.file("intermediary").await;
    let card = p.act("operator", &n, "merge", json!({"into": target})).await;
    assert_eq!((&card["status"], &card["merged_into"]), (&json!("closed"), &json!(target)));
    assert_eq!(p.act("operator", &n, "merge", json!({"into": target})).await, card, "a repeated request");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_appeal_is_merged_into_itself() {
    let p = TestPlatform::new().await;
    let (own, other) = (p.file("applicant").await, p.file("intermediary").await);
    let problem = p.refused("operator", &own, "merge", json!({"into": own}), 422, "invalid").await;
    assert_eq!(findings(&problem), ["merge-itself"]);
    p.act("operator", &other, "merge", json!({"into": own})).await;
    let problem = p.refused("operator", &own, "merge", json!({"into": other}), 422, "invalid").await;
    assert_eq!(findings(&problem), ["merge-itself"], "a circle");
}

/// A chain of merged appeals: one of another person is merged into an own one of the applicant, which is merged into
/// the target; a late one of a third person is merged into the own one.
struct Merged {
    p: TestPlatform,
    target: String,
    own: String,
    foreign: String,
    late: String,
}

impl Merged {
    async fn new() -> Merged {
        let p = TestPlatform::new().await;
        let (target, own) = (p.file("applicant").await, p.file("applicant").await);
        let foreign = p.file("intermediary").await;
        p.act("operator", &foreign, "merge", json!({"into": own})).await;
        p.act("operator", &own, "merge", json!({"into": target})).await;
        let late = p.file("representative").await;
        p.act("operator", &late, "merge", json!({"into": own})).await;
        Merged { p, target, own, foreign, late }
    }

    async fn answer(&self) {
        self.p.act("operator", &self.target, "take", json!({})).await;
        let answer = json!({"decision": "granted", "text": "Отопление дали."});
        self.p.act("operator", &self.target, "answers", answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_merged_into_the_end_of_a_chain() {
    let m = Merged::new().await;
    assert_eq!(m.p.show("operator", &m.late).await["merged_into"], json!(m.target));
    assert_eq!(m.p.show("operator", &m.target).await["merged"], json!([m.own, m.late]));
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_appeals_of_others_stay_hidden() {
    let Merged { p, target, own, foreign, late } = Merged::new().await;
    p.refused("intermediary", &target, "comments", json!({"text": "x"}), 404, "not_found").await;
    let seen = p.show("applicant", &format!("{target}?journal=true")).await.to_string();
    assert!(!seen.contains(&late) && !seen.contains(&foreign), "{seen}");
    assert!(seen.contains(&own));
    let changes = json!(p.changes("applicant").await).to_string();
    assert!(!changes.contains(&late) && !changes.contains(&foreign));
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_appeals_of_others_get_the_decision() {
    let m = Merged::new().await;
    m.answer().await;
    for (who, n) in [("intermediary", &m.foreign), ("representative", &m.late)] {
        let card = m.p.show(who, n).await;
        assert_eq!(card["comments"][0]["text"], "Отопление дали.", "{who}");
        assert_eq!(card["status"], "closed");
        m.p.journal(who, n).await;
    }
    let own = m.p.show("applicant", &m.own).await;
    assert_eq!(own["comments"], json!([]), "the applicant reads it at the other one");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_into_an_answered_appeal() {
    let m = Merged::new().await;
    m.answer().await;
    let n = m.p.file("applicant").await;
    m.p.refused("operator", &n, "merge", json!({"into": m.target}), 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalated_appeal_is_no_longer_merged() {
    let m = Merged::new().await;
    m.answer().await;
    let escalation = json!({"level": "senior", "grounds": "critical", "reason": "Срочно"});
    let card = m.p.act("intermediary", &m.foreign, "escalations", escalation).await;
    assert_eq!(card["merged_into"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_appeals_are_informed_when_the_other_is_cancelled() {
    let p = TestPlatform::new().await;
    let target = p.file("applicant").await;
    let foreign = number(&p.post("intermediary", "/v1/appeals", sample()).await.ok());
    p.act("operator", &foreign, "merge", json!({"into": target})).await;
    p.act("applicant", &target, "cancel", json!({})).await;
    let changes = p.get("intermediary", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let last = changes["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["number"], &last["event"]), (&json!(foreign), &json!("merged_withdrawn")));
    let again = json!({"grounds": "incomplete", "text": "Ответа нет"});
    assert_eq!(p.act("intermediary", &foreign, "repeats", again).await["repeat_of"], json!(foreign));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_category_is_another_department_with_its_dates_from_the_filing() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    // It waits from Tuesday to Thursday: two working days that do not count.
    p.advance_days(1);
    p.act("operator", &n, "ask", json!({"text": "Какая квартира?"})).await;
    p.advance_days(2);
    p.act("applicant", &n, "replies", json!({"text": "Седьмая"})).await;
    assert_eq!(p.show("operator", &n).await["due_at"], "2026-11-18T15:00:00Z");
    let card = p.act("operator", &n, "classify", json!({"category": "services", "priority": "high"})).await;
    let expected = json!({
        "department": "services", "responsible": "operator-services", "priority": "high", "status": "in_progress",
        // Three working days from Monday the 9th are the 12th, and two more for the wait.
        "due_at": "2026-11-16T15:00:00Z",
    });
    assert_fields(&card, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_category_keeps_an_extended_date() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "extend", json!({"due_at": "2026-12-20T15:00:00Z", "reason": "x"})).await;
    let card = p.act("operator", &n, "classify", json!({"category": "roads"})).await;
    assert_eq!((&card["department"], &card["due_at"]), (&json!("roads"), &json!("2026-12-20T15:00:00Z")));
    assert_eq!(p.act("operator", &n, "classify", json!({"category": "roads"})).await, card);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_classification_is_refused() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.refused("operator-services", &n, "classify", json!({"category": "roads"}), 404, "not_found").await;
    for (body, code) in
        [(json!({}), "classify-nothing"), (json!({"category": "no.such"}), "category-unknown")]
    {
        let problem = p.refused("operator", &n, "classify", body, 422, "invalid").await;
        assert_eq!(findings(&problem), [code]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_category_does_not_move_an_answered_appeal() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let card = p.act("operator", &n, "classify", json!({"category": "health"})).await;
    assert_eq!((&card["category"], &card["department"]), (&json!("health"), &json!("housing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_changes_the_category_until_work_starts() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let path = format!("/v1/appeals/{n}");
    let card = p.send("applicant", "PATCH", &path, json!({"category": "general"})).await.ok();
    assert_eq!(
        (&card["department"], &card["responsible"]),
        (&json!("reception"), &json!("operator-reception"))
    );
    // Thirty calendar days from the filing: the 9th of December.
    assert_eq!(card["due_at"], "2026-12-09T21:00:00Z");
    let card =
        p.send("applicant", "PATCH", &path, json!({"category": "roads", "region": "Новосибирск"})).await.ok();
    assert_eq!(card["department"], "roads-54");
    p.act("operator", &n, "take", json!({})).await;
    let Reply { status, body: problem, .. } =
        p.send("applicant", "PATCH", &path, json!({"category": "health"})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("conflict")));
}

/// A platform whose housing department has two more operators, and one who is blocked.
async fn with_three_operators() -> TestPlatform {
    let p = TestPlatform::new().await;
    for (login, state) in [("housing-a", "active"), ("housing-b", "active"), ("housing-away", "blocked")] {
        p.person(login, "operator", state).await;
        p.sql(&format!("INSERT INTO department_operators VALUES ('housing', 'id-{login}')")).await;
    }
    p
}

/// Files an appeal; returns the login of the responsible operator.
async fn responsible(p: &TestPlatform) -> Value {
    p.file_with("applicant", json!({})).await["responsible"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_spread_over_available_operators() {
    let p = with_three_operators().await;
    let all = futures_util::future::join_all((0..12).map(|_| responsible(&p))).await;
    let of = |login: &str| all.iter().filter(|responsible| *responsible == login).count();
    assert_eq!((of("housing-a"), of("housing-b"), of("operator-housing")), (4, 4, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_with_equal_work_take_turns_in_the_order_of_logins() {
    let p = with_three_operators().await;
    for expected in ["housing-a", "housing-b", "operator-housing"] {
        assert_eq!(responsible(&p).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_operator_gets_no_work() {
    let p = with_three_operators().await;
    p.sql("UPDATE people SET state = 'blocked' WHERE login = 'housing-a'").await;
    assert_eq!(responsible(&p).await, "housing-b");
    p.sql("UPDATE people SET state = 'blocked' WHERE login IN ('housing-b', 'operator-housing', 'operator')")
        .await;
    assert_eq!(responsible(&p).await, Value::Null, "no operator is left");
}

/// An appeal that resembles the sample.
fn similar() -> Value {
    let text =
        "Прошу восстановить подачу тепла: в квартире 7 отопление не работает с 3 ноября 2026 года, холодно.";
    json!({"text": text})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_sees_likely_duplicates() {
    let p = TestPlatform::new().await;
    let first = p.file("applicant").await;
    let dry_run = p.post("applicant", "/v1/appeals?dry_run=true", sample_with(similar())).await.ok();
    assert_eq!(dry_run["similar"][0]["number"], json!(first), "{dry_run:#}");
    let card = p.file_with("applicant", similar()).await;
    let score = card["similar"][0]["score"].as_f64().unwrap();
    assert!(card["similar"][0]["number"] == json!(first) && (0.6..1.0).contains(&score), "{card:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_applicant_does_not_see_duplicates() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    let card = p.file_with("intermediary", similar()).await;
    assert!(card.get("similar").is_none(), "{card:#}");
    let n = number(&card);
    assert!(p.show("intermediary", &n).await.get("similar").is_none());
    let refused = p.get("intermediary", &format!("/v1/appeals/{n}/similar")).await;
    assert_eq!(refused.status, 403);
    worded(&refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_department_sees_duplicates_of_all_applicants() {
    let p = TestPlatform::new().await;
    let mut both = [p.file("applicant").await, number(&p.file_with("applicant", similar()).await)];
    both.sort();
    let n = number(&p.file_with("intermediary", similar()).await);
    let seen = p.show("operator-housing", &n).await;
    let mut reported: Vec<String> = seen["similar"].as_array().unwrap().iter().map(number).collect();
    reported.sort();
    assert_eq!(reported, both);
    assert_eq!(seen["similar"][0]["score"], 1.0);
    let list = p.get("operator-housing", &format!("/v1/appeals/{n}/similar")).await.ok();
    assert_eq!(list["similar"], seen["similar"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_co_executor_does_not_see_duplicates() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    let n = number(&p.file_with("intermediary", similar()).await);
    p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    assert!(p.show("operator-roads", &n).await.get("similar").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_different_matter_is_not_a_duplicate() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    let other = json!({
        "subject": "Не вывозят мусор на улице Садовой", "category": "housing.waste",
        "text": "Контейнеры во дворе дома 4 на улице Садовой переполнены со 2 ноября. Прошу вывезти отходы.",
    });
    let other = number(&p.file_with("applicant", other).await);
    assert!(p.show("operator", &other).await.get("similar").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decided_appeal_is_not_suggested_as_a_duplicate() {
    let p = TestPlatform::new().await;
    let first = p.file("applicant").await;
    p.file_with("applicant", similar()).await;
    let n = number(&p.file_with("intermediary", similar()).await);
    p.act("operator", &first, "refuse", json!({"reason": "Не подтвердилось"})).await;
    let list = p.get("operator", &format!("/v1/appeals/{n}/similar")).await.ok();
    assert_eq!(list["similar"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_filtered_by_responsible_operator() {
    let p = TestPlatform::new().await;
    let (one, two) = (p.file("applicant").await, p.file("applicant").await);
    p.act("operator", &one, "take", json!({})).await;
    let queue = async |query: &str| {
        let page = p.get("operator", &format!("/v1/appeals?view=queue&{query}")).await.ok();
        numbers(&page).iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(queue("responsible=operator").await, std::slice::from_ref(&one));
    assert_eq!(queue("responsible=operator-housing").await, std::slice::from_ref(&two));
    assert_eq!(queue("responsible=none").await, Vec::<String>::new());
    p.sql(&format!("UPDATE appeals SET responsible_id = NULL WHERE number = '{two}'")).await;
    assert_eq!(queue("responsible=none&department=housing").await, [two]);
    assert_eq!(queue("department=roads").await, Vec::<String>::new());
    for wrong in ["responsible=nobody", "department=nowhere"] {
        let Reply { status, body: problem, .. } = p.get("operator", &format!("/v1/appeals?{wrong}")).await;
        assert_eq!(status, 422, "{wrong}");
        worded(&problem);
    }
    let Reply { status, .. } = p.get("applicant", "/v1/appeals?view=involved").await;
    assert_eq!(status, 403);
}
