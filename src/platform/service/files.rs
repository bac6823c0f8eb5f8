//! Files of an appeal (T4): adding, replacing with a new version, restoring, removing until work starts, downloading.

use serde_json::json;

use super::access::{self, Standing};
use super::change::{self, Change, file_fact, text_findings};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::reading::Entries;
use super::steps::tell_files;
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::attachments::{self, AttachmentRow, Owner, VersionRow};
use crate::store::db::Tx;
use appeal_api::*;
use appeal_domain::*;

/// Returns the files of an appeal that the caller may see.
pub async fn list(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<Attachment>> {
    let (row, _) = access::find(tx, ctx, Scope::Read, number).await?;
    Ok(change::card(tx, ctx, row).await?.attachments)
}

/// Returns the file, if the caller may see it.
async fn file(tx: &mut Tx, row: &AppealRow, standing: &Standing, id: &str) -> Result<AttachmentRow> {
    attachments::of(tx, &row.id)
        .await?
        .into_iter()
        .find(|f| f.id == id && (!f.internal || standing.is_authority()))
        .ok_or_else(|| Fault::not_found(id))
}

/// Returns the versions that the caller may see. Versions replaced before a draft was filed are visible to its author
/// only.
async fn visible_versions(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &AppealRow,
    standing: &Standing,
    file: &AttachmentRow,
) -> Result<Vec<VersionRow>> {
    let mut versions = attachments::versions(tx, &file.id).await?;
    if row.draft_number.is_some() && row.applicant_id != ctx.caller.person_id {
        let filed = Entries::of(tx, ctx, row, standing).await?.version_when_filed(&file.id).unwrap_or(1);
        versions.retain(|v| {
            v.added_at >= row.created_at || u64::from(v.version) == filed || v.version == file.version
        });
    }
    Ok(versions)
}

/// Returns a version of a file for download; by default the current one.
pub async fn version(
    tx: &mut Tx,
    ctx: &Ctx,
    number: &str,
    id: &str,
    version: Option<u32>,
) -> Result<VersionRow> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let file = file(tx, &row, &standing, id).await?;
    let wanted = version.unwrap_or(file.version);
    visible_versions(tx, ctx, &row, &standing, &file)
        .await?
        .into_iter()
        .find(|v| v.version == wanted)
        .ok_or_else(|| Fault::not_found(format!("{id} ({wanted})")))
}

/// Returns the versions of a file, oldest first.
pub async fn versions(tx: &mut Tx, ctx: &Ctx, number: &str, id: &str) -> Result<Vec<FileVersion>> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let file = file(tx, &row, &standing, id).await?;
    let versions = visible_versions(tx, ctx, &row, &standing, &file).await?;
    Ok(versions
        .into_iter()
        .map(|v| FileVersion {
            version: v.version,
            name: v.name,
            size: v.size,
            sha256: v.sha256,
            added_at: v.added_at,
            added_by: v.added_by,
        })
        .collect())
}

/// Returns the appeal for changing the applicant's files, until its final status.
async fn changeable(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<AppealRow> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status.is_final() {
        return Err(Fault::conflict("files-final").arg("status", row.status.as_str()).into());
    }
    Ok(row)
}

/// Returns a file sent by the applicant's side.
async fn own(tx: &mut Tx, row: &AppealRow, id: &str) -> Result<AttachmentRow> {
    let file = file(tx, row, &Standing::default(), id).await?;
    if Side::of(&file) == Side::Applicant { Ok(file) } else { Err(Fault::forbidden("forbidden-file")) }
}

