//! Reminders of deadlines (N3): before and at the deadline to the person who must keep it, and after it to those who
//! must know. Each is sent once; a recalculated deadline is a new one.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::notices::{self, Reminder};
use crate::service::{rules, timing};
use crate::store::db::Tx;
use crate::store::reminders::{self, Position};
use crate::store::{appeals, deadlines};
use appeal_domain::deadline::Term;
use appeal_domain::{Calendar, DeadlineKind};

/// Upper bound of the difference between the departments' time zones.
const ZONES: SignedDuration = SignedDuration::from_hours(24);

/// A deadline that may need a reminder.
#[derive(Debug, Clone)]
struct Candidate {
    appeal_id: String,
    kind: DeadlineKind,
    due_at: Timestamp,
    stage: &'static str,
}

/// Sends reminders of every deadline that is near or overdue.
pub async fn remind(app: &App, now: Timestamp) -> Result<()> {
    let horizon = app.read(async |tx| horizon(tx, now).await).await?;
    for stage in ["passed", "due", "before"] {
        let mut after = (i64::MIN, String::new());
        loop {
            let (found, last) = app.read(async |tx| page(tx, stage, now, horizon, &after).await).await?;
            if !found.is_empty() {
                app.db()
                    .write(move |tx| {
                        let found = found.clone();
                        Box::pin(async move {
                            for candidate in &found {
                                remind_one(tx, candidate, now).await?;
                            }
                            Ok(())
                        })
                    })
                    .await?;
            }
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
    }
    Ok(())
}

/// Deadlines after this are not near yet.
async fn horizon(tx: &mut Tx, now: Timestamp) -> Result<Timestamp> {
    let wide = now.checked_add(ZONES).map_err(|e| Fault::Internal(e.to_string()))?;
    let calendar = calendar(tx).await?;
    let date = wide.to_zoned(TimeZone::UTC).date();
    // A year without data is counted in calendar days.
    let next = calendar.next_working_day(date).ok().or_else(|| date.tomorrow().ok()).unwrap_or(date);
    let end = next.to_zoned(TimeZone::UTC).map_err(|e| Fault::Internal(e.to_string()))?.timestamp();
    end.checked_add(ZONES.saturating_mul(2)).map_err(|e| Fault::Internal(e.to_string()))
}

async fn calendar(tx: &mut Tx) -> Result<Arc<Calendar>> {
    Ok(rules::of(tx).await?.calendar)
}

/// Returns deadlines without a reminder at this stage, and where to continue; `None` at the end.
async fn page(
    tx: &mut Tx,
    stage: &'static str,
    now: Timestamp,
    horizon: Timestamp,
    after: &Position,
) -> Result<(Vec<Candidate>, Option<Position>)> {
    let page = reminders::page(tx, stage, now, horizon, after).await?;
    let calendar = if stage == "before" && !page.rows.is_empty() { Some(calendar(tx).await?) } else { None };
    let mut found = Vec::new();
    for row in page.rows {
        if let Some(calendar) = &calendar {
            let zone = timing::department_zone(tx, row.department.as_deref()).await?;
            if now < near(calendar, row.term, row.started_at, row.due_at, &zone) {
                continue;
            }
        }
        found.push(Candidate { appeal_id: row.appeal_id, kind: row.kind, due_at: row.due_at, stage });
    }
    Ok((found, page.next))
}

/// Returns from when on a deadline is near: one working day before a deadline counted in days, the last quarter of one
/// counted in hours or minutes.
pub fn near(
    calendar: &Calendar,
    term: Term,
    started_at: Timestamp,
    due_at: Timestamp,
    zone: &TimeZone,
) -> Timestamp {
    let quarter = due_at.duration_since(started_at) / 4;
    let last_quarter = due_at.checked_sub(quarter).unwrap_or(due_at);
    match term {
        Term::WorkingDays(_) | Term::CalendarDays(_) => {
            let due = due_at.to_zoned(zone.clone());
            let mut date = due.date();
            for _ in 0..31 {
                let Ok(before) = date.yesterday() else { break };
                date = before;
                // A year without data is counted in calendar days.
                if calendar.is_working(date).unwrap_or(true) {
                    break;
                }
            }
            let day_before = zone.to_timestamp(date.to_datetime(due.time())).unwrap_or(last_quarter);
            // A deadline of one day is not near as soon as it starts.
            if day_before <= started_at { last_quarter } else { day_before }
        }
        Term::WorkingHours(_) | Term::WorkingMinutes(_) | Term::Hours(_) | Term::Minutes(_) => last_quarter,
    }
}

async fn remind_one(tx: &mut Tx, candidate: &Candidate, now: Timestamp) -> Result<()> {
    let id = candidate.appeal_id.as_str();
    let still = deadlines::of(tx, &[id]).await?.iter().any(|d| {
        d.kind == candidate.kind
            && d.due_at == candidate.due_at
            && d.met_at.is_none()
            && d.paused_at.is_none()
    });
    let Some(row) = appeals::by_id(tx, id).await? else { return Ok(()) };
    let (kind, due_at, stage) = (candidate.kind, candidate.due_at, candidate.stage);
    if !still || !reminders::note(tx, id, kind, due_at, stage, now).await? {
        return Ok(());
    }
    if stage == "due" {
        // A reminder at the deadline replaces the one before it.
        reminders::note(tx, id, kind, due_at, "before", now).await?;
    }
    notices::remind(tx, &row, Reminder { kind, due_at, stage }, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_near_a_working_day_or_a_quarter_before() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let calendar = Calendar::stock();
        let when = |term: &str, from: &str, due: &str| {
            near(&calendar, term.parse().unwrap(), at(from), at(due), &zone).to_string()
        };
        // From the close on Monday back over the weekend.
        assert_eq!(when("5wd", "2026-11-09T07:00:00Z", "2026-11-16T15:00:00Z"), "2026-11-13T15:00:00Z");
        assert_eq!(when("1wd", "2026-11-10T07:00:00Z", "2026-11-11T15:00:00Z"), "2026-11-10T15:00:00Z");
        assert_eq!(when("2h", "2026-11-10T08:00:00Z", "2026-11-10T10:00:00Z"), "2026-11-10T09:30:00Z");
        assert_eq!(when("30d", "2026-12-10T07:00:00Z", "2027-01-11T15:00:00Z"), "2026-12-30T15:00:00Z");
    }
}
