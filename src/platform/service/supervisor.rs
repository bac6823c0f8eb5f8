//! Decisions of the supervisor of a level about an escalation (O2).

use serde_json::json;

use super::access;
use super::change::{Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::operator::{decide, wait_for_applicant};
use super::steps::{first_status, tell_files};
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::store::attachments::Owner;
use crate::store::db::Tx;
use crate::store::{deadlines, talk};
use appeal_api::*;
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Upholds the decision, with an explanation.
pub async fn uphold(tx: &mut Tx, ctx: &Ctx, number: &str, body: &TextWithFiles) -> Result<Appeal> {
    let row = access::as_supervisor(tx, ctx, number).await?;
    let mut change = Change::by(ctx, row);
    change.apply(Who::Supervisor, Action::Uphold)?;
    need_text("text", &body.text)?;
    let enclosed = enclosures::check(tx, ctx, &change.row, Side::Authority, &body.attachments).await?;
    let owner = Owner { kind: "outcome", id: None, internal: false };
    let files = enclosures::keep(tx, ctx, &change.row, owner, &enclosed).await?;
    tell_files(&mut change, files);
    end(tx, ctx, &mut change, EscalationState::Upheld, &body.text).await?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Decision, ctx.now).await?;
    wait_for_applicant(tx, &change).await?;
    change.done(tx, ctx, Event::Upheld).await
}

/// Changes the decision: the text is the new official answer, signed by the supervisor.
///
/// The decision of the answer is *partly*: the earlier decision, or its absence, was not upheld, and the text says to
/// what extent the request is granted.
pub async fn change(tx: &mut Tx, ctx: &Ctx, number: &str, body: &TextWithFiles) -> Result<Appeal> {
    let row = access::as_supervisor(tx, ctx, number).await?;
    let mut change = Change::by(ctx, row);
    change.apply(Who::Supervisor, Action::Change)?;
    need_text("text", &body.text)?;
    end(tx, ctx, &mut change, EscalationState::Changed, &body.text).await?;
    decide(tx, ctx, &mut change, Decision::Partly, &body.text, &body.attachments).await?;
    change.done(tx, ctx, Event::Changed).await
}

/// Returns the appeal to its department with an instruction and a new due date.
pub async fn return_to_work(tx: &mut Tx, ctx: &Ctx, number: &str, body: &ReturnToWork) -> Result<Appeal> {
    let row = access::as_supervisor(tx, ctx, number).await?;
    let mut change = Change::by(ctx, row);
    change.apply(Who::Supervisor, Action::Return)?;
    let mut findings = text_findings("text", &body.text, true);
    if body.due_at.is_some_and(|due| due <= ctx.now) {
        findings.push(Finding::error("due-past", "due_at"));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    end(tx, ctx, &mut change, EscalationState::Returned, &body.text).await?;
    // The appeal is already in work.
    first_status(tx, &change).await?;
    let timing = Timing::of(tx, &change.row).await?;
    change.row.due_at = timing.start(tx, &change.row, DeadlineKind::Decision, ctx.now, body.due_at).await?;
    change.done(tx, ctx, Event::Returned).await
}

/// Ends the pending escalation.
async fn end(tx: &mut Tx, ctx: &Ctx, change: &mut Change, state: EscalationState, text: &str) -> Result<()> {
    let outcome = Some((text, ctx.caller.login.as_str()));
    talk::end_escalation(tx, &change.row.id, state, outcome, ctx.now).await?;
    deadlines::meet(tx, &change.row.id, DeadlineKind::Escalation, ctx.now).await?;
    if let Some(level) = change.row.escalated.take() {
        change.tell("level", level.as_str());
    }
    change.fact("outcome", json!({ "result": state, "text": text }));
    Ok(())
}
