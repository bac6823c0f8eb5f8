//! Deadlines: which exist, what stops and moves them, how they are shown, and the effect of a new calendar.

use serde_json::{Value, json};

use super::harness::{TestPlatform, sample_with};
use crate::service::{deadlines, timing};
use crate::store::appeals;
use appeal_api::{DeadlineDetail, ForecastQuery};
use appeal_client::paths::with_query;
use appeal_domain::{Calendar, Channel, DeadlineKind};

async fn details(p: &TestPlatform, who: &str, number: &str) -> Vec<DeadlineDetail> {
    let value = p.get(who, &format!("/v1/appeals/{number}/deadlines")).await.ok();
    serde_json::from_value(value).expect("deadlines")
}

async fn detail(p: &TestPlatform, number: &str, kind: DeadlineKind) -> Option<DeadlineDetail> {
    let found = details(p, "applicant", number).await.into_iter().find(|d| d.kind == kind);
    if let Some(found) = &found {
        explained(found);
    }
    found
}

/// Checks that every line has a text and that the last one ends at the due date.
fn explained(detail: &DeadlineDetail) {
    for step in &detail.steps {
        let text = &step.text;
        let plain = !text.is_empty() && !text.contains("deadline-") && !text.contains('{');
        assert!(plain, "no words: {step:?}");
    }
    let end = detail.steps.iter().find(|s| s.code == "end").expect("an end");
    assert_eq!(end.at, Some(detail.due_at), "{:#?}", detail.steps);
}

fn codes(detail: &DeadlineDetail) -> Vec<&str> {
    detail.steps.iter().map(|s| s.code.as_str()).collect()
}

/// Returns the steps of a card as `kind state`.
fn states(card: &Value) -> Vec<String> {
    let mut all: Vec<String> = card["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{} {}", d["kind"].as_str().unwrap(), d["state"].as_str().unwrap()))
        .collect();
    all.sort();
    all
}

const FILED: [&str; 4] =
    ["decision pending", "first_status pending", "redirection pending", "registration met"];

