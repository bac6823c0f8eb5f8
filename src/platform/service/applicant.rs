//! What an applicant, or who speaks for them, does with a filed appeal: comment, reply, cancel, confirm, close. What
//! they do who disagree is in [`disagreement`](super::disagreement) and [`revision`](super::revision).

use serde_json::{Value, json};

use super::access;
use super::change::{self, Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::merging;
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::store::attachments::Owner;
use crate::store::db::Tx;
use crate::store::deadlines;
use crate::store::talk;
use appeal_api::*;
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Adds a comment (C1): by everybody who takes part, at any time once the appeal is filed.
pub async fn comment(tx: &mut Tx, ctx: &Ctx, number: &str, new: &NewComment) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let authority = standing.operator || standing.supervisor || standing.involved || standing.reviewer;
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

/// Puts a comment into a change; gives its id.
pub async fn say(
    tx: &mut Tx,
    ctx: &Ctx,
    change: &mut Change,
    text: &str,
    side: Side,
    internal: bool,
    enclosed: &[enclosures::Enclosed],
) -> Result<String> {
    let id = talk::add_comment(tx, &change.row.id, &ctx.caller.login, text, ctx.now, internal).await?;
    let owner = Owner { kind: side.comment_kind(), id: Some(&id), internal };
    let files = enclosures::keep(tx, ctx, &change.row, owner, enclosed).await?;
    change.fact("comment", json!({ "id": id, "text": text }));
    tell_files(change, files);
    Ok(id)
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
    let comment = say(tx, ctx, &mut change, &body.text, Side::Applicant, false, &enclosed).await?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Clarification, ctx.now).await?;
    if let Some(id) = end_clarification(tx, &mut change, "replied").await? {
        talk::answers(tx, &comment, &id).await?;
        change.fact("answers", id);
    }
    change.done(tx, ctx, "reply", "replied").await
}

/// Ends the wait for the applicant: the request is over, and the clock of the decision runs again (N2). One that
/// expired was over when its own time was, however late somebody looked.
pub async fn end_clarification(tx: &mut Tx, change: &mut Change, ended: &str) -> Result<Option<String>> {
    let until = match ended {
        "expired" => talk::reply_due(tx, &change.row.id).await?.map_or(change.now, |due| due.min(change.now)),
        _ => change.now,
    };
    let id = talk::end_clarification(tx, &change.row.id, ended, until).await?;
    if id.is_some() {
        let timing = Timing::of(tx, &change.row).await?;
        timing.resume(tx, &mut change.row, until).await?;
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
    merging::withdrawn(tx, ctx, &change.row).await?;
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
