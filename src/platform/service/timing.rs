//! Deadlines during the life of an appeal (N2): set, paused while it waits for the applicant, extended, met.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::rules;
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::catalogue;
use crate::store::db::Tx;
use crate::store::deadlines::{self, DeadlineRow};
use crate::store::talk;
use appeal_domain::calendar::{Calendar, CalendarError};
use appeal_domain::deadline::{Clock, Due, Pause, SetDate, Term};
use appeal_domain::policies::{Policies, Policy};
use appeal_domain::report::HOME_ZONE;
use appeal_domain::*;

/// Steps whose clocks stop while the appeal waits for the applicant.
const PAUSED: [DeadlineKind; 3] =
    [DeadlineKind::Decision, DeadlineKind::Escalation, DeadlineKind::Redirection];

/// The data for calculating the deadlines of an appeal.
pub struct Timing {
    calendar: Arc<Calendar>,
    /// IANA name of the time zone of the appeal's department.
    zone: String,
    terms: Policy,
}

impl Timing {
    /// Reads the calendar, the time zone of the department, and the terms of channel and category.
    pub async fn of(tx: &mut Tx, row: &AppealRow) -> Result<Timing> {
        let rules = rules::of(tx).await?;
        let mut terms = terms(tx, &rules.policies, row.channel, Some(&row.category)).await?;
        if row.kind == Kind::Gratitude {
            // Nothing is decided on it.
            terms.decision = None;
        }
        let zone = zone_name(tx, row.department.as_deref()).await?;
        Ok(Timing { calendar: rules.calendar, zone, terms })
    }

    /// Returns the current year at the department.
    pub fn year(&self, now: Timestamp) -> Result<i16> {
        Ok(now.to_zoned(zone(&self.zone)?).year())
    }

    /// Returns the term and the due date of a step that starts now; `None` if no policy sets a term.
    pub fn due(&self, kind: DeadlineKind, from: Timestamp) -> Result<Option<(Term, Timestamp)>> {
        let Some(term) = self.terms.term(kind) else { return Ok(None) };
        let due = self.calendar.due(term, from, &zone(&self.zone)?).map_err(|e| uncounted(kind, &e))?;
        Ok(Some((term, due.at)))
    }

    /// Starts the deadlines of a newly filed appeal: first status, redirection and decision. The registration is
    /// complete, because the appeal has its number.
    pub async fn file(&self, tx: &mut Tx, row: &AppealRow) -> Result<()> {
        let filed = row.created_at;
        let mut all = Vec::with_capacity(FILED.len());
        for kind in FILED {
            let Some(mut deadline) = self.fresh(row, kind, filed, None)? else { continue };
            deadline.met_at = (kind == DeadlineKind::Registration).then_some(filed);
            all.push(deadline);
        }
        deadlines::put_all(tx, &all).await
    }

    /// Sets the deadline of a step that starts at a moment; `given` is a manually set due date.
    pub async fn start(
        &self,
        tx: &mut Tx,
        row: &AppealRow,
        kind: DeadlineKind,
        from: Timestamp,
        given: Option<Timestamp>,
    ) -> Result<Option<Timestamp>> {
        let Some(deadline) = self.fresh(row, kind, from, given)? else { return Ok(None) };
        deadlines::put(tx, &deadline).await?;
        Ok(Some(deadline.due_at))
    }

    /// Recalculates the open steps of an appeal from their start, by the terms and in the time zone that apply after a
    /// change of category or kind. Time spent waiting for the applicant does not count, and extensions are kept.
    pub async fn refile(&self, tx: &mut Tx, row: &mut AppealRow) -> Result<()> {
        let mut pauses = deadlines::pauses(tx, &[&row.id]).await?;
        let found = deadlines::of(tx, &[&row.id]).await?;
        let decision = found.iter().find(|deadline| deadline.kind == DeadlineKind::Decision);
        if decision.is_none() && row.status.is_undecided() && row.escalated.is_none() {
            row.due_at = self.start(tx, row, DeadlineKind::Decision, row.created_at, None).await?;
            if row.status == Status::ClarificationRequired {
                pause(tx, row, row.status_since).await?;
            }
        }
        for mut deadline in found {
            if deadline.met_at.is_some() || !FILED.contains(&deadline.kind) {
                continue;
            }
            let Some(term) = self.terms.term(deadline.kind) else {
                deadlines::drop_open(tx, &row.id, Some(deadline.kind)).await?;
                row.due_at = row.due_at.filter(|due| *due != deadline.due_at);
                continue;
            };
            deadline.term = term;
            deadline.zone = Some(self.zone.clone());
            let pauses = pauses.remove(&(row.id.clone(), deadline.kind)).unwrap_or_default();
            let due = reckon(&self.calendar, &deadline, &pauses, &self.zone)?;
            shift(tx, row, &mut deadline, due.at).await?;
            deadlines::put(tx, &deadline).await?;
        }
        Ok(())
    }

