//! Reports compared with an independent calculation from the same rows.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::harness::{TestPlatform, worded};
use crate::store::db::{Arg, Tx};

/// An appeal to insert; times are minutes since the first filing.
#[derive(Debug, Clone)]
struct Put {
    filed: i64,
    status: &'static str,
    category: &'static str,
    department: &'static str,
    region: Option<&'static str>,
    kind: &'static str,
    organization: bool,
    first: Option<i64>,
    due: Option<i64>,
    met: Option<i64>,
    paused: Option<i64>,
    answers: Vec<i64>,
    waits: Vec<(i64, Option<i64>)>,
    repeat: bool,
    merged: bool,
    escalations: usize,
    score: Option<i64>,
}

prop_compose! {
    fn put()(
        filed in 0i64..60_000,
        status in proptest::sample::select(vec![
            "draft", "submitted", "in_progress", "under_review", "clarification_required", "redirected",
            "awaiting_confirmation", "answered", "completed", "rejected", "cancelled", "closed",
        ]),
        category in proptest::sample::select(vec!["roads", "housing", "taxes"]),
        department in proptest::sample::select(vec!["roads", "housing", "taxes"]),
        region in proptest::option::of(proptest::sample::select(vec!["Москва", "москва ", "Тверь"])),
        kind in proptest::sample::select(vec!["complaint", "request"]),
        organization in any::<bool>(),
        first in proptest::option::of(0i64..5_000),
        due in proptest::option::weighted(0.9, 0i64..20_000),
        met in proptest::option::of(0i64..30_000),
        paused in proptest::option::weighted(0.2, 0i64..30_000),
    )(
        answers in proptest::collection::vec(0i64..30_000, 0..3),
        waits in proptest::collection::vec((0i64..9_000, proptest::option::of(0i64..4_000)), 0..2),
        repeat in any::<bool>(),
        merged in any::<bool>(),
        escalations in 0usize..3,
        score in proptest::option::of(1i64..=5),
        filed in Just(filed), status in Just(status), category in Just(category), department in Just(department),
        region in Just(region), kind in Just(kind), organization in Just(organization), first in Just(first),
        due in Just(due), met in Just(met), paused in Just(paused),
    ) -> Put {
        Put { filed, status, category, department, region, kind, organization, first, due, met, paused, answers,
              waits, repeat, merged, escalations, score }
    }
}

const EPOCH: &str = "2026-10-01T00:00:00Z";