#[tokio::test(flavor = "multi_thread")]
async fn a_filed_appeal_has_four_deadlines() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(states(&p.show("applicant", &n).await), FILED);
    let redirection = detail(&p, &n, DeadlineKind::Redirection).await.unwrap();
    assert_eq!(redirection.term, "7d");
    assert_eq!(redirection.due_at.to_string(), "2026-11-16T21:00:00Z");
    let registration = detail(&p, &n, DeadlineKind::Registration).await.unwrap();
    assert_eq!(registration.due_at.to_string(), "2026-11-12T21:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirecting_meets_the_deadline_for_it() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "redirect", json!({"department": "roads", "reason": "Дорога"})).await;
    let expected = ["decision pending", "first_status met", "redirection met", "registration met"];
    assert_eq!(states(&card), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_at_work_has_no_deadline_for_redirecting() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("operator", &n, "take", json!({})).await;
    assert_eq!(states(&card), ["decision pending", "first_status met", "registration met"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_appeal_has_no_pending_deadlines() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(states(&p.act("applicant", &n, "cancel", json!({})).await), ["registration met"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadlines_of_another_category_are_calculated_from_the_filing() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.advance_days(1);
    let card = p.patch("applicant", &n, json!({"category": "services"})).await.ok();
    assert_eq!(card["due_at"], "2026-11-12T15:00:00Z");
    assert_eq!(states(&card), FILED);
}

async fn ask(p: &TestPlatform, n: &str) {
    p.act("operator", n, "ask", json!({"text": "Какой подъезд?"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_a_decision_stops_while_it_waits_for_the_applicant() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.advance_days(1);
    ask(&p, &n).await;
    let paused = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert!(codes(&paused).contains(&"paused") && paused.left_minutes.is_none());
}

/// Files an appeal that waits for two working days, and for one more over a weekend, after which it is redirected to
/// another time zone; returns its number.
async fn waited(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.advance_days(1);
    ask(p, &n).await;
    p.advance_days(2);
    p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    p.advance_days(1);
    ask(p, &n).await;
    p.advance_days(3);
    let card = p.act("operator", &n, "redirect", json!({"department": "roads-54", "reason": "Дорога"})).await;
    assert_eq!(card["status"], "redirected");
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_time_is_excluded_in_the_original_time_zone() {
    let p = TestPlatform::new().await;
    let n = waited(&p).await;
    assert_eq!(p.show("applicant", &n).await["due_at"], "2026-11-19T15:00:00Z");
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert_eq!((decision.zone.as_str(), decision.pauses.len()), ("Europe/Moscow", 2));
    assert_eq!(decision.department.as_deref(), Some("roads-54"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_shows_the_waiting_time() {
    let p = TestPlatform::new().await;
    let n = waited(&p).await;
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    let lines =
        "start day_zero waited waited day waited_days day free waited_days day day day end".split(' ');
    assert_eq!(codes(&decision), lines.collect::<Vec<_>>());
    assert_eq!(decision.steps.iter().filter(|s| s.code == "day").count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_a_decision_continues_when_a_waiting_appeal_is_escalated() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    ask(&p, &n).await;
    p.advance_days(1);
    let reason = json!({"level": "regional", "grounds": "critical", "reason": "Опасно"});
    let card = p.act("applicant", &n, "escalations", reason).await;
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    let escalation = detail(&p, &n, DeadlineKind::Escalation).await.unwrap();
    assert_eq!((decision.paused_at, decision.pauses.len()), (None, 1));
    assert_eq!(card["due_at"], json!(escalation.due_at));
    assert!(detail(&p, &n, DeadlineKind::Clarification).await.is_none());
    p.journal("applicant", &n).await;
}

/// Extends a deadline, if it can be extended; returns whether it was.
async fn extend(p: &TestPlatform, n: &str, kind: DeadlineKind) -> bool {
    let (now, number) = (p.now(), n.to_owned());
    let done = p.app.db().write(move |tx| {
        let number = number.clone();
        Box::pin(async move {
            let mut row = appeals::by_number(tx, &number.parse().unwrap()).await?.unwrap();
            let to = "2026-11-25T15:00:00Z".parse().unwrap();
            let extended = timing::extend(tx, &mut row, kind, to, "Нужна экспертиза", now).await?;
            let version = row.version;
            row.version += 1;
            appeals::update(tx, &row, version).await?;
            Ok(extended)
        })
    });
    done.await.unwrap()
}

/// Files an appeal that is taken and extended a day later; returns its number.
async fn extended(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.advance_days(1);
    assert!(extend(p, &n, DeadlineKind::Decision).await);
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_shows_its_reason_and_the_former_date() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert_eq!(decision.due_at.to_string(), "2026-11-25T15:00:00Z");
    assert_eq!(decision.extended_from.unwrap().to_string(), "2026-11-16T15:00:00Z");
    let line = &decision.steps.iter().find(|s| s.code == "extended").unwrap().text;
    assert!(line.contains("Нужна экспертиза") && line.contains("16 Nov 2026 18:00"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_met_deadline_is_not_extended() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    assert!(!extend(&p, &n, DeadlineKind::FirstStatus).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extended_date_moves_by_later_pauses() {
    let p = TestPlatform::new().await;
    let n = extended(&p).await;
    ask(&p, &n).await;
    p.advance_days(1);
    let card = p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-26T15:00:00Z");
    explained(&detail(&p, &n, DeadlineKind::Decision).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_calendar_does_not_move_an_extended_date() {
    let p = TestPlatform::new().await;
    extended(&p).await;
    load_longer_holiday(&p).await;
    assert_eq!(recomputed(&p).await, 0);
}

/// Replaces the current calendar with a changed one.
async fn load(p: &TestPlatform, change: impl FnOnce(&mut Calendar) -> bool) {
    let mut calendar = Calendar::stock();
    assert!(change(&mut calendar));
    calendar.validate().unwrap();
    let body = serde_json::to_string(&calendar).unwrap();
    p.app
        .db()
        .write(move |tx| {
            let body = body.clone();
            Box::pin(async move {
                tx.run("UPDATE documents SET body = $1 WHERE kind = 'calendar'", crate::args![body]).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// Makes Friday the 13th of November a day off.
async fn load_longer_holiday(p: &TestPlatform) {
    load(p, |calendar| calendar.years.get_mut(&2026).unwrap().days_off.insert("2026-11-13".parse().unwrap()))
        .await;
}

/// Applies the current calendar to all deadlines; returns how many have changed.
async fn recomputed(p: &TestPlatform) -> usize {
    usize::try_from(deadlines::recompute_all(&p.app).await.unwrap().changed).unwrap()
}

/// Files an appeal and changes the calendar; returns its number.
async fn moved(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    recomputed(p).await;
    load_longer_holiday(p).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_calendar_moves_nothing() {
    let p = TestPlatform::new().await;
    recomputed(&p).await;
    p.file("applicant").await;
    p.answered().await;
    assert_eq!(recomputed(&p).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_appeal_uses_the_new_calendar_immediately() {
    let p = TestPlatform::new().await;
    let open = moved(&p).await;
    let later = p.file("applicant").await;
    assert_eq!(p.show("applicant", &later).await["due_at"], "2026-11-17T15:00:00Z");
    assert_eq!(p.show("applicant", &open).await["due_at"], "2026-11-16T15:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_complete_an_interrupted_change_of_the_calendar() {
    let p = TestPlatform::new().await;
    let open = moved(&p).await;
    let now = p.now();
    let step = p.app.db().write(move |tx| Box::pin(async move { deadlines::recompute(tx, now).await }));
    assert_eq!(step.await.unwrap(), Some(1));
    p.run_due().await.unwrap();
    assert_eq!(recomputed(&p).await, 0);
    let card = p.show("applicant", &open).await;
    assert_eq!((&card["due_at"], &card["overdue"]), (&json!("2026-11-17T15:00:00Z"), &json!(false)));
    let decision = detail(&p, &open, DeadlineKind::Decision).await.unwrap();
    assert!(decision.steps.iter().any(|s| s.code == "free" && s.from.as_deref() == Some("2026-11-13")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_met_deadline_keeps_its_calendar_and_says_so() {
    let p = TestPlatform::new().await;
    let done = p.answered().await;
    let due = p.show("applicant", &done).await["due_at"].clone();
    p.act("applicant", &done, "confirm", json!({"solved": true})).await;
    moved(&p).await;
    p.run_due().await.unwrap();
    assert_eq!(p.show("applicant", &done).await["due_at"], due);
    let all = details(&p, "applicant", &done).await;
    let kept = all.iter().find(|d| d.kind == DeadlineKind::Decision).unwrap();
    assert!(codes(kept).contains(&"kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_moved_by_the_calendar_is_in_the_journal() {
    let p = TestPlatform::new().await;
    let open = moved(&p).await;
    recomputed(&p).await;
    let card = p.show("applicant", &format!("{open}?journal=true")).await;
    let entries = card["journal"].as_array().unwrap();
    let moves: Vec<&Value> = entries.iter().filter(|e| e["action"] == "deadline_moved").collect();
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0]["changes"]["due_at"]["after"], "2026-11-17T15:00:00Z");
    assert_eq!(moves[0]["changes"]["deadlines.decision.due_at"]["before"], "2026-11-16T15:00:00Z");
    p.journal("applicant", &open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_moved_by_the_calendar_is_a_change() {
    let p = TestPlatform::new().await;
    let open = moved(&p).await;
    recomputed(&p).await;
    let changes = p.changes("applicant").await;
    let moved: Vec<&Value> = changes.iter().filter(|c| c["event"] == "deadline_moved").collect();
    assert_eq!((moved.len(), &moved[0]["number"]), (1, &json!(open)));
    assert!(!moved[0]["summary"].as_str().unwrap().contains("deadline_moved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_date_of_a_calendar_may_be_overdue() {
    let p = TestPlatform::new().await;
    let open = moved(&p).await;
    p.file("applicant").await;
    recomputed(&p).await;
    p.advance_days(7);
    p.advance(jiff::SignedDuration::from_hours(10));
    assert_eq!(p.show("applicant", &open).await["overdue"], false);
    load(&p, |_| true).await;
    assert_eq!(recomputed(&p).await, 2);
    assert_eq!(p.show("applicant", &open).await["overdue"], true);
}

async fn forecast(p: &TestPlatform, query: &ForecastQuery) -> Vec<DeadlineDetail> {
    let value = p.get("applicant", &with_query("/v1/deadlines", query).unwrap()).await.ok();
    serde_json::from_value(value).unwrap()
}

fn new_years_eve() -> ForecastQuery {
    ForecastQuery { at: Some("2026-12-30T14:30:00Z".parse().unwrap()), ..ForecastQuery::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn forecasts_cover_every_policy() {
    let p = TestPlatform::new().await;
    let categories = p.get("applicant", "/v1/categories").await.ok();
    for &channel in Channel::ALL {
        for category in categories.as_array().unwrap() {
            let category = category["code"].as_str().unwrap();
            let query = ForecastQuery {
                channel: Some(channel),
                category: Some(category.to_owned()),
                ..new_years_eve()
            };
            let found = forecast(&p, &query).await;
            assert_eq!(found.len(), 4, "{channel} {category}");
            found.iter().for_each(explained);
            assert!(found.is_sorted_by_key(|d| d.due_at));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_without_a_calendar_is_provisional_and_in_the_zone_of_the_region() {
    let p = TestPlatform::new().await;
    let query = ForecastQuery {
        category: Some("housing".into()),
        region: Some("25".into()),
        at: Some("2027-12-30T14:30:00Z".parse().unwrap()),
        ..ForecastQuery::default()
    };
    let found = forecast(&p, &query).await;
    let decision = found.iter().find(|d| d.kind == DeadlineKind::Decision).unwrap();
    assert_eq!((decision.zone.as_str(), decision.provisional), ("Asia/Vladivostok", true));
    // 00:30 on the 31st there, which is a free day: the first five working days of January.
    assert_eq!(decision.due_at.to_string(), "2028-01-14T08:00:00Z");
    assert_eq!(decision.left_working_minutes, Some(5 * 8 * 60));
    assert_eq!(codes(decision).last(), Some(&"provisional"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_forecasts_are_refused() {
    let p = TestPlatform::new().await;
    for (query, field) in [("category=none", "category"), ("department=none", "department")] {
        let refused = p.get("applicant", &format!("/v1/deadlines?{query}")).await;
        refused.is_problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    assert_eq!(p.get("applicant", "/v1/deadlines?channel=pigeon").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_are_visible_with_the_appeal() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let path = format!("/v1/appeals/{n}/deadlines");
    assert_eq!(details(&p, "operator", &n).await.len(), 4);
    assert_eq!(p.get("representative", &path).await.status, 404);
    let draft = p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok();
    assert!(details(&p, "applicant", draft["number"].as_str().unwrap()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_appeal_has_its_first_status() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let up = json!({"level": "senior", "grounds": "critical", "reason": "Опасно"});
    p.act("applicant", &n, "escalations", up).await;
    let card = p.act("supervisor-senior", &n, "return", json!({"text": "Разберитесь"})).await;
    let first = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "first_status");
    assert_eq!(first.unwrap()["state"], "met", "nobody has to take it any more: {card:#}");
}
