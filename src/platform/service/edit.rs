//! Changing the content of an appeal (F7, C4, P6, F11): drafts without restrictions, filed appeals as a supplement or
//! correction, the category until work starts. The journal records the values of every changed field before and after.

use super::access;
use super::change::{self, Change};
use super::context::Ctx;
use super::enclosures::Side;
use super::filing::{self, Check};
use super::rerouting;
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use crate::store::{attachments, search};
use appeal_api::{Appeal, EditAppeal, code};
use appeal_domain::*;

/// Edits an appeal. `if_match` is the version the editor saw.
///
/// The content of a filed appeal can be supplemented until it is decided, its category until work starts, its contacts
/// until its final status.
///
/// # Errors
/// 409 if it is too late for a field. 412 if the appeal changed in the meantime.
pub async fn edit(
    tx: &mut Tx,
    ctx: &Ctx,
    number: &str,
    edit: &EditAppeal,
    if_match: Option<i64>,
) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if if_match.is_some_and(|version| version != row.version) {
        return Err(Fault::refuse(412, code::CHANGED_MEANWHILE)
            .arg("number", row.number)
            .arg("version", row.version.to_string())
            .into());
    }
    if row.status.is_final() {
        return Err(Fault::conflict("edit-final").arg("status", row.status.as_str()).into());
    }
    let before = row.clone();
    let is_draft = row.status == Status::Draft;
    let mut change = Change::by(ctx, row);
    change.row.say(change.row.content().edited(&edit.content()));
    filing::normalize(tx, &mut change.row).await?;
    let moved = change.row.category != before.category;
    if !is_draft {
        if change.row.organization != before.organization {
            return Err(Fault::conflict("edit-organization").into());
        }
        if moved && !before.status.is_in(Status::NOT_TAKEN) {
            return Err(Fault::conflict("edit-category").arg("status", before.status.as_str()).into());
        }
    }
    if change.is_empty() {
        return change::card(tx, ctx, before).await;
    }
    let touched = change.row.content().differing(&before.content());
    // The content has been answered; only the contacts still matter.
    if before.status.is_decided() && touched.iter().any(|field| !field.starts_with("contacts.")) {
        return Err(Fault::conflict("edit-decided").arg("status", before.status.as_str()).into());
    }
    let mut present = attachments::of(tx, &before.id).await?;
    present.retain(|f| Side::of(f) == Side::Applicant);
    let check = Check { present: &present, draft: is_draft, ..Check::default() };
    let findings = filing::examine_edit(tx, ctx, &before, &change.row, &check).await?;
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    if moved && !is_draft {
        rerouting::reroute(tx, &mut change).await?;
    } else if change.row.kind != before.kind && !is_draft {
        let timing = Timing::of(tx, &change.row).await?;
        timing.refile(tx, &mut change.row).await?;
    }
    if change.row.subject != before.subject || change.row.text != before.text {
        search::index(tx, &before.id, &change.row.subject, &change.row.text, false).await?;
    }
    change.tell("fields", touched.join(", "));
    change.done(tx, ctx, Event::Edited).await
}
