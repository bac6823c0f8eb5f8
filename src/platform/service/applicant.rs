//! What an applicant, or who speaks for them, does with a filed appeal: comment, reply, cancel, confirm, close,
//! repeat, escalate, rate.

use serde_json::{Value, json};

use super::access;
use super::change::{self, Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::filing;
use super::timing::{self, Timing};
use crate::api::*;
use crate::args;
use crate::domain::escalation::{self, Denied, Facts};
use crate::domain::lifecycle::{Action, Who};
use crate::domain::*;
use crate::platform::fault::{Fault, Result};
use crate::platform::store::appeals::AppealRow;
use crate::platform::store::attachments::Owner;
use crate::platform::store::db::Tx;
use crate::platform::store::deadlines;
use crate::platform::store::fresh_id;
use crate::platform::store::talk::{self, EscalationRow, NewReview};

/// Adds a comment (C1): by everybody who takes part, at any time once the appeal is filed.
pub async fn comment(tx: &mut Tx, ctx: &Ctx, number: &str, new: &NewComment) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let authority = standing.operator || standing.supervisor;
    let applicant = standing.is_applicant() || standing.participant == Some(ParticipantRole::Comment);
    if !(authority || applicant) {
        return Err(Fault::forbidden("forbidden-comment"));
    }
    // Who is both, as an operator of the department that got their own appeal, speaks as applicant.
    let side = if applicant { Side::Applicant } else { Side::Authority };
    ctx.caller.need(if side == Side::Applicant { Scope::File } else { Scope::Operate })?;
    access::confirmed(&ctx.caller)?;
    if new.internal && !authority {
        return Err(Fault::forbidden("forbidden-internal"));
    }
    if row.status == Status::Draft {
        return Err(Fault::conflict("draft-unsent").arg("number", row.number).into());
    }
    need_text("text", &new.text)?;
    let enclosed = enclosures::check(tx, ctx, &row, side, &new.attachments).await?;
    let mut change = Change::by(ctx, row);
    say(tx, ctx, &mut change, &new.text, side, new.internal, &enclosed).await?;
    if new.internal {
        change.keep_internal();
    }
    change.done(tx, ctx, "comment", "commented").await
}

/// Puts a comment into a change.
pub async fn say(
    tx: &mut Tx,
    ctx: &Ctx,
    change: &mut Change,
    text: &str,
    side: Side,
    internal: bool,
    enclosed: &[enclosures::Enclosed],
) -> Result<()> {
    let id = talk::add_comment(tx, &change.row.id, &ctx.caller.login, text, ctx.now, internal).await?;
    let owner = Owner { kind: side.comment_kind(), id: Some(&id), internal };
    let files = enclosures::keep(tx, ctx, &change.row, owner, enclosed).await?;
    change.fact("comment", json!({ "id": id, "text": text }));
    tell_files(change, files);
    Ok(())
}

/// Names files in a change.
pub fn tell_files(change: &mut Change, files: Vec<Value>) {
    if !files.is_empty() {
        change.tell("files", files.len().to_string());
        change.fact("attachments", files);
    }
}

/// Answers the open clarification request (C2): the appeal goes back to where it was asked.
pub async fn reply(tx: &mut Tx, ctx: &Ctx, number: &str, body: &TextWithFiles) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    let mut change = Change::by(ctx, row);
    change.apply(Who::Applicant, Action::Reply)?;
    need_text("text", &body.text)?;
    let enclosed = enclosures::check(tx, ctx, &change.row, Side::Applicant, &body.attachments).await?;
    say(tx, ctx, &mut change, &body.text, Side::Applicant, false, &enclosed).await?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Clarification, ctx.now).await?;
    if let Some(id) = end_clarification(tx, &mut change, "replied").await? {
        change.fact("answers", id);
    }
    change.done(tx, ctx, "reply", "replied").await
}

/// Ends the wait for the applicant: the request is over, and the clock of the decision runs again (N2).
pub async fn end_clarification(tx: &mut Tx, change: &mut Change, ended: &str) -> Result<Option<String>> {
    let id = talk::end_clarification(tx, &change.row.id, ended, change.now).await?;
    if id.is_some() {
        let timing = Timing::of(tx, &change.row).await?;
        timing.resume(tx, &mut change.row, change.now).await?;
        if ended == "dropped" {
            deadlines::drop_open(tx, &change.row.id, Some(DeadlineKind::Clarification)).await?;
        }
    }
    change.row.asked_from = None;
    Ok(id)
}

/// Takes the appeal back (S6).
pub async fn cancel(tx: &mut Tx, ctx: &Ctx, number: &str, body: &OptionalReason) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status == Status::Cancelled {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Applicant, Action::Cancel)?;
    if let Some(reason) = &body.reason {
        refuse_findings(text_findings("reason", reason, false))?;
        change.fact("reason", reason.as_str());
        change.tell("reason", reason.as_str());
    }
    end_clarification(tx, &mut change, "dropped").await?;
    if change.row.escalated.take().is_some() {
        talk::end_escalation(tx, &change.row.id, EscalationState::Superseded, None, ctx.now).await?;
    }
    deadlines::drop_open(tx, &change.row.id, None).await?;
    change.done(tx, ctx, "cancel", "cancelled").await
}

