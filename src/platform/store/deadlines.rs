//! Deadlines of appeals: one row per step, and the pauses.

use std::collections::HashMap;

use jiff::Timestamp;

use super::appeals::in_list;
use super::db::{Arg, Tx};
use super::statuses::WITH_APPLICANT;
use crate::args;
use crate::fault::Result;
use appeal_domain::deadline::{Pause, SetDate, Term};
use appeal_domain::*;

/// A stored deadline, with everything needed to recalculate it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadlineRow {
    pub appeal_id: String,
    pub kind: DeadlineKind,
    pub term: Term,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub met_at: Option<Timestamp>,
    /// When the clock was stopped.
    pub paused_at: Option<Timestamp>,
    /// The time zone of the calculation; `None` if the department's zone was not stored.
    pub zone: Option<String>,
    /// A manually set date that replaces the term.
    pub set: Option<SetDate>,
    /// The due date before the last extension.
    pub extended_from: Option<Timestamp>,
    /// Reason of the extension.
    pub reason: Option<String>,
}

impl DeadlineRow {
    /// Returns the state. A deadline met late remains overdue.
    pub fn state(&self, now: Timestamp) -> DeadlineState {
        match (self.met_at, self.paused_at) {
            (Some(met), _) if met <= self.due_at => DeadlineState::Met,
            (Some(_), _) => DeadlineState::Overdue,
            (None, Some(paused)) if paused <= self.due_at => DeadlineState::Paused,
            (None, _) if now > self.due_at => DeadlineState::Overdue,
            (None, _) => DeadlineState::Pending,
        }
    }
}

/// Returns the time zone in which the due date of an appeal was counted.
pub fn zone_of_due(rows: &[DeadlineRow], due_at: Option<Timestamp>) -> Option<&str> {
    let leads = |row: &&DeadlineRow| {
        matches!(row.kind, DeadlineKind::Decision | DeadlineKind::Escalation) && Some(row.due_at) == due_at
    };
    rows.iter().find(leads)?.zone.as_deref()
}

/// Returns the deadlines of several appeals, by due date.
pub async fn of(tx: &mut Tx, appeals: &[&str]) -> Result<Vec<DeadlineRow>> {
    let (places, args) = in_list(0, appeals.iter().copied());
    let sql = format!(
        "SELECT appeal_id, kind, term, started_at, due_at, met_at, paused_at, zone, set_due_at, set_at, \
         extended_from, reason FROM deadlines WHERE appeal_id IN ({places}) ORDER BY due_at, kind"
    );
    tx.all(&sql, args)
        .await?
        .iter()
        .map(|row| {
            let set = row.time_opt("set_at")?.zip(row.time_opt("set_due_at")?);
            Ok(DeadlineRow {
                appeal_id: row.text("appeal_id")?,
                kind: row.word("kind")?,
                term: row.word("term")?,
                started_at: row.time("started_at")?,
                due_at: row.time("due_at")?,
                met_at: row.time_opt("met_at")?,
                paused_at: row.time_opt("paused_at")?,
                zone: row.text_opt("zone")?,
                set: set.map(|(at, due)| SetDate { at, due }),
                extended_from: row.time_opt("extended_from")?,
                reason: row.text_opt("reason")?,
            })
        })
        .collect()
}

/// Stores a deadline, replacing one of the same kind.
pub async fn put(tx: &mut Tx, row: &DeadlineRow) -> Result<()> {
    put_all(tx, std::slice::from_ref(row)).await
}

/// Stores several deadlines, each replacing one of the same kind.
pub async fn put_all(tx: &mut Tx, rows: &[DeadlineRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Arg> = Vec::new();
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        let first = values.len() + 1;
        values.extend(args![
            &row.appeal_id,
            row.kind.as_str(),
            row.term.to_string(),
            row.started_at,
            row.due_at,
            row.met_at,
            row.paused_at,
            row.zone.as_deref(),
            row.set.map(|set| set.due),
            row.set.map(|set| set.at),
            row.extended_from,
            row.reason.as_deref(),
        ]);
        let numbered: Vec<String> = (first..=values.len()).map(|n| format!("${n}")).collect();
        places.push(format!("({})", numbered.join(", ")));
    }
    let sql = format!(
        "INSERT INTO deadlines (appeal_id, kind, term, started_at, due_at, met_at, paused_at, zone, set_due_at, \
         set_at, extended_from, reason) VALUES {} \
         ON CONFLICT (appeal_id, kind) DO UPDATE SET term = excluded.term, started_at = excluded.started_at, \
         due_at = excluded.due_at, met_at = excluded.met_at, paused_at = excluded.paused_at, \
         zone = excluded.zone, set_due_at = excluded.set_due_at, set_at = excluded.set_at, \
         extended_from = excluded.extended_from, reason = excluded.reason",
        places.join(", ")
    );
    tx.run(&sql, values).await?;
    Ok(())
}