/// Adds files, or a new version of a file.
pub async fn attach(tx: &mut Tx, ctx: &Ctx, number: &str, body: &AttachFiles) -> Result<Appeal> {
    let row = changeable(tx, ctx, number).await?;
    let mut findings = Vec::new();
    if body.attachments.is_empty() || (body.replace.is_some() && body.attachments.len() != 1) {
        findings.push(Finding::error("files-one", appeal_files::FIELD).arg("count", body.attachments.len()));
    }
    if let Some(note) = &body.note {
        findings.extend(text_findings("note", note, false));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let note = body.note.as_deref().filter(|n| !n.is_empty());
    if let Some(id) = &body.replace {
        let old = own(tx, &row, id).await?;
        return replace(tx, ctx, row, &old, &body.attachments, note).await;
    }
    let enclosed = enclosures::check(tx, ctx, &row, Side::Applicant, &body.attachments).await?;
    let owner = Owner { kind: "appeal", id: None, internal: false };
    let files = enclosures::keep(tx, ctx, &row, owner, &enclosed).await?;
    let mut change = Change::by(ctx, row);
    tell_files(&mut change, files);
    if let Some(note) = note {
        change.fact("note", note);
    }
    change.done(tx, ctx, Event::Attached).await
}

async fn replace(
    tx: &mut Tx,
    ctx: &Ctx,
    row: AppealRow,
    old: &AttachmentRow,
    given: &[FileRef],
    note: Option<&str>,
) -> Result<Appeal> {
    let category = crate::store::catalogue::category(tx, &row.category).await?;
    let policy = enclosures::policy_of(category.as_ref());
    let mut present = attachments::of(tx, &row.id).await?;
    present.retain(|f| Side::of(f) == Side::Applicant && f.id != old.id);
    let (enclosed, findings) = enclosures::examine(tx, ctx, given, &present, &policy, ctx.dry_run).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    if ctx.dry_run && enclosed.is_empty() {
        return change::card(tx, ctx, row).await;
    }
    let Some((file, version)) = enclosures::into_version(enclosed, note) else {
        return Err(Fault::Internal("a checked file is gone".to_owned()));
    };
    if version.sha256 == old.sha256 && version.name == old.name {
        return change::card(tx, ctx, row).await;
    }
    let number = attachments::replace(tx, &old.id, &version, (ctx.now, &ctx.caller.login)).await?;
    let mut change = Change::by(ctx, row);
    let mut after = file_fact(&old.id, &file);
    after["version"] = json!(number);
    change.changed(
        "attachment",
        json!({ "id": old.id, "name": old.name, "sha256": old.sha256, "version": old.version }),
        after,
    );
    if let Some(note) = note {
        change.fact("note", note);
    }
    change.tell("name", file.name.as_str());
    change.done(tx, ctx, Event::FileReplaced).await
}

/// Makes an earlier version current again. The history is kept.
pub async fn restore(tx: &mut Tx, ctx: &Ctx, number: &str, id: &str, body: &RestoreFile) -> Result<Appeal> {
    let row = changeable(tx, ctx, number).await?;
    let old = own(tx, &row, id).await?;
    // A version that the caller may not read cannot be restored either.
    let standing = access::standing(tx, &ctx.caller, &row).await?;
    let versions = visible_versions(tx, ctx, &row, &standing, &old).await?;
    let Some(wanted) = versions.iter().find(|v| v.version == body.version) else {
        return Err(Fault::not_found(format!("{id} ({})", body.version)));
    };
    if old.version == wanted.version {
        return change::card(tx, ctx, row).await;
    }
    attachments::point(tx, id, wanted.version).await?;
    let mut change = Change::by(ctx, row);
    let entry = |name: &str, sha256: &str, version: u32| json!({ "id": id, "name": name, "sha256": sha256, "version": version });
    change.changed(
        "attachment",
        entry(&old.name, &old.sha256, old.version),
        entry(&wanted.name, &wanted.sha256, wanted.version),
    );
    change.tell("name", wanted.name.as_str());
    change.done(tx, ctx, Event::FileRestored).await
}

/// Removes a file from the appeal, until work starts.
pub async fn remove(tx: &mut Tx, ctx: &Ctx, number: &str, id: &str) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    let old = own(tx, &row, id).await?;
    if row.status != Status::Draft && !row.status.is_in(Status::NOT_TAKEN) {
        return Err(Fault::conflict("files-in-work").arg("status", row.status.as_str()).into());
    }
    attachments::remove(tx, id, ctx.now).await?;
    let mut change = Change::by(ctx, row);
    let gone = json!({ "id": id, "name": old.name, "sha256": old.sha256, "version": old.version });
    change.changed("attachment", gone, serde_json::Value::Null);
    change.tell("name", old.name.as_str());
    change.done(tx, ctx, Event::FileRemoved).await
}
