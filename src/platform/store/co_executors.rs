//! Co-executors of appeals (O1): departments and experts who see everything and comment, but do not decide.

use std::collections::HashMap;

use jiff::Timestamp;

use super::appeals::in_list;
use super::db::{Arg, Tx};
use crate::args;
use crate::caller::Caller;
use crate::fault::Result;
use appeal_api::Involved;
use appeal_domain::Role;

/// The kind of a co-executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A department, identified by its code.
    Department,
    /// A person, identified by their id.
    Expert,
}

impl Kind {
    /// Returns the word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Department => "department",
            Kind::Expert => "expert",
        }
    }
}

/// Returns conditions under which a row of `co_executors` applies to the caller. Their values are appended to `args`.
pub fn subjects(caller: &Caller, args: &mut Vec<Arg>) -> Vec<String> {
    let mut bind = |value: &str| {
        args.push(Arg::from(value));
        format!("${}", args.len())
    };
    let mut any = Vec::new();
    if matches!(caller.role, Role::Operator | Role::Supervisor) {
        any.push(format!("kind = 'expert' AND subject = {}", bind(&caller.person_id)));
    }
    if caller.role == Role::Operator && !caller.departments.is_empty() {
        let codes: Vec<String> = caller.departments.iter().map(|code| bind(code)).collect();
        any.push(format!("kind = 'department' AND subject IN ({})", codes.join(", ")));
    }
    any
}

/// Returns whether the caller, or their department, is a co-executor of the appeal.
pub async fn has(tx: &mut Tx, caller: &Caller, appeal_id: &str) -> Result<bool> {
    let mut args = args![appeal_id];
    let subjects = subjects(caller, &mut args);
    if subjects.is_empty() {
        return Ok(false);
    }
    let any: Vec<String> = subjects.iter().map(|subject| format!("({subject})")).collect();
    let sql =
        format!("SELECT 1 AS n FROM co_executors WHERE appeal_id = $1 AND ({}) LIMIT 1", any.join(" OR "));
    Ok(tx.first(&sql, args).await?.is_some())
}

/// Adds a co-executor; returns false if it was one before.
pub async fn add(
    tx: &mut Tx,
    appeal_id: &str,
    kind: Kind,
    subject: &str,
    by: &str,
    at: Timestamp,
) -> Result<bool> {
    let added = tx
        .run(
            "INSERT INTO co_executors (appeal_id, kind, subject, at, added_by) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (appeal_id, kind, subject) DO NOTHING",
            args![appeal_id, kind.as_str(), subject, at, by],
        )
        .await?;
    Ok(added > 0)
}

/// Removes a co-executor; returns false if it was not one.
pub async fn remove(tx: &mut Tx, appeal_id: &str, kind: Kind, subject: &str) -> Result<bool> {
    let removed = tx
        .run(
            "DELETE FROM co_executors WHERE appeal_id = $1 AND kind = $2 AND subject = $3",
            args![appeal_id, kind.as_str(), subject],
        )
        .await?;
    Ok(removed > 0)
}

/// Returns the co-executors of several appeals, in the order in which they were added.
pub async fn of(tx: &mut Tx, appeals: &[&str]) -> Result<HashMap<String, Vec<Involved>>> {
    let (places, args) = in_list(0, appeals.iter().copied());
    let sql = format!(
        "SELECT c.appeal_id, c.kind, c.subject, c.at, c.added_by, p.login FROM co_executors c \
         LEFT JOIN people p ON c.kind = 'expert' AND p.id = c.subject \
         WHERE c.appeal_id IN ({places}) ORDER BY c.at, c.kind, c.subject"
    );
    let mut all: HashMap<String, Vec<Involved>> = HashMap::new();
    for row in tx.all(&sql, args).await? {
        let department = row.text("kind")? == Kind::Department.as_str();
        all.entry(row.text("appeal_id")?).or_default().push(Involved {
            department: if department { Some(row.text("subject")?) } else { None },
            login: row.text_opt("login")?,
            at: row.time("at")?,
            by: row.text("added_by")?,
        });
    }
    Ok(all)
}
