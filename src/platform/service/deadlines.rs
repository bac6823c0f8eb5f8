//! Recalculation of deadlines after a change of the production calendar (N1).
//!
//! The code that loads a calendar or policies calls [`recompute_all`] after the commit. If that is interrupted or
//! omitted, the jobs complete it: the database records the calendar that the deadlines were calculated with, and the
//! progress of the recalculation. A deadline keeps the term set when its step began; new policies apply to later steps.

use jiff::Timestamp;
use serde_json::json;

use super::change::Change;
use super::{rules, timing};
use crate::app::App;
use crate::fault::Result;
use crate::store::db::Tx;
use crate::store::deadlines::{self, DeadlineRow};
use crate::store::{appeals, meta};
use appeal_domain::{DeadlineKind, Event};

/// Digest of the calendar with which all open deadlines are calculated.
const COUNTED: &str = "deadlines_counted";
/// A recalculation in progress: digest of its calendar, and the last appeal done.
const COUNTING: &str = "deadlines_counting";
/// Number of appeals per transaction.
const AT_ONCE: i64 = 200;

/// Result of a recalculation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Number of appeals with a moved due date.
    pub changed: u64,
}

/// Recalculates all open deadlines with the current calendar, unless that was done already. Each appeal with a moved
/// date gets a journal entry and the event `deadline_moved`. May be interrupted and run by several processes at once,
/// which share the progress.
///
/// # Errors
/// The database or the calendar cannot be read. Completed work is kept.
pub async fn recompute_all(app: &App) -> Result<Recomputed> {
    let now = app.now();
    let mut done = Recomputed::default();
    if app.read(async |tx| is_counted(tx).await).await? {
        return Ok(done);
    }
    loop {
        let step = app.db().write(move |tx| Box::pin(async move { recompute(tx, now).await })).await?;
        match step {
            Some(changed) => done.changed += changed,
            None => return Ok(done),
        }
    }
}

async fn is_counted(tx: &mut Tx) -> Result<bool> {
    let digest = rules::of(tx).await?.calendar_digest;
    Ok(meta::get(tx, COUNTED).await?.as_deref() == Some(&*digest))
}

/// Recalculates the deadlines of the next appeals; returns how many changed, or `None` if all are done.
pub async fn recompute(tx: &mut Tx, now: Timestamp) -> Result<Option<u64>> {
    if is_counted(tx).await? {
        return Ok(None);
    }
    let rules = rules::of(tx).await?;
    let digest = &*rules.calendar_digest;
    let after = match meta::get(tx, COUNTING).await? {
        // A recalculation with a calendar that was replaced since starts again.
        Some(mark) => mark.split_once(' ').filter(|(by, _)| *by == digest).map(|(_, id)| id.to_owned()),
        None => None,
    };
    let ids = deadlines::with_open(tx, after.as_deref().unwrap_or_default(), AT_ONCE).await?;
    let Some(last) = ids.last() else {
        meta::set(tx, COUNTED, digest).await?;
        return Ok(None);
    };
    let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let pauses = deadlines::pauses(tx, &wanted).await?;
    let mut moved: Vec<(DeadlineRow, Timestamp)> = Vec::new();
    for row in deadlines::of(tx, &wanted).await?.into_iter().filter(|row| row.met_at.is_none()) {
        let home = match &row.zone {
            Some(zone) => zone.clone(),
            None => department_zone(tx, &row.appeal_id).await?,
        };
        let pauses = pauses.get(&(row.appeal_id.clone(), row.kind)).map_or(&[][..], Vec::as_slice);
        let due = timing::reckon(&rules.calendar, &row, pauses, &home)?.at;
        if due != row.due_at {
            moved.push((row, due));
        }
    }
    let mut changed = 0;
    for id in &ids {
        let mut of_one: Vec<&mut (DeadlineRow, Timestamp)> =
            moved.iter_mut().filter(|(row, _)| row.appeal_id == *id).collect();
        if !of_one.is_empty() {
            changed += u64::from(move_one(tx, id, &mut of_one, now).await?);
        }
    }
    meta::set(tx, COUNTING, &format!("{digest} {last}")).await?;
    Ok(Some(changed))
}

async fn department_zone(tx: &mut Tx, appeal_id: &str) -> Result<String> {
    let department = appeals::by_id(tx, appeal_id).await?.and_then(|row| row.department);
    timing::zone_name(tx, department.as_deref()).await
}

/// Moves the deadlines of one appeal.
async fn move_one(
    tx: &mut Tx,
    id: &str,
    moved: &mut [&mut (DeadlineRow, Timestamp)],
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = appeals::by_id(tx, id).await? else { return Ok(false) };
    if row.status.is_final() {
        return Ok(false);
    }
    let mut change = Change::by_platform(row, now);
    for (deadline, to) in moved.iter_mut() {
        let from = deadline.due_at;
        timing::shift(tx, &mut change.row, deadline, *to).await?;
        deadlines::put(tx, deadline).await?;
        change.changed(&format!("deadlines.{}.due_at", deadline.kind), json!(from), json!(*to));
        if matches!(deadline.kind, DeadlineKind::Decision | DeadlineKind::Escalation) {
            change.tell("due_at", to.to_string());
        }
    }
    change.commit(tx, Event::DeadlineMoved).await?;
    Ok(true)
}