/// 422 where there is anything to say.
pub fn refuse_findings(findings: Vec<Finding>) -> Result<()> {
    if findings.is_empty() { Ok(()) } else { Err(Fault::invalid(findings)) }
}

/// Says whether the answer solved the problem (S6).
pub async fn confirm(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Confirm) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if body.solved && row.status == Status::Completed {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    if body.solved {
        change.apply(Who::Applicant, Action::Confirm)?;
        if let Some(reason) = &body.reason {
            refuse_findings(text_findings("reason", reason, false))?;
            change.fact("reason", reason.as_str());
        }
        deadlines::meet(tx, &change.row.id, DeadlineKind::Confirmation, ctx.now).await?;
        return change.done(tx, ctx, "confirm", "confirmed").await;
    }
    change.apply(Who::Applicant, Action::Dispute)?;
    let reason = body.reason.as_deref().unwrap_or_default();
    need_text("reason", reason)?;
    // Whoever goes on with it has to read why.
    say(tx, ctx, &mut change, reason, Side::Applicant, false, &[]).await?;
    deadlines::drop_open(tx, &change.row.id, Some(DeadlineKind::Confirmation)).await?;
    let timing = Timing::of(tx, &change.row).await?;
    change.row.due_at = timing.start(tx, &change.row, DeadlineKind::Decision, ctx.now, None).await?;
    change.done(tx, ctx, "dispute", "disputed").await
}

/// Closes an answered appeal (S6).
pub async fn close(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status == Status::Closed {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Applicant, Action::Close)?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Confirmation, ctx.now).await?;
    change.done(tx, ctx, "close", "closed").await
}

/// Files a repeat appeal (D1): on one that is final or answered, and on one past its due date for that ground. Subject,
/// category, fields, participants and contacts are carried over. Gives the new appeal.
pub async fn repeat(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Repeat) -> Result<Appeal> {
    let first = access::as_applicant(tx, ctx, number).await?;
    access::confirmed(&ctx.caller)?;
    let answered = matches!(first.status, Status::Answered | Status::AwaitingConfirmation);
    let overdue = body.grounds == RepeatGrounds::Overdue && first.is_overdue(ctx.now);
    if !(first.status.is_final() || answered || overdue) {
        let possible = first.due_at.filter(|_| first.status != Status::Draft);
        return Err(no_grounds("repeat-too-early", possible));
    }
    need_text("text", &body.text)?;
    let mut row = AppealRow {
        id: fresh_id(),
        number: String::new(),
        draft_number: None,
        text: body.text.clone(),
        channel: Channel::Account,
        created_at: ctx.now,
        updated_at: ctx.now,
        status_since: ctx.now,
        due_at: None,
        asked_from: None,
        escalated: None,
        decided: false,
        repeat_of: Some(first.number.clone()),
        merged_into: None,
        version: 1,
        journal_seq: 0,
        journal_hash: None,
        ..first.clone()
    };
    // The first appeal's files are not among those of the new one.
    let policy =
        enclosures::policy_of(crate::platform::store::catalogue::category(tx, &row.category).await?.as_ref());
    let (enclosed, findings) = enclosures::examine(tx, ctx, &body.attachments, &[], &policy, false).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    filing::normalize(&mut row);
    let row = filing::file_successor(tx, ctx, row, &enclosed).await?;
    tx.run(
        "INSERT INTO participants (appeal_id, person_id, role) \
         SELECT $1, person_id, role FROM participants WHERE appeal_id = $2",
        args![&row.id, &first.id],
    )
    .await?;
    let mut change = Change::by(ctx, first);
    change.fact("repeat", json!({ "number": row.number, "grounds": body.grounds }));
    change.tell("repeat", row.number.as_str());
    change.commit(tx, "repeat", "repeated").await?;
    change::card(tx, ctx, row).await
}

fn no_grounds(message: &str, possible_at: Option<jiff::Timestamp>) -> Fault {
    let refusal = Fault::refuse(409, code::NO_GROUNDS);
    match possible_at {
        Some(at) => refusal.message(message).arg("possible_at", at.to_string()),
        None => refusal.message(&format!("{message}-never")),
    }
    .into()
}

