//! Deadlines (N1, N2): which exist, what stops and moves them, how they are shown, and the effect of a new calendar.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, sample_with};
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

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_come_and_go_with_the_life_of_an_appeal() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let filed = ["decision pending", "first_status pending", "redirection pending", "registration met"];
    assert_eq!(states(&p.show("applicant", &n).await), filed);
    let redirection = detail(&p, &n, DeadlineKind::Redirection).await.unwrap();
    assert_eq!(
        (redirection.term.as_str(), redirection.due_at.to_string().as_str()),
        ("7d", "2026-11-16T21:00:00Z")
    );
    assert_eq!(
        detail(&p, &n, DeadlineKind::Registration).await.unwrap().due_at.to_string(),
        "2026-11-12T21:00:00Z"
    );

    // After redirecting, that step is met; after taking, it no longer applies.
    let card = p.act("operator", &n, "redirect", json!({"department": "roads", "reason": "Дорога"})).await;
    assert_eq!(
        states(&card),
        ["decision pending", "first_status met", "redirection met", "registration met"]
    );
    let taken = p.file("applicant").await;
    let card = p.act("operator", &taken, "take", json!({})).await;
    assert_eq!(states(&card), ["decision pending", "first_status met", "registration met"]);
    let cancelled = p.file("applicant").await;
    let card = p.act("applicant", &cancelled, "cancel", json!({})).await;
    assert_eq!(states(&card), ["registration met"]);

    // The deadlines of another category are calculated from the filing.
    let n = p.file("applicant").await;
    p.advance_days(1);
    let card =
        p.send("applicant", "PATCH", &format!("/v1/appeals/{n}"), json!({"category": "services"})).await.ok();
    assert_eq!(
        (&card["due_at"], states(&card)),
        (&json!("2026-11-12T15:00:00Z"), filed.map(str::to_owned).to_vec())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_time_is_excluded_and_shown() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let ask = || json!({"text": "Какой подъезд?"});
    p.advance_days(1);
    p.act("operator", &n, "ask", ask()).await;
    let paused = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert!(codes(&paused).contains(&"paused") && paused.left_minutes.is_none());
    p.advance_days(2);
    p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    // Redirected to another time zone while it waits: the due date stays the same moment, in the original zone.
    p.advance_days(1);
    p.act("operator", &n, "ask", ask()).await;
    p.advance_days(3);
    let card = p.act("operator", &n, "redirect", json!({"department": "roads-54", "reason": "Дорога"})).await;
    assert_eq!(card["status"], "redirected");
    // Two working days, then one more over a weekend.
    assert_eq!(card["due_at"], "2026-11-19T15:00:00Z");
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert_eq!((decision.zone.as_str(), decision.pauses.len()), ("Europe/Moscow", 2));
    assert_eq!(decision.department.as_deref(), Some("roads-54"));
    let lines = [
        "start",
        "day_zero",
        "waited",
        "waited",
        "day",
        "waited_days",
        "day",
        "free",
        "waited_days",
        "day",
        "day",
        "day",
        "end",
    ];
    assert_eq!(codes(&decision), lines);
    assert_eq!(decision.steps.iter().filter(|s| s.code == "day").count(), 5);

    // Escalated while it waits: the clock of the decision continues, and the escalation has its own.
    let n = p.file("applicant").await;
    p.act("operator", &n, "ask", ask()).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_kept_with_its_reason_and_moves_by_later_pauses() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    p.advance_days(1);
    let (now, number) = (p.now(), n.clone());
    p.app
        .db()
        .write(move |tx| {
            let number = number.clone();
            Box::pin(async move {
                let mut row = appeals::by_number(tx, &number.parse().unwrap()).await?.unwrap();
                let to = "2026-11-25T15:00:00Z".parse().unwrap();
                assert!(
                    timing::extend(tx, &mut row, DeadlineKind::Decision, to, "Нужна экспертиза", now).await?
                );
                assert!(!timing::extend(tx, &mut row, DeadlineKind::FirstStatus, to, "нет", now).await?);
                let version = row.version;
                row.version += 1;
                appeals::update(tx, &row, version).await
            })
        })
        .await
        .unwrap();
    let decision = detail(&p, &n, DeadlineKind::Decision).await.unwrap();
    assert_eq!(decision.due_at.to_string(), "2026-11-25T15:00:00Z");
    assert_eq!(decision.extended_from.unwrap().to_string(), "2026-11-16T15:00:00Z");
    let line = decision.steps.iter().find(|s| s.code == "extended").unwrap();
    assert!(
        line.text.contains("Нужна экспертиза") && line.text.contains("16 Nov 2026 18:00"),
        "{}",
        line.text
    );
    p.act("operator", &n, "ask", json!({"text": "Какой подъезд?"})).await;
    p.advance_days(1);
    let card = p.act("applicant", &n, "replies", json!({"text": "Третий"})).await;
    assert_eq!(card["due_at"], "2026-11-26T15:00:00Z");
    explained(&detail(&p, &n, DeadlineKind::Decision).await.unwrap());
    // Another calendar does not shorten a date already given.
    load(&p, |calendar| {
        calendar.years.get_mut(&2026).unwrap().days_off.insert("2026-11-13".parse().unwrap())
    })
    .await;
    assert_eq!(deadlines::recompute_all(&p.app).await.unwrap().changed, 0);
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

#[tokio::test(flavor = "multi_thread")]
async fn another_calendar_moves_what_is_open() {
    let p = TestPlatform::new().await;
    deadlines::recompute_all(&p.app).await.unwrap();
    let open = p.file("applicant").await;
    let done = p.file("applicant").await;
    p.act("operator", &done, "take", json!({})).await;
    let body = json!({"decision": "granted", "text": "Сделано."});
    let closed = p.act("operator", &done, "answers", body).await;
    p.act("applicant", &done, "confirm", json!({"solved": true})).await;
    let app = &p.app;
    assert_eq!(deadlines::recompute_all(app).await.unwrap().changed, 0);

    load(&p, |calendar| {
        calendar.years.get_mut(&2026).unwrap().days_off.insert("2026-11-13".parse().unwrap())
    })
    .await;
    // New appeals use the new calendar immediately.
    let later = p.file("applicant").await;
    assert_eq!(p.show("applicant", &later).await["due_at"], "2026-11-17T15:00:00Z");
    assert_eq!(p.show("applicant", &open).await["due_at"], "2026-11-16T15:00:00Z");
    // The process dies after one batch; the jobs complete the rest.
    let now = p.now();
    let step =
        app.db().write(move |tx| Box::pin(async move { deadlines::recompute(tx, now).await })).await.unwrap();
    assert_eq!(step, Some(1));
    p.run_due().await.unwrap();
    assert_eq!(deadlines::recompute_all(app).await.unwrap().changed, 0);
    let card = p.show("applicant", &open).await;
    assert_eq!((&card["due_at"], &card["overdue"]), (&json!("2026-11-17T15:00:00Z"), &json!(false)));
    let moved = detail(&p, &open, DeadlineKind::Decision).await.unwrap();
    assert!(moved.steps.iter().any(|s| s.code == "free" && s.from.as_deref() == Some("2026-11-13")));
    // A met deadline keeps the calendar of its time; the explanation says so.
    let card = p.show("applicant", &done).await;
    assert_eq!(card["due_at"], closed["due_at"]);
    let kept =
        details(&p, "applicant", &done).await.into_iter().find(|d| d.kind == DeadlineKind::Decision).unwrap();
    assert!(codes(&kept).contains(&"kept"));

    // In the journal and among the changes, as text.
    let card = p.get("applicant", &format!("/v1/appeals/{open}?journal=true")).await.ok();
    let entries = card["journal"].as_array().unwrap();
    let moves: Vec<&Value> = entries.iter().filter(|e| e["action"] == "deadline_moved").collect();
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0]["changes"]["due_at"]["after"], "2026-11-17T15:00:00Z");
    assert_eq!(moves[0]["changes"]["deadlines.decision.due_at"]["before"], "2026-11-16T15:00:00Z");
    p.journal("applicant", &open).await;
    let changes = p.get("applicant", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let moved: Vec<&Value> =
        changes["items"].as_array().unwrap().iter().filter(|c| c["event"] == "deadline_moved").collect();
    assert_eq!((moved.len(), &moved[0]["number"]), (1, &json!(open)));
    assert!(!moved[0]["summary"].as_str().unwrap().contains("deadline_moved"));

    // After changing back, an appeal with an earlier date may be overdue.
    p.advance_days(7);
    p.advance(jiff::SignedDuration::from_hours(10));
    assert_eq!(p.show("applicant", &open).await["overdue"], false);
    load(&p, |_| true).await;
    assert_eq!(deadlines::recompute_all(app).await.unwrap().changed, 2);
    assert_eq!(p.show("applicant", &open).await["overdue"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn forecasts_cover_every_policy() {
    let p = TestPlatform::new().await;
    let ask = async |query: &ForecastQuery| -> Vec<DeadlineDetail> {
        let value = p.get("applicant", &with_query("/v1/deadlines", query).unwrap()).await.ok();
        serde_json::from_value(value).unwrap()
    };
    let at = Some("2026-12-30T14:30:00Z".parse().unwrap());
    let categories = p.get("applicant", "/v1/categories").await.ok();
    let codes_of: Vec<String> =
        categories.as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap().to_owned()).collect();
    for &channel in Channel::ALL {
        for code in &codes_of {
            let query = ForecastQuery {
                channel: Some(channel),
                category: Some(code.clone()),
                at,
                ..ForecastQuery::default()
            };
            let found = ask(&query).await;
            assert_eq!(found.len(), 4, "{channel} {code}");
            found.iter().for_each(explained);
            assert!(found.is_sorted_by_key(|d| d.due_at));
        }
    }
    let far = ForecastQuery {
        category: Some("housing".into()),
        region: Some("25".into()),
        at,
        ..Default::default()
    };
    let found = ask(&far).await;
    let decision = found.iter().find(|d| d.kind == DeadlineKind::Decision).unwrap();
    assert_eq!((decision.zone.as_str(), decision.provisional), ("Asia/Vladivostok", true));
    // 00:30 on the 31st there, which is a free day: the first five working days of January.
    assert_eq!(decision.due_at.to_string(), "2027-01-15T08:00:00Z");
    assert_eq!(decision.left_working_minutes, Some(5 * 8 * 60));
    assert_eq!(codes(decision).last(), Some(&"provisional"));

    for (query, field) in [("category=none", "category"), ("department=none", "department")] {
        let Reply { status, body: problem, .. } = p.get("applicant", &format!("/v1/deadlines?{query}")).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)));
        super::harness::worded(&problem);
    }
    let Reply { status, .. } = p.get("applicant", "/v1/deadlines?channel=pigeon").await;
    assert_eq!(status, 400);
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
