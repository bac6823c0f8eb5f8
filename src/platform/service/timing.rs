//! Deadlines of an appeal as its life goes on: set, paused while it waits for the applicant (N2), met.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::calendar::{Calendar, Year};
use crate::domain::deadline::{Policies, Policy, Term};
use crate::domain::*;
use crate::platform::fault::{Fault, Result};
use crate::platform::store::appeals::AppealRow;
use crate::platform::store::catalogue;
use crate::platform::store::db::Tx;
use crate::platform::store::deadlines::{self, DeadlineRow};
use crate::platform::store::talk;

/// The production calendar by which every department counts.
pub const CALENDAR: &str = "ru";

/// What the deadlines of one appeal are counted with.
pub struct Timing {
    calendar: Calendar,
    zone: TimeZone,
    terms: Policy,
}

impl Timing {
    /// Reads the calendar, the zone of the appeal's department and the terms of its channel and category.
    pub async fn of(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<Timing> {
        let broken = |e: serde_json::Error| Fault::Internal(e.to_string());
        let mut calendar: Calendar =
            serde_json::from_str(&catalogue::calendar(tx, CALENDAR).await?).map_err(broken)?;
        let policies: Policies = serde_json::from_str(&catalogue::policies(tx).await?).map_err(broken)?;
        let named = catalogue::category(tx, &row.category).await?.and_then(|c| c.policy);
        let terms = policies
            .terms(row.channel, named.as_deref())
            .map_err(|e| Fault::Internal(format!("category {}: {e}", row.category)))?;
        let zone = zone(tx, row.department.as_deref()).await?;
        // A year whose holidays nobody has loaded yet is counted by its weekends, rather than refusing to file.
        let year = now.to_zoned(zone.clone()).year();
        for year in year.saturating_sub(1)..=year.saturating_add(2) {
            calendar.years.entry(year).or_insert_with(|| Year { provisional: true, ..Year::default() });
        }
        Ok(Timing { calendar, zone, terms })
    }

    /// The year it is at the department.
    pub fn year(&self, now: Timestamp) -> i16 {
        now.to_zoned(self.zone.clone()).year()
    }

    /// When a step that starts now is due, and by which term; none where no policy says.
    pub fn due(&self, kind: DeadlineKind, from: Timestamp) -> Result<Option<(Term, Timestamp)>> {
        let Some(term) = self.terms.term(kind) else { return Ok(None) };
        let due = self
            .calendar
            .due(term, from, &self.zone)
            .map_err(|e| Fault::Internal(format!("deadline {kind}: {e}")))?;
        Ok(Some((term, due.at)))
    }

    /// Sets the deadline of a step that starts now; `given` is a due date that somebody chose.
    pub async fn start(
        &self,
        tx: &mut Tx,
        row: &AppealRow,
        kind: DeadlineKind,
        now: Timestamp,
        given: Option<Timestamp>,
    ) -> Result<Option<Timestamp>> {
        let by_policy = self.due(kind, now)?;
        let (term, due_at) = match (by_policy, given) {
            (Some((term, _)), Some(given)) => (term, given),
            (None, Some(given)) => (Term::CalendarDays(1), given),
            (Some(by_policy), None) => by_policy,
            (None, None) => return Ok(None),
        };
        let deadline = DeadlineRow {
            appeal_id: row.id.clone(),
            kind,
            term,
            started_at: now,
            due_at,
            met_at: None,
            paused_at: None,
        };
        deadlines::put(tx, &deadline).await?;
        Ok(Some(due_at))
    }

    /// The clock of the decision runs again after a pause: what is due moves by the time that waited.
    pub async fn resume(&self, tx: &mut Tx, row: &mut AppealRow, now: Timestamp) -> Result<()> {
        for mut deadline in deadlines::of(tx, &[&row.id]).await? {
            let Some(paused_at) = deadline.paused_at else { continue };
            let moved = self
                .calendar
                .extend_by_pause(deadline.term, deadline.due_at, (paused_at, now), &self.zone)
                .map_err(|e| Fault::Internal(format!("deadline {}: {e}", deadline.kind)))?;
            deadline.paused_at = None;
            if row.due_at == Some(deadline.due_at) {
                row.due_at = Some(moved.at);
            }
            deadline.due_at = moved.at;
            deadlines::put(tx, &deadline).await?;
            if deadline.kind == DeadlineKind::Escalation {
                talk::move_escalation(tx, &row.id, moved.at).await?;
            }
        }
        Ok(())
    }
}

/// The zone of a department; of the platform's home where there is none.
pub async fn zone(tx: &mut Tx, department: Option<&str>) -> Result<TimeZone> {
    let found = match department {
        Some(code) => catalogue::department(tx, code).await?,
        None => None,
    };
    let name = found.map_or_else(|| "Europe/Moscow".to_owned(), |d| d.time_zone);
    Ok(TimeZone::get(&name).unwrap_or(TimeZone::UTC))
}

/// The clock of the decision stops: it waits for the applicant (N2).
pub async fn pause(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<()> {
    for mut deadline in deadlines::of(tx, &[&row.id]).await? {
        let counts = matches!(deadline.kind, DeadlineKind::Decision | DeadlineKind::Escalation);
        if counts && deadline.met_at.is_none() && deadline.paused_at.is_none() {
            deadline.paused_at = Some(now);
            deadlines::put(tx, &deadline).await?;
        }
    }
    Ok(())
}

/// True where the authority missed the date by which the decision was due, whether or not it came since.
pub async fn missed(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<bool> {
    if row.is_overdue(now) {
        return Ok(true);
    }
    Ok(deadlines::of(tx, &[&row.id])
        .await?
        .iter()
        .any(|d| d.kind == DeadlineKind::Decision && d.met_at.is_some_and(|met| met > d.due_at)))
}