/// Takes the appeal to a higher level (D2). It keeps its number and its department.
pub async fn escalate(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Escalate) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    let past = talk::escalations(tx, &row.id).await?;
    let pending = past.iter().find(|e| e.state == EscalationState::Pending);
    if pending.is_some_and(|e| e.level == body.level && e.grounds == body.grounds && e.reason == body.reason)
    {
        return change::card(tx, ctx, row).await;
    }
    let facts = facts(tx, ctx, &row, &past).await?;
    let mut change = Change::by(ctx, row);
    if let Err(denied) = escalation::check(body.level, body.grounds, &facts) {
        return Err(refused(&mut change, denied));
    }
    change.apply(Who::Applicant, Action::Escalate)?;
    need_text("reason", &body.reason)?;
    let enclosed = enclosures::check(tx, ctx, &change.row, Side::Applicant, &body.attachments).await?;
    end_clarification(tx, &mut change, "dropped").await?;
    talk::end_escalation(tx, &change.row.id, EscalationState::Superseded, None, ctx.now).await?;
    deadlines::drop_open(tx, &change.row.id, Some(DeadlineKind::Confirmation)).await?;
    let timing = Timing::of(tx, &change.row).await?;
    change.row.due_at = timing.start(tx, &change.row, DeadlineKind::Escalation, ctx.now, None).await?;
    change.row.escalated = Some(body.level);
    let row = EscalationRow {
        id: fresh_id(),
        level: body.level,
        grounds: body.grounds,
        reason: body.reason.clone(),
        state: EscalationState::Pending,
        due_at: change.row.due_at,
    };
    talk::add_escalation(tx, &change.row.id, &row, ctx.now).await?;
    let owner = Owner { kind: "escalation", id: Some(&row.id), internal: false };
    let files = enclosures::keep(tx, ctx, &change.row, owner, &enclosed).await?;
    change.fact("escalation", json!({ "id": row.id, "grounds": body.grounds, "reason": body.reason }));
    tell_files(&mut change, files);
    change.tell("level", body.level.as_str());
    change.done(tx, ctx, "escalate", "escalated").await
}

/// What the rules of escalation need to know.
async fn facts(tx: &mut Tx, ctx: &Ctx, row: &AppealRow, past: &[EscalationRow]) -> Result<Facts> {
    let waits = row.status == Status::ClarificationRequired;
    let answered = matches!(row.status, Status::Answered | Status::AwaitingConfirmation);
    // A date that the authority kept, or that stands still while it waits for the applicant, never passes.
    let kept = (answered || waits) && !timing::missed(tx, row, ctx.now).await?;
    Ok(Facts {
        status: row.status,
        due_at: row.due_at.filter(|_| !kept),
        now: ctx.now,
        past: past.iter().map(|e| (e.level, e.state)).collect(),
        pending_due: past
            .iter()
            .find(|e| e.state == EscalationState::Pending)
            .and_then(|e| e.due_at)
            .filter(|_| !kept),
    })
}

fn refused(change: &mut Change, denied: Denied) -> Fault {
    let words = |levels: &[Level]| levels.iter().map(|l| l.as_str()).collect::<Vec<_>>().join(", ");
    match denied {
        Denied::NotFiled => match change.apply(Who::Applicant, Action::Escalate) {
            Err(fault) => fault,
            Ok(()) => Fault::refuse(409, code::NO_GROUNDS).message("escalate-too-early-never").into(),
        },
        Denied::NoGround { possible_at } => no_grounds("escalate-too-early", possible_at),
        Denied::Pending { until } => no_grounds("escalation-pending", until),
        Denied::NotHigher { above, open } if open.is_empty() => {
            Fault::conflict("escalation-highest").arg("above", above.as_str()).into()
        }
        Denied::NotHigher { above, open } => Fault::conflict("escalation-not-higher")
            .arg("above", above.as_str())
            .arg("open", words(&open))
            .into(),
    }
}

/// Rates the decision (D3). Until somebody looks at it a second rating takes the place of the first.
pub async fn rate(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Rate) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if !(row.decided || row.status.is_final()) {
        return Err(Fault::conflict("rate-too-early").arg("number", row.number).into());
    }
    let mut findings = Vec::new();
    if !(1..=5).contains(&body.score) {
        findings.push(Finding::error("score-range", "score").arg("given", body.score));
    }
    if let Some(remarks) = &body.remarks {
        findings.extend(text_findings("remarks", remarks, false));
    }
    refuse_findings(findings)?;
    let earlier = talk::review_state(tx, &row.id).await?;
    if earlier.is_some_and(|state| state != ReviewState::Pending) {
        return Err(Fault::conflict("rate-in-revision").arg("number", row.number).into());
    }
    let enclosed = enclosures::check(tx, ctx, &row, Side::Applicant, &body.attachments).await?;
    let new = NewReview {
        appeal_id: &row.id,
        score: body.score,
        category: body.category,
        remarks: body.remarks.as_deref(),
        at: ctx.now,
    };
    let id = talk::put_review(tx, &new).await?;
    let owner = Owner { kind: "review", id: Some(&id), internal: false };
    let files = enclosures::keep(tx, ctx, &row, owner, &enclosed).await?;
    let mut change = Change::by(ctx, row);
    change.fact("review", json!({ "score": body.score, "category": body.category, "remarks": body.remarks }));
    tell_files(&mut change, files);
    change.tell("score", body.score.to_string());
    change.done(tx, ctx, "rate", "rated").await
}