    fn fresh(
        &self,
        row: &AppealRow,
        kind: DeadlineKind,
        from: Timestamp,
        given: Option<Timestamp>,
    ) -> Result<Option<DeadlineRow>> {
        let (term, due_at) = match (self.due(kind, from)?, given) {
            (Some((term, _)), Some(given)) => (term, given),
            (None, Some(given)) => (Term::CalendarDays(1), given),
            (Some(by_policy), None) => by_policy,
            (None, None) => return Ok(None),
        };
        Ok(Some(DeadlineRow {
            appeal_id: row.id.clone(),
            kind,
            term,
            started_at: from,
            due_at,
            met_at: None,
            paused_at: None,
            zone: Some(self.zone.clone()),
            set: given.map(|due| SetDate { at: from, due }),
            extended_from: None,
            reason: None,
        }))
    }

    /// Restarts the clock of the decision after a pause; the due date moves by the time spent waiting.
    pub async fn resume(&self, tx: &mut Tx, row: &mut AppealRow, now: Timestamp) -> Result<()> {
        let found = deadlines::of(tx, &[&row.id]).await?;
        if found.iter().all(|deadline| deadline.paused_at.is_none()) {
            return Ok(());
        }
        let mut pauses = deadlines::pauses(tx, &[&row.id]).await?;
        for mut deadline in found {
            let Some(from) = deadline.paused_at.take() else { continue };
            let pause = Pause { from, until: now };
            deadlines::add_pause(tx, &row.id, deadline.kind, pause).await?;
            let mut all = pauses.remove(&(row.id.clone(), deadline.kind)).unwrap_or_default();
            all.push(pause);
            let due = reckon(&self.calendar, &deadline, &all, &self.zone)?;
            shift(tx, row, &mut deadline, due.at).await?;
            deadlines::put(tx, &deadline).await?;
        }
        Ok(())
    }
}

/// The steps with deadlines from the filing on, in display order.
pub const FILED: [DeadlineKind; 4] = [
    DeadlineKind::FirstStatus,
    DeadlineKind::Registration,
    DeadlineKind::Redirection,
    DeadlineKind::Decision,
];

/// Returns the terms of a channel and a category.
pub async fn terms(
    tx: &mut Tx,
    policies: &Policies,
    channel: Channel,
    category: Option<&str>,
) -> Result<Policy> {
    let named = match category {
        Some(code) => catalogue::category(tx, code).await?.and_then(|c| c.policy),
        None => None,
    };
    policies
        .terms(channel, named.as_deref())
        .map_err(|e| Fault::Internal(format!("category {}: {e}", category.unwrap_or_default())))
}

/// Calculates a deadline from its start, its term or manually set date, and its pauses. `department` is the
/// department's time zone, for a deadline stored without one.
pub fn reckon(calendar: &Calendar, row: &DeadlineRow, pauses: &[Pause], department: &str) -> Result<Due> {
    let clock = Clock { term: row.term, started_at: row.started_at, set: row.set, pauses };
    let zone = zone(row.zone.as_deref().unwrap_or(department))?;
    calendar.reckon(&clock, &zone).map_err(|e| uncounted(row.kind, &e))
}

