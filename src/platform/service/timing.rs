//! Deadlines of an appeal as its life goes on: set, paused while it waits for the applicant (N2), extended, met.

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
use appeal_domain::*;

/// The zone of a platform's home, where an appeal has no department.
const HOME: &str = "Europe/Moscow";

/// The steps whose clocks stand still while the appeal waits for the applicant (N2).
const PAUSED: [DeadlineKind; 3] =
    [DeadlineKind::Decision, DeadlineKind::Escalation, DeadlineKind::Redirection];

/// What the deadlines of one appeal are counted with.
pub struct Timing {
    calendar: Arc<Calendar>,
    /// IANA name of the zone of the appeal's department.
    zone: String,
    terms: Policy,
}

impl Timing {
    /// Reads the calendar, the zone of the appeal's department and the terms of its channel and category.
    pub async fn of(tx: &mut Tx, row: &AppealRow) -> Result<Timing> {
        let rules = rules::of(tx).await?;
        let terms = terms(tx, &rules.policies, row.channel, Some(&row.category)).await?;
        let zone = zone_name(tx, row.department.as_deref()).await?;
        Ok(Timing { calendar: rules.calendar, zone, terms })
    }

    /// The year it is at the department.
    pub fn year(&self, now: Timestamp) -> i16 {
        now.to_zoned(zone(&self.zone)).year()
    }

    /// When a step that starts now is due, and by which term; none where no policy says.
    pub fn due(&self, kind: DeadlineKind, from: Timestamp) -> Result<Option<(Term, Timestamp)>> {
        let Some(term) = self.terms.term(kind) else { return Ok(None) };
        let due = self.calendar.due(term, from, &zone(&self.zone)).map_err(|e| uncounted(kind, &e))?;
        Ok(Some((term, due.at)))
    }

    /// Starts the clocks of an appeal that has just been filed: the first status, the redirection and the decision
    /// are to come; the registration is done, since the number it got is its registration.
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

    /// Sets the deadline of a step that starts at a moment; `given` is a due date that somebody chose.
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

    /// Counts the open steps of an appeal anew from where they started, by the terms and in the zone that hold for it
    /// now: it got another category. What waited for the applicant does not count, and what was extended stays so.
    pub async fn refile(&self, tx: &mut Tx, row: &mut AppealRow) -> Result<()> {
        let mut pauses = deadlines::pauses(tx, &[&row.id]).await?;
        for mut deadline in deadlines::of(tx, &[&row.id]).await? {
            let Some(term) = self.terms.term(deadline.kind) else { continue };
            if deadline.met_at.is_some() || !FILED.contains(&deadline.kind) {
                continue;
            }
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

    /// The clock of the decision runs again after a pause: what is due moves by the time that waited.
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

/// The steps that are due from the filing on, in the order in which they are shown.
pub const FILED: [DeadlineKind; 4] = [
    DeadlineKind::FirstStatus,
    DeadlineKind::Registration,
    DeadlineKind::Redirection,
    DeadlineKind::Decision,
];

/// The terms of a channel and a category.
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

/// Counts a deadline from all it follows from: its start, its term or the date that was set, and its pauses. `zone` is
/// the department's, for a deadline that was kept without one.
pub fn reckon(calendar: &Calendar, row: &DeadlineRow, pauses: &[Pause], department: &str) -> Result<Due> {
    let clock = Clock { term: row.term, started_at: row.started_at, set: row.set, pauses };
    let zone = zone(row.zone.as_deref().unwrap_or(department));
    calendar.reckon(&clock, &zone).map_err(|e| uncounted(row.kind, &e))
}

/// Gives a deadline another date, and the appeal and what else shows it.
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

/// Sets another date for a step that is still to come, with the reason that the applicant reads (N2). The date takes
/// the place of the term: it moves by what waits for the applicant after now, and by nothing else. Gives false where
/// the step is not open.
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

/// What a new status does to the steps: once the department works on an appeal it is not passed on, once it was passed
/// on that is done, and nothing is due of one that has ended.
pub async fn settle(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<()> {
    match row.status {
        Status::Redirected => deadlines::meet(tx, &row.id, DeadlineKind::Redirection, now).await,
        Status::Draft | Status::Submitted | Status::ClarificationRequired => Ok(()),
        status if status.is_final() => deadlines::drop_open(tx, &row.id, None).await,
        _ => deadlines::drop_open(tx, &row.id, Some(DeadlineKind::Redirection)).await,
    }
}

/// The name of a department's zone; that of the platform's home where there is none.
pub async fn zone_name(tx: &mut Tx, department: Option<&str>) -> Result<String> {
    let found = match department {
        Some(code) => catalogue::department(tx, code).await?,
        None => None,
    };
    Ok(found.map_or_else(|| HOME.to_owned(), |d| d.time_zone))
}

/// A zone by its name.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn uncounted(kind: DeadlineKind, error: &CalendarError) -> Fault {
    Fault::Internal(format!("deadline {kind}: {error}"))
}

/// The clock of the decision stops: it waits for the applicant (N2).
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

/// True where the authority missed the date by which the decision was due, whether or not it came since.
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