fn at(minute: i64) -> Timestamp {
    EPOCH.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

async fn insert(tx: &mut Tx, n: usize, put: &Put) -> crate::fault::Result<()> {
    let id = format!("r{n}");
    let filed = at(put.filed);
    let since = |minutes: i64| at(put.filed + minutes);
    tx.run(
        "INSERT INTO appeals (id, number, status, kind, category, subject, text, priority, channel, region, fields, \
         applicant_id, organization, department, created_at, updated_at, status_since, repeat_of, merged_into, version) \
         SELECT $1, $1, $2, $3, $4, 's', 't', 'normal', 'account', $5, '{}', id, $6, $7, $8, $8, $8, $9, $10, 1 \
         FROM people WHERE login = 'applicant'",
        vec![
            Arg::from(&id),
            put.status.into(),
            put.kind.into(),
            put.category.into(),
            put.region.into(),
            put.organization.then_some("7701123451").into(),
            put.department.into(),
            filed.into(),
            put.repeat.then_some("x").into(),
            put.merged.then_some("y").into(),
        ],
    )
    .await?;
    let deadline = "INSERT INTO deadlines (appeal_id, kind, term, started_at, due_at, met_at, paused_at) \
                    VALUES ($1, $2, '5wd', $3, $4, $5, $6)";
    if let Some(first) = put.first {
        let met = Some(since(first));
        let args =
            vec![Arg::from(&id), "first_status".into(), filed.into(), filed.into(), met.into(), Arg::Null];
        tx.run(deadline, args).await?;
    }
    if let Some(due) = put.due {
        let (met, paused) = (put.met.map(since), put.paused.map(since));
        let args = vec![
            Arg::from(&id),
            "decision".into(),
            filed.into(),
            since(due).into(),
            met.into(),
            paused.into(),
        ];
        tx.run(deadline, args).await?;
    }
    for (k, answer) in put.answers.iter().enumerate() {
        tx.run(
            "INSERT INTO answers (id, appeal_id, decision, text, signed_by, at) VALUES ($1, $2, 'granted', 't', 's', $3)",
            vec![Arg::from(format!("{id}-{k}")), Arg::from(&id), since(*answer).into()],
        )
        .await?;
    }
    let mut start = 0;
    for (k, (after, length)) in put.waits.iter().enumerate() {
        start += after;
        let end = length.map(|length| since(start + length));
        tx.run(
            "INSERT INTO clarifications (id, appeal_id, question, needs, asked_at, asked_by, ended_at) \
             VALUES ($1, $2, 'q', '[]', $3, 'operator', $4)",
            vec![Arg::from(format!("{id}-{k}")), Arg::from(&id), since(start).into(), end.into()],
        )
        .await?;
    }
    for k in 0..put.escalations {
        tx.run(
            "INSERT INTO escalations (id, appeal_id, level, grounds, reason, state, at) \
             VALUES ($1, $2, 'senior', 'critical', 'r', 'pending', $3)",
            vec![Arg::from(format!("{id}-{k}")), Arg::from(&id), filed.into()],
        )
        .await?;
    }
    if let Some(score) = put.score {
        tx.run(
            "INSERT INTO reviews (appeal_id, id, score, state, at) VALUES ($1, $1, $2, 'pending', $3)",
            vec![Arg::from(&id), score.into(), filed.into()],
        )
        .await?;
    }
    Ok(())
}

/// Calculates the numbers of these appeals in a slow and simple way.
fn naive(puts: &[&Put], now: Timestamp) -> Value {
    let now = (now.as_second() - EPOCH.parse::<Timestamp>().unwrap().as_second()) as f64 / 60.0;
    let waited = |put: &Put, until: i64| -> i64 {
        // Minute by minute.
        let mut start = 0;
        let mut pauses = Vec::new();
        for (after, length) in &put.waits {
            start += after;
            pauses.push((start, length.map_or(i64::MAX, |length| start + length)));
        }
        let minutes = 0..until;
        let within = |m: i64| pauses.iter().filter(|(from, to)| m >= *from && m < *to).count() as i64;
        minutes.map(within).sum()
    };
    let elapsed = |put: &Put, until: i64| (until - waited(put, until)).max(0) as u64 * 60;
    let ranked = |mut all: Vec<u64>, percent: f64| -> Value {
        all.sort_unstable();
        if all.is_empty() {
            return Value::Null;
        }
        let rank = (percent / 100.0 * all.len() as f64).ceil() as usize;
        json!(all[rank.max(1) - 1])
    };
    let times = |all: Vec<u64>| json!({ "count": all.len(), "median": ranked(all.clone(), 50.0), "p95": ranked(all, 95.0) });
    let count = |is: &dyn Fn(&Put) -> bool| puts.iter().filter(|put| is(put)).count();
    let part = |a: usize, b: usize| if b == 0 { Value::Null } else { json!(a as f64 / b as f64) };
    let late = |put: &Put| {
        let Some(due) = put.due else { return false };
        if let Some(met) = put.met {
            return met > due;
        }
        let waiting = ["submitted", "redirected", "in_progress", "clarification_required", "under_review"];
        let stood = put.paused.map_or(now, |paused| (put.filed + paused) as f64);
        waiting.contains(&put.status) && stood > (put.filed + due) as f64
    };
    let outcomes =
        count(&|p| matches!(p.status, "completed" | "rejected") || p.status == "closed" && !p.merged);
    let (solved, repeated) = (count(&|p| p.status == "completed"), count(&|p| p.repeat));
    let escalated = count(&|p| p.escalations > 0);
    let scores: Vec<i64> = puts.iter().filter_map(|p| p.score).collect();
    json!({
        "filed": puts.len(),
        "answered": count(&|p| !p.answers.is_empty()),
        "in_time": count(&|p| p.due.is_some_and(|due| p.met.is_some_and(|met| met <= due))),
        "overdue": count(&late),
        "time_to_first_status": times(puts.iter().filter_map(|p| p.first.map(|f| elapsed(p, f))).collect()),
        "time_to_decision":
            times(puts.iter().filter_map(|p| p.answers.iter().min().map(|a| elapsed(p, *a))).collect()),
        "outcomes": outcomes,
        "solved": solved,
        "share_solved": part(solved, outcomes),
        "repeated": repeated,
        "share_repeated": part(repeated, puts.len()),
        "escalated": escalated,
        "share_escalated": part(escalated, puts.len()),
        "satisfaction": {
            "count": scores.len(),
            "mean": if scores.is_empty() { Value::Null } else { json!(scores.iter().sum::<i64>() as f64 / scores.len() as f64) },
        },
    })
}

/// Rounds fractions to nine digits, because they were converted to text.
fn rounded(value: &Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => json!((n.as_f64().unwrap_or_default() * 1e9).round() as i64),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), rounded(v))).collect(),
        other => other.clone(),
    }
}

fn numbers(group: &Value) -> Value {
    let mut group = rounded(group);
    if let Some(map) = group.as_object_mut() {
        map.remove("key");
        map.remove("title");
    }
    group
}

const FROM: &str = "2026-10-05";
const TO: &str = "2026-11-05";

/// Returns the day of the filing in Moscow.
fn day(put: &Put) -> jiff::civil::Date {
    at(put.filed).to_zoned(TimeZone::get("Europe/Moscow").unwrap()).date()
}

