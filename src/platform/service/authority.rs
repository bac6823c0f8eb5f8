//! Actions of an operator other than moves of the life cycle (O1): co-executors, extending the decision deadline,
//! category and priority. While an appeal is escalated, only its supervisor may act.

use jiff::Timestamp;
use serde_json::json;

use super::access;
use super::change::{self, Change, text_findings};
use super::context::Ctx;
use super::enclosures::Side;
use super::rerouting;
use super::steps::say;
use super::timing::{self, Timing};
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::co_executors::{self, Kind as Part};
use crate::store::db::Tx;
use crate::store::{catalogue, people};
use appeal_api::*;
use appeal_domain::*;

/// Fails with 409 if the appeal is escalated or already decided.
fn undecided(row: &AppealRow) -> Result<()> {
    not_escalated(row)?;
    if row.status.is_undecided() {
        return Ok(());
    }
    Err(Fault::conflict("authority-decided").arg("status", row.status.as_str()).into())
}

fn not_escalated(row: &AppealRow) -> Result<()> {
    match row.escalated {
        None => Ok(()),
        Some(level) => Err(Fault::conflict("authority-escalated").arg("level", level.as_str()).into()),
    }
}

/// Adds or removes a department or an expert as co-executor.
pub async fn involve(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Involve) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    if body.remove {
        not_escalated(&row)?;
    } else {
        undecided(&row)?;
    }
    let (part, subject, name) = match (&body.department, &body.expert) {
        (Some(code), None) => department(tx, &row, code.trim(), body.remove).await?,
        (None, Some(login)) => expert(tx, &row, login.trim(), body.remove).await?,
        _ => return Err(Fault::invalid(vec![Finding::error("involve-one", "department")])),
    };
    let changed = if body.remove {
        co_executors::remove(tx, &row.id, part, &subject).await?
    } else {
        co_executors::add(tx, &row.id, part, &subject, &ctx.caller.login, ctx.now).await?
    };
    if !changed {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    let fact = json!({ part.as_str(): name });
    if body.remove {
        change.changed("involved", fact, serde_json::Value::Null);
    } else {
        change.fact("involved", fact);
    }
    change.tell("who", name);
    let event = if body.remove { Event::Uninvolved } else { Event::Involved };
    change.done(tx, ctx, event).await
}

async fn department(
    tx: &mut Tx,
    row: &AppealRow,
    code: &str,
    remove: bool,
) -> Result<(Part, String, String)> {
    let wrong = match catalogue::department(tx, code).await? {
        None => "department-unknown",
        Some(found) if !remove && row.department.as_ref() == Some(&found.code) => "department-same",
        Some(found) => return Ok((Part::Department, found.code.clone(), found.code)),
    };
    Err(Fault::invalid(vec![Finding::error(wrong, "department").arg("given", code)]))
}

async fn expert(tx: &mut Tx, row: &AppealRow, login: &str, remove: bool) -> Result<(Part, String, String)> {
    let found = people::caller_by_login(tx, login).await?;
    let wrong = match found {
        None => "expert-unknown",
        Some(person) if remove => return Ok((Part::Expert, person.person_id, person.login)),
        Some(person) if person.person_id == row.applicant_id => "expert-applicant",
        Some(person)
            if !matches!(person.role, Role::Operator | Role::Supervisor)
                || person.state != AccountState::Active =>
        {
            "expert-unknown"
        }
        Some(person) if row.department.as_ref().is_some_and(|code| person.departments.contains(code)) => {
            "expert-responsible"
        }
        Some(person) => return Ok((Part::Expert, person.person_id, person.login)),
    };
    Err(Fault::invalid(vec![Finding::error(wrong, "expert").arg("given", login)]))
}

/// Extends the decision deadline: only to a later date, and with a reason that the applicant sees.
pub async fn extend(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Extend) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    undecided(&row)?;
    if row.kind == Kind::Gratitude {
        return Err(Fault::conflict("extend-gratitude").into());
    }
    let mut findings = text_findings("reason", &body.reason, true);
    // In the precision in which it is stored and read.
    let due_at = Timestamp::from_microsecond(body.due_at.as_microsecond())
        .map_err(|e| Fault::Internal(e.to_string()))?;
    if due_at <= ctx.now {
        findings.push(Finding::error("due-past", "due_at"));
    } else if let Some(due) = row.due_at.filter(|due| due_at <= *due) {
        let zone = timing::due_zone(tx, &row).await?;
        findings.push(Finding::error("due-not-later", "due_at").arg("due", zones::due_in(due, &zone)));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let mut change = Change::by(ctx, row);
    if !timing::extend(tx, &mut change.row, DeadlineKind::Decision, due_at, &body.reason, ctx.now).await? {
        // No policy has set a deadline so far.
        let timing = Timing::of(tx, &change.row).await?;
        timing.start(tx, &change.row, DeadlineKind::Decision, ctx.now, Some(due_at)).await?;
    }
    change.row.due_at = Some(due_at);
    say(tx, ctx, &mut change, &body.reason, Side::Authority, false, &[]).await?;
    change.fact("reason", body.reason.as_str());
    change.tell("due_at", due_at.to_string());
    change.tell("reason", body.reason.as_str());
    change.done(tx, ctx, Event::Extended).await
}

/// Sets the category, at any time, and the priority. An undecided appeal is routed again; for a decided one, only the
/// category used in statistics changes.
pub async fn classify(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Classify) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    not_escalated(&row)?;
    let category = body.category.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let mut findings = Vec::new();
    if category.is_none() && body.priority.is_none() {
        findings.push(Finding::error("classify-nothing", "category"));
    }
    if let Some(code) = category
        && catalogue::category(tx, code).await?.is_none()
    {
        findings.push(Finding::error("category-unknown", "category").arg("given", code));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let moved = category.is_some_and(|code| code != row.category);
    let mut change = Change::by(ctx, row);
    if let Some(code) = category {
        change.row.category = code.to_owned();
    }
    change.row.priority = body.priority.unwrap_or(change.row.priority);
    if change.is_empty() {
        let row = change.row;
        return change::card(tx, ctx, row).await;
    }
    if moved && undecided(&change.row).is_ok() {
        rerouting::reroute(tx, &mut change).await?;
    }
    change.tell("category", change.row.category.clone());
    change.tell("priority", change.row.priority.as_str());
    if let Some(department) = change.row.department.clone() {
        change.tell("department", department);
    }
    change.done(tx, ctx, Event::Classified).await
}
