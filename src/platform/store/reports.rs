//! Data for reports: appeals of a period are read one by one, without storing them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::db::{Arg, DbError, Row, Tx};
use super::visibility;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use appeal_domain::report::{Decision, Facts};
use appeal_domain::*;

/// The data of an appeal for reports.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub category: String,
    pub department: Option<String>,
    pub region: Option<String>,
    pub kind: String,
    pub organization: Option<String>,
    pub facts: Facts,
}

/// Returns the condition on appeals filed in the period that this person is responsible for, and its values.
///
/// # Errors
/// 403 for people without access to reports.
fn condition(caller: &Caller, from: Timestamp, to: Timestamp) -> Result<(String, Vec<Arg>)> {
    let mut args = vec![Arg::from(from), Arg::from(to)];
    let period = "a.status <> 'draft' AND a.created_at >= $1 AND a.created_at < $2";
    let seen = match caller.role {
        Role::Analyst | Role::Admin => return Ok((period.to_owned(), args)),
        Role::Operator | Role::Supervisor => visibility::authority(caller, "a", &mut args),
        Role::Individual | Role::Representative | Role::Intermediary => {
            return Err(Fault::forbidden("forbidden-report"));
        }
    };
    Ok((format!("{period} AND {seen}"), args))
}

/// Passes every appeal filed in the period to `take`, in no particular order.
///
/// # Errors
/// 403 for people without access to reports.
pub async fn each(
    tx: &mut Tx,
    caller: &Caller,
    (from, to): (Timestamp, Timestamp),
    mut take: impl FnMut(Counted) + Send,
) -> Result<()> {
    let (condition, args) = condition(caller, from, to)?;
    // Few appeals ever wait for their applicant, so these fit into memory.
    let mut pauses: HashMap<String, Vec<(Timestamp, Option<Timestamp>)>> = HashMap::new();
    let sql = format!(
        "SELECT c.appeal_id, c.asked_at, c.ended_at FROM clarifications c JOIN appeals a ON a.id = c.appeal_id \
         WHERE {condition}"
    );
    tx.each(&sql, args.clone(), |row| {
        let pause = (row.time("asked_at")?, row.time_opt("ended_at")?);
        pauses.entry(row.text("appeal_id")?).or_default().push(pause);
        Ok(())
    })
    .await?;
    let sql = format!(
        "SELECT a.id, a.status, a.kind, a.category, a.department, a.region, a.organization, a.created_at, \
         a.repeat_of, a.merged_into, f.met_at AS first_at, d.due_at, d.met_at, d.paused_at, \
         (SELECT v.score FROM reviews v WHERE v.appeal_id = a.id ORDER BY v.at DESC, v.id DESC LIMIT 1) AS score, \
         (SELECT min(w.at) FROM answers w WHERE w.appeal_id = a.id) AS answered_at, \
         CAST(CASE WHEN EXISTS (SELECT 1 FROM escalations e WHERE e.appeal_id = a.id) THEN 1 ELSE 0 END AS BIGINT) \
         AS escalations \
         FROM appeals a \
         LEFT JOIN deadlines f ON f.appeal_id = a.id AND f.kind = 'first_status' \
         LEFT JOIN deadlines d ON d.appeal_id = a.id AND d.kind = 'decision' \
         WHERE {condition}"
    );
    tx.each(&sql, args, |row| {
        let pauses = pauses.remove(&row.text("id")?).unwrap_or_default();
        take(counted(row, pauses)?);
        Ok(())
    })
    .await?;
    Ok(())
}

fn counted(row: &Row, pauses: Vec<(Timestamp, Option<Timestamp>)>) -> Result<Counted, DbError> {
    let decision = match row.time_opt("due_at")? {
        None => None,
        Some(due_at) => {
            Some(Decision { due_at, met_at: row.time_opt("met_at")?, paused_at: row.time_opt("paused_at")? })
        }
    };
    Ok(Counted {
        category: row.text("category")?,
        department: row.text_opt("department")?,
        region: row.text_opt("region")?,
        kind: row.text("kind")?,
        organization: row.text_opt("organization")?,
        facts: Facts {
            filed_at: row.time("created_at")?,
            first_status_at: row.time_opt("first_at")?,
            answered_at: row.time_opt("answered_at")?,
            pauses,
            decision,
            status: Some(row.word("status")?),
            merged: row.text_opt("merged_into")?.is_some(),
            repeats: row.text_opt("repeat_of")?.is_some(),
            escalated: row.flag("escalations")?,
            score: row.int_opt("score")?.and_then(|score| u8::try_from(score).ok()),
        },
    })
}

/// Returns the names of all organizations that people file for, by INN.
pub async fn organizations(tx: &mut Tx) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    tx.each("SELECT inn, name FROM organizations", Vec::new(), |row| {
        names.insert(row.text("inn")?, row.text("name")?);
        Ok(())
    })
    .await?;
    Ok(names)
}