/// Returns the key of the group to which an appeal belongs.
fn key(put: &Put, by: &str) -> Option<String> {
    match by {
        "category" => Some(put.category.to_owned()),
        "department" => Some(put.department.to_owned()),
        "kind" => Some(put.kind.to_owned()),
        "region" => put.region.map(|r| r.trim().to_lowercase()),
        "organization" => put.organization.then(|| "7701123451".to_owned()),
        "day" => Some(day(put).to_string()),
        "month" => Some(day(put).to_string()[..7].to_owned()),
        _ => Some(day(put).strftime("%G-w%V").to_string()),
    }
}

/// Inserts random appeals.
async fn random(p: &TestPlatform) -> Vec<Put> {
    let mut runner = TestRunner::default();
    let puts: Vec<Put> = proptest::collection::vec(put(), 300).new_tree(&mut runner).unwrap().current();
    let rows = puts.clone();
    let done = p.app.db().write(move |tx| {
        let rows = rows.clone();
        Box::pin(async move {
            for (n, put) in rows.iter().enumerate() {
                insert(tx, n, put).await?;
            }
            Ok(())
        })
    });
    done.await.unwrap();
    puts
}

/// Compares the report of a person with a calculation from the appeals that it covers.
async fn compare(p: &TestPlatform, who: &str, by: &str, seen: &[&Put]) {
    let report = p.get(who, &format!("/v1/reports/summary?from={FROM}&to={TO}&by={by}")).await.ok();
    let mut groups: BTreeMap<Option<String>, Vec<&Put>> = BTreeMap::new();
    for put in seen {
        groups.entry(key(put, by)).or_default().push(put);
    }
    let returned = report["groups"].as_array().unwrap();
    assert_eq!(returned.len(), groups.len(), "{who} {by}");
    for group in returned {
        let key = group["key"].as_str().map(str::to_lowercase);
        let puts = groups.get(&key).unwrap_or_else(|| panic!("{who} {by}: {group}"));
        assert_eq!(numbers(group), rounded(&naive(puts, p.now())), "{who} {by} {key:?}");
        assert!(group["title"]["ru"].as_str().is_some_and(|t| !t.is_empty() && !t.starts_with("report-")));
    }
    assert_eq!(rounded(&report["total"]), rounded(&naive(seen, p.now())), "{who} {by}");
}

#[tokio::test]
async fn every_number_matches_a_plain_calculation() {
    let p = TestPlatform::new().await;
    let puts = random(&p).await;
    let inside = |put: &&Put| {
        let day = day(put).to_string();
        put.status != "draft" && (FROM..=TO).contains(&day.as_str())
    };
    for (who, own) in [("analyst", None), ("admin", None), ("operator-roads", Some("roads"))] {
        let seen: Vec<&Put> =
            puts.iter().filter(inside).filter(|p| own.is_none_or(|code| p.department == code)).collect();
        assert!(seen.len() > 20, "{} are enough", seen.len());
        for by in ["category", "department", "region", "kind", "organization", "day", "week", "month"] {
            compare(&p, who, by, &seen).await;
        }
    }
}

#[tokio::test]
async fn applicants_see_no_reports() {
    let p = TestPlatform::new().await;
    for who in ["applicant", "representative", "intermediary"] {
        p.get(who, "/v1/reports/summary").await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn without_appeals_all_numbers_are_zero_or_absent() {
    let p = TestPlatform::new().await;
    for who in ["analyst", "admin", "operator", "supervisor"] {
        let report = p.get(who, "/v1/reports/summary").await.ok();
        assert_eq!(report["total"], naive(&[], p.now()), "{who}");
        assert_eq!(report["groups"], json!([]));
    }
}

#[tokio::test]
async fn invalid_periods_are_refused() {
    let p = TestPlatform::new().await;
    for query in ["from=2026-11-02&to=2026-11-01", "from=2026-13-01", "by=weather", "to=yesterday"] {
        let refused = p.get("analyst", &format!("/v1/reports/summary?{query}")).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.body);
        worded(&refused.body);
    }
}

/// Returns how many appeals a person's report counts.
async fn filed(p: &TestPlatform, who: &str) -> u64 {
    p.get(who, "/v1/reports/summary").await.ok()["total"]["filed"].as_u64().unwrap()
}

#[tokio::test]
async fn a_draft_does_not_count() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    p.file_with("applicant", json!({ "draft": true })).await;
    assert_eq!((filed(&p, "analyst").await, filed(&p, "supervisor").await), (1, 0));
}

#[tokio::test]
async fn an_escalated_appeal_also_counts_for_its_supervisor() {
    let p = TestPlatform::new().await;
    let number = p.file("applicant").await;
    let body = json!({ "level": "senior", "grounds": "critical", "reason": "Ошибка" });
    p.act("applicant", &number, "escalations", body).await;
    assert_eq!((filed(&p, "supervisor").await, filed(&p, "supervisor-quality").await), (1, 0));
    assert_eq!((filed(&p, "operator-housing").await, filed(&p, "operator-taxes").await), (1, 0));
}
