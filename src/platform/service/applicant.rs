//! Actions of an applicant, or their representative, on a filed appeal: comment, reply, cancel, confirm, close. For
//! disagreement with the answer see [`disagreement`](super::disagreement) and [`revision`](super::revision).

use super::access;
use super::change::{self, Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::merging;
use super::steps::{end_clarification, refuse_findings, say};
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use crate::store::deadlines;
use crate::store::talk;
use appeal_api::*;
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Adds a comment; open to everyone with access, at any time after filing.
pub async fn comment(tx: &mut Tx, ctx: &Ctx, number: &str, new: &NewComment) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let authority = standing.operator || standing.supervisor || standing.involved || standing.reviewer;
    let applicant = standing.is_applicant() || standing.participant == Some(ParticipantRole::Comment);
    if !(authority || applicant) {
        return Err(Fault::forbidden("forbidden-comment"));
    }
    // A person in both roles, such as an operator of the department that got their own appeal, acts as the applicant.
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
    change.done(tx, ctx, Event::Commented).await
}

/// Replies to the open clarification request: the appeal returns to its previous status.
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
    change.done(tx, ctx, Event::Replied).await
}

/// Cancels the appeal.
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
    change.done(tx, ctx, Event::Cancelled).await
}

/// Records whether the answer solved the problem.
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
        return change.done(tx, ctx, Event::Confirmed).await;
    }
    change.apply(Who::Applicant, Action::Dispute)?;
    let reason = body.reason.as_deref().unwrap_or_default();
    need_text("reason", reason)?;
    // The next person to handle the appeal must see the reason.
    say(tx, ctx, &mut change, reason, Side::Applicant, false, &[]).await?;
    deadlines::drop_open(tx, &change.row.id, Some(DeadlineKind::Confirmation)).await?;
    let timing = Timing::of(tx, &change.row).await?;
    change.row.due_at = timing.start(tx, &change.row, DeadlineKind::Decision, ctx.now, None).await?;
    change.done(tx, ctx, Event::Disputed).await
}

/// Closes an answered appeal.
pub async fn close(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status == Status::Closed {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Applicant, Action::Close)?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Confirmation, ctx.now).await?;
    change.done(tx, ctx, Event::Closed).await
}
