//! Merging duplicates (O1): the duplicate is closed with a reference to the other appeal, whose decision applies to
//! both.
//!
//! Merging gives no one access to another person's appeal. The applicant of the duplicate sees the number of the other
//! appeal; if the applicants differ, they receive the decision as a comment on their own appeal. The applicant of the
//! other appeal does not learn of the duplicate.

use std::collections::BTreeSet;

use serde_json::json;

use super::access;
use super::change::{self, Change};
use super::context::Ctx;
use super::enclosures::Side;
use super::steps::{end_clarification, first_status, say};
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::db::Tx;
use crate::store::{deadlines, merging};
use appeal_api::{Appeal, Merge};
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Merges an open appeal into another undecided one. If that one was merged itself, the target is the appeal it was
/// merged into.
///
/// # Errors
/// 404 if the caller does not see the other appeal, 403 if another department is responsible for it.
pub async fn merge(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Merge) -> Result<Appeal> {
    let row = access::as_operator(tx, ctx, number).await?;
    let named = access::as_operator(tx, ctx, &body.into).await?;
    let into = end_of_chain(tx, named).await?;
    if row.status == Status::Closed
        && row.merged_into.is_some()
        && end_of_chain(tx, row.clone()).await?.id == into.id
    {
        // A repeated request: already merged.
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Operator, Action::Merge)?;
    if into.id == change.row.id {
        return Err(Fault::invalid(vec![Finding::error("merge-itself", "into").arg("given", &body.into)]));
    }
    if into.number != body.into {
        // The chain may lead to an appeal on which the caller may not act.
        access::as_operator(tx, ctx, &into.number).await?;
    }
    if into.escalated.is_some() || !into.status.is_undecided() {
        let message = if into.escalated.is_some() { "merge-escalated" } else { "merge-decided" };
        let status = into.status.as_str();
        return Err(Fault::conflict(message).arg("number", into.number).arg("status", status).into());
    }
    end_clarification(tx, &mut change, "dropped").await?;
    first_status(tx, &change).await?;
    deadlines::drop_open(tx, &change.row.id, None).await?;
    change.row.merged_into = Some(into.number.clone());
    change.tell("into", into.number.as_str());
    let same = same_side(&change.row, &into);
    let row = change.commit(tx, Event::Merged).await?;
    let mut gain = Change::by(ctx, into);
    gain.fact("merged", json!({ "number": row.number }));
    gain.tell("from_number", row.number.as_str());
    if !same {
        gain.keep_internal();
    }
    gain.commit(tx, Event::Absorbed).await?;
    change::card(tx, ctx, row).await
}

/// Returns whether both appeals have the same applicant or organization and are therefore seen by the same people.
fn same_side(one: &AppealRow, other: &AppealRow) -> bool {
    match (&one.organization, &other.organization) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.applicant_id == other.applicant_id,
        _ => false,
    }
}

/// Returns the appeal at the end of the chain of merges, which may be the appeal itself.
async fn end_of_chain(tx: &mut Tx, mut row: AppealRow) -> Result<AppealRow> {
    let mut seen = BTreeSet::new();
    while let Some(number) = row.merged_into.clone() {
        // Cycles cannot be created, but must not cause an endless loop.
        if !seen.insert(number.clone()) {
            break;
        }
        let next = appeals::by_number(tx, &access::number(&number)?).await?;
        row = next.ok_or_else(|| Fault::Internal(format!("{number} is merged into and not there")))?;
    }
    Ok(row)
}

/// Returns all appeals merged into this one, directly or indirectly, as long as they are closed for that reason.
async fn followers(tx: &mut Tx, number: &str) -> Result<Vec<AppealRow>> {
    let mut all = Vec::new();
    for id in merging::merged_into(tx, number).await? {
        all.extend(appeals::by_id(tx, &id).await?);
    }
    Ok(all)
}

/// After a decision: adds the decision as a comment to the merged appeals whose applicants cannot see this one.
pub async fn answered(tx: &mut Tx, ctx: &Ctx, row: &AppealRow, text: &str) -> Result<()> {
    for follower in followers(tx, &row.number).await? {
        if same_side(&follower, row) {
            continue;
        }
        let mut change = Change::by(ctx, follower);
        say(tx, ctx, &mut change, text, Side::Authority, false, &[]).await?;
        change.tell("into", row.number.as_str());
        change.commit(tx, Event::MergedAnswered).await?;
    }
    Ok(())
}

/// After a cancellation: informs the applicants of the merged appeals that there will be no decision.
pub async fn withdrawn(tx: &mut Tx, ctx: &Ctx, row: &AppealRow) -> Result<()> {
    for follower in followers(tx, &row.number).await? {
        let mut change = Change::by_platform(follower, ctx.now);
        change.fact("withdrawn", row.number.as_str());
        change.tell("into", row.number.as_str());
        change.commit(tx, Event::MergedWithdrawn).await?;
    }
    Ok(())
}
