//! Reviews of decisions (D3): the applicant rates a decision; a supervisor takes the review into revision and records
//! what was changed.

use serde_json::json;

use super::access;
use super::change::{self, Change, need_text, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::steps::{refuse_findings, tell_files};
use crate::fault::{Fault, Result};
use crate::store::attachments::Owner;
use crate::store::db::Tx;
use crate::store::reviews::{self, NewReview};
use crate::store::talk;
use appeal_api::{Appeal, Rate, Revise};
use appeal_domain::*;

/// Rates the decision; possible once for each decision, and repeating the same rating has no effect. A final appeal can
/// be rated even if it ended without an answer.
///
/// # Errors
/// 409 if there is no decision, or it was rated already.
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
    let decision = talk::last_answer_id(tx, &row.id).await?;
    if let Some(earlier) = reviews::latest(tx, &row.id).await?
        && earlier.decision_id == decision
    {
        let same = earlier.score == body.score
            && earlier.category == body.category
            && earlier.remarks == body.remarks
            && body.attachments.is_empty();
        if same {
            return change::card(tx, ctx, row).await;
        }
        return Err(Fault::conflict("rate-once").arg("number", row.number).into());
    }
    let enclosed = enclosures::check(tx, ctx, &row, Side::Applicant, &body.attachments).await?;
    let new = NewReview {
        appeal_id: &row.id,
        decision_id: decision.as_deref(),
        score: body.score,
        category: body.category,
        remarks: body.remarks.as_deref(),
        at: ctx.now,
    };
    let id = reviews::add(tx, &new).await?;
    let owner = Owner { kind: "review", id: Some(&id), internal: false };
    let files = enclosures::keep(tx, ctx, &row, owner, &enclosed).await?;
    let mut change = Change::by(ctx, row);
    change.fact(
        "review",
        json!({
            "id": id, "decision": decision, "score": body.score, "category": body.category, "remarks": body.remarks,
        }),
    );
    tell_files(&mut change, files);
    change.tell("score", body.score.to_string());
    change.done(tx, ctx, Event::Rated).await
}

/// Takes the latest review into revision or, with a text, completes the revision: what was changed, with the final
/// documents.
///
/// # Errors
/// 409 if there is no review, or its revision is completed.
pub async fn revise(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Revise) -> Result<Appeal> {
    let row = access::as_reviewer(tx, ctx, number).await?;
    let Some(review) = reviews::latest(tx, &row.id).await? else {
        return Err(Fault::conflict("revise-none").arg("number", row.number).into());
    };
    let Some(text) = &body.text else {
        if !body.attachments.is_empty() {
            return Err(Fault::invalid(vec![Finding::error("revise-text", "text")]));
        }
        return match review.state {
            ReviewState::Pending => {
                reviews::take(tx, &review.id, (ctx.now, &ctx.caller.login)).await?;
                let mut change = Change::by(ctx, row);
                change.changed(
                    "review.state",
                    ReviewState::Pending.as_str(),
                    ReviewState::InRevision.as_str(),
                );
                change.done(tx, ctx, Event::RevisionTaken).await
            }
            ReviewState::InRevision => change::card(tx, ctx, row).await,
            ReviewState::Completed => Err(completed(&row.number)),
        };
    };
    if review.state == ReviewState::Completed {
        return if review.changes.as_ref() == Some(text) && body.attachments.is_empty() {
            change::card(tx, ctx, row).await
        } else {
            Err(completed(&row.number))
        };
    }
    need_text("text", text)?;
    let enclosed = enclosures::check(tx, ctx, &row, Side::Authority, &body.attachments).await?;
    let owner = Owner { kind: "revision", id: Some(&review.id), internal: false };
    let files = enclosures::keep(tx, ctx, &row, owner, &enclosed).await?;
    reviews::complete(tx, &review.id, text, (ctx.now, &ctx.caller.login)).await?;
    let mut change = Change::by(ctx, row);
    change.changed("review.state", review.state.as_str(), ReviewState::Completed.as_str());
    change.fact("review.changes", text.as_str());
    tell_files(&mut change, files);
    change.done(tx, ctx, Event::Revised).await
}

fn completed(number: &str) -> Fault {
    Fault::conflict("revise-completed").arg("number", number).into()
}
