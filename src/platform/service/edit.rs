//! Changing what an appeal says: drafts freely (F7), filed appeals as a supplement or correction (C4, P6), and another
//! category until work starts (F11). Every field's value before and after is in the journal.

use super::access;
use super::change::{self, Change};
use super::context::Ctx;
use super::enclosures::Side;
use super::filing::{self, Check};
use super::rerouting;
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use crate::store::{attachments, search};
use appeal_api::{Appeal, EditAppeal, code};
use appeal_domain::*;

/// Edits an appeal. `if_match` is the version the editor saw.
///
/// What a filed appeal says is supplemented until there is an answer, its category until work starts, its contacts
/// until it is over.
///
/// # Errors
/// 409 where it is too late for a field.
/// 412 where somebody changed it meanwhile.
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
    apply(&mut change.row, edit);
    filing::normalize(&mut change.row);
    let moved = change.row.category != before.category;
    if !is_draft {
        if change.row.organization != before.organization {
            return Err(Fault::conflict("edit-organization").into());
        }
        if moved && !matches!(before.status, Status::Submitted | Status::Redirected) {
            return Err(Fault::conflict("edit-category").arg("status", before.status.as_str()).into());
        }
    }
    if change.is_empty() {
        return change::card(tx, ctx, before).await;
    }
    let touched = touched(&before, &change.row);
    // There is an answer to what it said; only how to reach the applicant matters still.
    if before.status.is_decided() && touched.iter().any(|field| !field.starts_with("contacts.")) {
        return Err(Fault::conflict("edit-decided").arg("status", before.status.as_str()).into());
    }
    let mut present = attachments::of(tx, &before.id).await?;
    present.retain(|f| Side::of(f) == Side::Applicant);
    let check = Check { present: &present, draft: is_draft, ..Check::default() };
    let (_, mut findings) = filing::examine(tx, ctx, &change.row, &check).await?;
    // What was filed before is not held against somebody who changes a phone number.
    findings.retain(|f| f.is_error() && (is_draft || moved || touched.contains(&f.field)));
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    if moved && !is_draft {
        rerouting::reroute(tx, &mut change).await?;
    }
    if change.row.subject != before.subject || change.row.text != before.text {
        search::index(tx, &before.id, &change.row.subject, &change.row.text, false).await?;
    }
    change.tell("fields", touched.join(", "));
    change.done(tx, ctx, Event::Edited).await
}

fn apply(row: &mut AppealRow, edit: &EditAppeal) {
    fn set(field: &mut Option<String>, value: &Option<String>) {
        if let Some(value) = value {
            *field = Some(value.clone()).filter(|v| !v.is_empty());
        }
    }
    if let Some(subject) = &edit.subject {
        row.subject.clone_from(subject);
    }
    if let Some(text) = &edit.text {
        row.text.clone_from(text);
    }
    if let Some(category) = &edit.category {
        row.category.clone_from(category);
    }
    row.kind = edit.kind.unwrap_or(row.kind);
    row.priority = edit.priority.unwrap_or(row.priority);
    set(&mut row.region, &edit.region);
    set(&mut row.service, &edit.service);
    set(&mut row.application, &edit.application);
    set(&mut row.occurred_at, &edit.occurred_at);
    set(&mut row.expected, &edit.expected);
    set(&mut row.steps, &edit.steps);
    set(&mut row.actual, &edit.actual);
    set(&mut row.contacts.email, &edit.contact_email);
    set(&mut row.contacts.phone, &edit.contact_phone);
    row.contacts.preferred = edit.contact_preferred.or(row.contacts.preferred);
    if let Some(inn) = &edit.organization {
        row.organization = Some(inn.trim().to_owned()).filter(|v| !v.is_empty());
    }
    if let Some(given) = &edit.institution {
        let mut institution = row.institution.take().unwrap_or_default();
        set(&mut institution.name, &given.name);
        set(&mut institution.inn, &given.inn);
        set(&mut institution.address, &given.address);
        let empty = institution.name.is_none() && institution.inn.is_none() && institution.address.is_none();
        row.institution = (!empty).then_some(institution);
    }
    for (key, value) in &edit.fields {
        if value.is_empty() {
            row.fields.remove(key);
        } else {
            row.fields.insert(key.clone(), value.clone());
        }
    }
}

/// The fields that differ, by the names that findings have for them.
fn touched(before: &AppealRow, after: &AppealRow) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut differ = |name: &str, differs: bool| {
        if differs {
            names.push(name.to_owned());
        }
    };
    differ("subject", before.subject != after.subject);
    differ("text", before.text != after.text);
    differ("kind", before.kind != after.kind);
    differ("category", before.category != after.category);
    differ("priority", before.priority != after.priority);
    differ("region", before.region != after.region);
    differ("service", before.service != after.service);
    differ("application", before.application != after.application);
    differ("occurred_at", before.occurred_at != after.occurred_at);
    differ("expected", before.expected != after.expected);
    differ("steps", before.steps != after.steps);
    differ("actual", before.actual != after.actual);
    differ("contacts.email", before.contacts.email != after.contacts.email);
    differ("contacts.phone", before.contacts.phone != after.contacts.phone);
    differ("contacts.preferred", before.contacts.preferred != after.contacts.preferred);
    differ("organization", before.organization != after.organization);
    let (old, new) =
        (before.institution.clone().unwrap_or_default(), after.institution.clone().unwrap_or_default());
    differ("institution.name", old.name != new.name);
    differ("institution.inn", old.inn != new.inn);
    differ("institution.address", old.address != new.address);
    differ("fields", before.fields != after.fields);
    for key in before.fields.keys().chain(after.fields.keys()) {
        let name = format!("fields.{key}");
        if before.fields.get(key) != after.fields.get(key) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
