//! Actions of an operator of the responsible department (O1). While an appeal is escalated, the life-cycle table
//! forbids them, and its supervisor decides.

use serde_json::json;

use super::access;
use super::change::{self, Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::merging;
use super::steps::{end_clarification, first_status, say, tell_files};
use super::timing::{self, Timing};
use crate::fault::{Fault, Result};
use crate::store::attachments::Owner;
use crate::store::co_executors::{self, Kind};
use crate::store::db::Tx;
use crate::store::talk::{self, NewClarification};
use crate::store::{catalogue, deadlines, people};
use appeal_api::*;
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Takes the appeal into work; the caller becomes responsible.
pub async fn take(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    if row.status == Status::InProgress && row.responsible_id.as_deref() == Some(&ctx.caller.person_id) {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, Action::Take)?;
    change.row.responsible_id = Some(ctx.caller.person_id.clone());
    first_status(tx, &change).await?;
    change.done(tx, ctx, Event::Taken).await
}

/// Takes the appeal under review. The note is visible to the authority's staff only.
pub async fn review(tx: &mut Tx, ctx: &Ctx, number: &str, body: &OptionalNote) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    if row.status == Status::UnderReview && row.escalated.is_none() {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, Action::Review)?;
    let row = match body.note.as_deref().filter(|note| !note.is_empty()) {
        None => change.commit(tx, Event::UnderReview).await?,
        Some(note) => {
            need_text("note", note)?;
            let row = change.commit(tx, Event::UnderReview).await?;
            let mut aside = Change::by(ctx, row);
            say(tx, ctx, &mut aside, note, Side::Authority, true, &[]).await?;
            aside.keep_internal();
            aside.commit(tx, Event::Commented).await?
        }
    };
    change::card(tx, ctx, row).await
}

/// Assigns another operator of the department.
pub async fn assign(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Assign) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    let undecided = row.status.is_undecided();
    if !undecided || row.escalated.is_some() {
        let message = if undecided { "assign-escalated" } else { "assign-closed" };
        return Err(Fault::conflict(message).arg("status", row.status.as_str()).into());
    }
    let found = people::operator_of(tx, body.to.trim(), row.department.as_deref()).await?;
    let Some(id) = found else {
        let finding = Finding::error("assignee-unknown", "to")
            .arg("given", &body.to)
            .arg("department", row.department.as_deref().unwrap_or_default());
        return Err(Fault::invalid(vec![finding]));
    };
    if row.responsible_id.as_ref() == Some(&id) {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.row.responsible_id = Some(id);
    change.tell("responsible", body.to.trim());
    change.done(tx, ctx, Event::Assigned).await
}

/// Requests clarification from the applicant; open to operators, or to the supervisor of the pending escalation. Stops
/// the clock of the decision.
pub async fn ask(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Ask) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let who = if standing.decides {
        Who::Supervisor
    } else if standing.operator {
        Who::Operator
    } else {
        return Err(Fault::forbidden("forbidden-authority"));
    };
    ctx.caller.need(Scope::Operate)?;
    access::confirmed(&ctx.caller)?;
    let mut change = Change::by(ctx, row);
    change.apply(who, Action::Ask)?;
    let mut findings = text_findings("text", &body.text, true);
    for (n, need) in body.needs.iter().enumerate() {
        findings.extend(text_findings(&format!("needs.{n}"), need, true));
    }
    if body.due_at.is_some_and(|due| due <= ctx.now) {
        findings.push(Finding::error("due-past", "due_at"));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    timing::pause(tx, &change.row, ctx.now).await?;
    let timing = Timing::of(tx, &change.row).await?;
    let due_at = timing.start(tx, &change.row, DeadlineKind::Clarification, ctx.now, body.due_at).await?;
    let due_at = due_at.ok_or_else(|| Fault::Internal("no term for clarifications".to_owned()))?;
    let new = NewClarification {
        appeal_id: &change.row.id,
        question: &body.text,
        needs: &body.needs,
        asked_at: ctx.now,
        asked_by: &ctx.caller.login,
        due_at,
    };
    let id = talk::ask(tx, &new).await?;
    // Before the move, the row still has the previous status.
    change.row.asked_from = Some(change.status_before());
    change.fact(
        "clarification",
        json!({ "id": id, "question": body.text, "needs": body.needs, "due_at": due_at }),
    );
    change.tell("due_at", due_at.to_string());
    if who == Who::Operator {
        first_status(tx, &change).await?;
    }
    change.done(tx, ctx, Event::Asked).await
}

