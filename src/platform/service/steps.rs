//! Steps common to several moves.

use serde_json::{Value, json};

use super::change::Change;
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::store::attachments::Owner;
use crate::store::db::Tx;
use crate::store::{deadlines, talk};
use appeal_domain::*;

/// Adds a comment to a change; returns its id.
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

/// Adds the names of files to a change.
pub fn tell_files(change: &mut Change, files: Vec<Value>) {
    if !files.is_empty() {
        change.tell("files", files.len().to_string());
        change.fact("attachments", files);
    }
}

/// Ends waiting for the applicant: closes the request and restarts the clock of the decision. A request that expired
/// ends at its due date, however late the job runs.
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

/// The first move of the authority sets the first status after *submitted*.
pub async fn first_status(tx: &mut Tx, change: &Change) -> Result<()> {
    deadlines::meet(tx, &change.row.id, DeadlineKind::FirstStatus, change.now).await
}

/// Fails with 422 if there are findings.
pub fn refuse_findings(findings: Vec<Finding>) -> Result<()> {
    if findings.is_empty() { Ok(()) } else { Err(Fault::invalid(findings)) }
}
