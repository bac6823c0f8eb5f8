//! Files that accompany a text: checked by the same rules as in the client, and stored with it.

use serde_json::Value;

use super::change::file_fact;
use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::attachments::{self, AttachmentRow, NewVersion, Owner};
use crate::store::db::Tx;
use crate::store::{catalogue, uploads};
use appeal_api::{Category, FileRef, code};
use appeal_domain::*;

/// A file that passed its checks or, in a dry run, would have passed them.
pub struct Enclosed {
    file: FileRef,
    version: NewVersion,
}

/// The side a file belongs to. The limits apply to each side separately, so that files of the authority do not use up
/// the applicant's limits, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Applicant,
    Authority,
}

impl Side {
    /// Returns the kind of owner of a comment's files.
    pub fn comment_kind(self) -> &'static str {
        match self {
            Side::Applicant => "comment",
            Side::Authority => "note",
        }
    }

    /// Returns the side a file belongs to.
    pub fn of(file: &AttachmentRow) -> Side {
        if matches!(file.owner_kind.as_str(), "answer" | "outcome" | "note" | "revision") {
            Side::Authority
        } else {
            Side::Applicant
        }
    }
}

/// Returns the attachment policy of a category.
pub fn policy_of(category: Option<&Category>) -> AttachmentPolicy {
    let stock = AttachmentPolicy::default();
    category.map_or(stock.clone(), |c| stock.tightened(&c.attachments))
}

/// Checks the files to be added, together with existing ones.
///
/// In a dry run, a file that was not uploaded is checked by its name only.
///
/// # Errors
/// 422 `upload_missing`.
pub async fn examine(
    tx: &mut Tx,
    ctx: &Ctx,
    given: &[FileRef],
    present: &[AttachmentRow],
    policy: &AttachmentPolicy,
    dry_run: bool,
) -> Result<(Vec<Enclosed>, Vec<Finding>)> {
    let mut enclosed: Vec<Enclosed> = Vec::with_capacity(given.len());
    let mut findings = Vec::new();
    for file in given {
        let claimed = match uploads::claim(tx, &ctx.caller, file).await {
            Ok(claimed) => claimed,
            Err(Fault::Refused(refusal)) if dry_run && refusal.code == code::UPLOAD_MISSING => {
                findings.extend(appeal_files::check_name(&file.name, policy));
                continue;
            }
            Err(fault) => return Err(fault),
        };
        findings.extend(appeal_files::judge(&file.name, &claimed.inspected, policy));
        let sha256 = file.sha256.to_ascii_lowercase();
        if let Some(twin) = enclosed.iter().find(|e| e.version.sha256 == sha256) {
            findings.push(
                Finding::warning("file-twice", appeal_files::FIELD)
                    .at(file.name.clone())
                    .arg("first", &twin.file.name),
            );
        }
        let version = NewVersion {
            name: file.name.clone(),
            media_type: claimed.media_type,
            size: claimed.size,
            sha256,
            note: None,
        };
        enclosed.push(Enclosed { file: file.clone(), version });
    }
    let count = present.len() + given.len();
    if !given.is_empty() && count > policy.max_files as usize {
        findings.push(
            Finding::error("files-too-many", appeal_files::FIELD)
                .arg("count", count)
                .arg("limit", policy.max_files),
        );
    }
    let total = present.iter().map(|f| f.size).chain(enclosed.iter().map(|e| e.version.size)).sum::<u64>();
    if !given.is_empty() && total > policy.max_total_bytes {
        findings.push(
            Finding::error("files-total-too-large", appeal_files::FIELD)
                .arg("total", total)
                .arg("total_mb", megabytes(total))
                .arg("limit", policy.max_total_bytes)
                .arg("limit_mb", megabytes(policy.max_total_bytes)),
        );
    }
    Ok((enclosed, findings))
}

/// Rounded up to hundredths, so that a size over a limit never looks equal to it.
fn megabytes(bytes: u64) -> String {
    let hundredths = (u128::from(bytes) * 100).div_ceil(1024 * 1024);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Checks the files of a text about a filed appeal.
///
/// # Errors
/// 422 with every finding.
pub async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &AppealRow,
    side: Side,
    given: &[FileRef],
) -> Result<Vec<Enclosed>> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let policy = match side {
        Side::Authority => AttachmentPolicy::default(),
        Side::Applicant => policy_of(catalogue::category(tx, &row.category).await?.as_ref()),
    };
    let mut present = attachments::of(tx, &row.id).await?;
    present.retain(|f| Side::of(f) == side);
    let (enclosed, findings) = examine(tx, ctx, given, &present, &policy, ctx.dry_run).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    Ok(enclosed)
}

/// Stores files with their owner; returns them as formatted for the journal.
pub async fn keep(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &AppealRow,
    owner: Owner<'_>,
    enclosed: &[Enclosed],
) -> Result<Vec<Value>> {
    let mut facts = Vec::with_capacity(enclosed.len());
    for Enclosed { file, version } in enclosed {
        let added = (ctx.now, ctx.caller.login.as_str());
        let id = attachments::add(tx, &row.id, owner, file.document.as_deref(), version, added).await?;
        facts.push(file_fact(&id, file));
    }
    Ok(facts)
}

/// Converts a file to a new version of another one.
pub fn into_version(mut enclosed: Vec<Enclosed>, note: Option<&str>) -> Option<(FileRef, NewVersion)> {
    let Enclosed { file, mut version } = enclosed.pop()?;
    version.note = note.map(str::to_owned);
    Some((file, version))
}