/// Returns the pauses of several appeals, by appeal and step, in order.
pub async fn pauses(tx: &mut Tx, appeals: &[&str]) -> Result<HashMap<(String, DeadlineKind), Vec<Pause>>> {
    let (places, args) = in_list(0, appeals.iter().copied());
    let sql = format!(
        "SELECT appeal_id, kind, from_at, until_at FROM deadline_pauses WHERE appeal_id IN ({places}) \
         ORDER BY from_at"
    );
    let mut all: HashMap<(String, DeadlineKind), Vec<Pause>> = HashMap::new();
    for row in tx.all(&sql, args).await? {
        let pause = Pause { from: row.time("from_at")?, until: row.time("until_at")? };
        all.entry((row.text("appeal_id")?, row.word("kind")?)).or_default().push(pause);
    }
    Ok(all)
}

/// Stores a completed pause.
pub async fn add_pause(tx: &mut Tx, appeal_id: &str, kind: DeadlineKind, pause: Pause) -> Result<()> {
    if pause.from >= pause.until {
        return Ok(());
    }
    tx.run(
        "INSERT INTO deadline_pauses (appeal_id, kind, from_at, until_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (appeal_id, kind, from_at) DO UPDATE SET until_at = excluded.until_at",
        args![appeal_id, kind.as_str(), pause.from, pause.until],
    )
    .await?;
    Ok(())
}

/// Returns ids of appeals with open steps, ordered, after the given id.
pub async fn with_open(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<String>> {
    let rows = tx
        .all(
            "SELECT DISTINCT appeal_id FROM deadlines WHERE met_at IS NULL AND appeal_id > $1 \
             ORDER BY appeal_id LIMIT $2",
            args![after, limit],
        )
        .await?;
    rows.iter().map(|r| Ok(r.text("appeal_id")?)).collect()
}

/// Changes the due date of the open clarification request.
pub async fn move_clarification(tx: &mut Tx, appeal_id: &str, due_at: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE clarifications SET due_at = $1 WHERE appeal_id = $2 AND ended IS NULL",
        args![due_at, appeal_id],
    )
    .await?;
    Ok(())
}

/// Marks a step as met, unless it was already.
pub async fn meet(tx: &mut Tx, appeal_id: &str, kind: DeadlineKind, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE deadlines SET met_at = $1, paused_at = NULL WHERE appeal_id = $2 AND kind = $3 AND met_at IS NULL",
        args![now, appeal_id, kind.as_str()],
    )
    .await?;
    Ok(())
}

/// Removes a step that will not take place.
pub async fn drop_open(tx: &mut Tx, appeal_id: &str, kind: Option<DeadlineKind>) -> Result<()> {
    tx.run(
        "DELETE FROM deadlines WHERE appeal_id = $1 AND met_at IS NULL AND (kind = $2 OR $2 IS NULL)",
        args![appeal_id, kind.map(DeadlineKind::as_str)],
    )
    .await?;
    Ok(())
}

/// Returns ids of answered appeals that were not confirmed in time, the longest overdue first.
pub async fn overdue_confirmations(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT d.appeal_id FROM deadlines d JOIN appeals a ON a.id = d.appeal_id \
         WHERE d.kind = 'confirmation' AND d.met_at IS NULL AND d.due_at < $1 \
         AND a.status IN {WITH_APPLICANT} ORDER BY d.due_at LIMIT $2"
    );
    let rows = tx.all(&sql, args![now, limit]).await?;
    rows.iter().map(|row| Ok(row.text("appeal_id")?)).collect()
}