/// Sets another due date of a deadline, and updates the appeal and other places that show it.
pub async fn shift(
    tx: &mut Tx,
    row: &mut AppealRow,
    deadline: &mut DeadlineRow,
    to: Timestamp,
) -> Result<()> {
    let leads = matches!(deadline.kind, DeadlineKind::Decision | DeadlineKind::Escalation);
    if leads && row.due_at == Some(deadline.due_at) {
        row.due_at = Some(to);
    }
    deadline.due_at = to;
    match deadline.kind {
        DeadlineKind::Escalation => talk::move_escalation(tx, &row.id, to).await,
        DeadlineKind::Clarification => deadlines::move_clarification(tx, &row.id, to).await,
        _ => Ok(()),
    }
}

/// Sets another date for an open step, with a reason that the applicant sees. The date replaces the term: only later
/// pauses move it. Returns false if the step is not open.
pub async fn extend(
    tx: &mut Tx,
    row: &mut AppealRow,
    kind: DeadlineKind,
    to: Timestamp,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    let open = |d: &DeadlineRow| d.kind == kind && d.met_at.is_none();
    let Some(mut deadline) = deadlines::of(tx, &[&row.id]).await?.into_iter().find(open) else {
        return Ok(false);
    };
    deadline.extended_from = Some(deadline.due_at);
    deadline.reason = Some(reason.to_owned());
    deadline.set = Some(SetDate { at: now, due: to });
    shift(tx, row, &mut deadline, to).await?;
    deadlines::put(tx, &deadline).await?;
    Ok(true)
}

/// Updates the steps after a change of status: an appeal in work is no longer redirected, a redirected one has
/// completed that step, and a finished one has no deadlines.
pub async fn settle(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<()> {
    match row.status {
        Status::Redirected => deadlines::meet(tx, &row.id, DeadlineKind::Redirection, now).await,
        Status::Draft | Status::Submitted | Status::ClarificationRequired => Ok(()),
        status if status.is_final() => deadlines::drop_open(tx, &row.id, None).await,
        _ => deadlines::drop_open(tx, &row.id, Some(DeadlineKind::Redirection)).await,
    }
}

/// Returns the name of a department's time zone; the platform's if there is no department.
pub async fn zone_name(tx: &mut Tx, department: Option<&str>) -> Result<String> {
    let found = match department {
        Some(code) => catalogue::department(tx, code).await?,
        None => None,
    };
    Ok(found.map_or_else(|| HOME_ZONE.to_owned(), |d| d.time_zone))
}

/// Returns a time zone by its name.
pub fn zone(name: &str) -> Result<TimeZone> {
    zones::zone(name).map_err(|e| Fault::Internal(e.to_string()))
}

/// Returns the time zone in which the due date of an appeal was counted.
pub async fn due_zone(tx: &mut Tx, row: &AppealRow) -> Result<TimeZone> {
    let rows = deadlines::of(tx, &[&row.id]).await?;
    match deadlines::zone_of_due(&rows, row.due_at) {
        Some(name) => zone(name),
        None => department_zone(tx, row.department.as_deref()).await,
    }
}

/// Returns the time zone of a department; the platform's if there is no department.
pub async fn department_zone(tx: &mut Tx, department: Option<&str>) -> Result<TimeZone> {
    zone(&zone_name(tx, department).await?)
}

fn uncounted(kind: DeadlineKind, error: &CalendarError) -> Fault {
    Fault::Internal(format!("deadline {kind}: {error}"))
}

/// Stops the clock of the decision while the appeal waits for the applicant.
pub async fn pause(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<()> {
    for mut deadline in deadlines::of(tx, &[&row.id]).await? {
        let counts = PAUSED.contains(&deadline.kind);
        if counts && deadline.met_at.is_none() && deadline.paused_at.is_none() {
            deadline.paused_at = Some(now);
            deadlines::put(tx, &deadline).await?;
        }
    }
    Ok(())
}

/// Returns whether the authority missed the due date of the decision, even if it decided later.
pub async fn missed(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<bool> {
    if row.is_overdue(now) {
        return Ok(true);
    }
    Ok(deadlines::of(tx, &[&row.id])
        .await?
        .iter()
        .filter(|d| matches!(d.kind, DeadlineKind::Decision | DeadlineKind::Escalation))
        .any(|d| d.met_at.is_some_and(|met| met > d.due_at)))
}