/// Redirects the appeal to another department, with a reason shown to the applicant.
pub async fn redirect(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Redirect) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, Action::Redirect)?;
    let mut findings = text_findings("reason", &body.reason, true);
    let department = catalogue::department(tx, body.department.trim()).await?;
    match &department {
        None => {
            findings.push(Finding::error("department-unknown", "department").arg("given", &body.department))
        }
        Some(d) if change.row.department.as_ref() == Some(&d.code) => {
            findings.push(Finding::error("department-same", "department").arg("given", &d.code));
        }
        // Such a department does not answer; it only gets escalated appeals.
        Some(d) if d.level.is_some() => {
            findings.push(Finding::error("department-review", "department").arg("given", &d.code));
        }
        Some(_) => {}
    }
    let (Some(department), true) = (department, findings.is_empty()) else {
        return Err(Fault::invalid(findings));
    };
    end_clarification(tx, &mut change, "dropped").await?;
    say(tx, ctx, &mut change, &body.reason, Side::Authority, false, &[]).await?;
    change.row.responsible_id = catalogue::least_loaded_operator(tx, &department.code).await?;
    change.tell("department", department.code.as_str());
    change.tell("reason", body.reason.as_str());
    // The responsible department cannot be a co-executor.
    co_executors::remove(tx, &change.row.id, Kind::Department, &department.code).await?;
    change.row.department = Some(department.code);
    first_status(tx, &change).await?;
    change.done(tx, ctx, Event::Redirected).await
}

/// Gives the official answer.
pub async fn answer(tx: &mut Tx, ctx: &Ctx, number: &str, body: &GiveAnswer) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    let action = if body.await_confirmation { Action::AnswerAwaiting } else { Action::Answer };
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, action)?;
    let mut findings = text_findings("text", &body.text, true);
    if body.decision == Decision::Refused {
        findings.push(Finding::error("decision-refused", "decision"));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    decide(tx, ctx, &mut change, body.decision, &body.text, &body.attachments).await?;
    change.done(tx, ctx, Event::Answered).await
}

/// Refuses, with the reason as the official answer.
pub async fn refuse(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Refuse) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    if row.status == Status::Rejected
        && talk::last_answer(tx, &row.id).await?.is_some_and(|(_, text)| text == body.reason)
    {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, Action::Refuse)?;
    need_text("reason", &body.reason)?;
    decide(tx, ctx, &mut change, Decision::Refused, &body.reason, &[]).await?;
    change.done(tx, ctx, Event::Refused).await
}

/// Records an official answer, and waits for the applicant until the confirmation is due.
pub async fn decide(
    tx: &mut Tx,
    ctx: &Ctx,
    change: &mut Change,
    decision: Decision,
    text: &str,
    files: &[FileRef],
) -> Result<()> {
    let enclosed = enclosures::check(tx, ctx, &change.row, Side::Authority, files).await?;
    end_clarification(tx, change, "dropped").await?;
    let signed_by = ctx.caller.name.as_str();
    let id = talk::add_answer(tx, &change.row.id, decision, text, signed_by, ctx.now).await?;
    let owner = Owner { kind: "answer", id: Some(&id), internal: false };
    let files = enclosures::keep(tx, ctx, &change.row, owner, &enclosed).await?;
    change.fact("answer", json!({ "id": id, "decision": decision, "text": text, "signed_by": signed_by }));
    change.tell("decision", decision.as_str());
    tell_files(change, files);
    change.row.decided = true;
    first_status(tx, change).await?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Decision, ctx.now).await?;
    merging::answered(tx, ctx, &change.row, text).await?;
    wait_for_applicant(tx, change).await
}

/// An answered appeal closes automatically when the confirmation is due.
pub async fn wait_for_applicant(tx: &mut Tx, change: &Change) -> Result<()> {
    if change.row.status.is_final() {
        return Ok(());
    }
    let timing = Timing::of(tx, &change.row).await?;
    timing.start(tx, &change.row, DeadlineKind::Confirmation, change.now, None).await?;
    Ok(())
}
