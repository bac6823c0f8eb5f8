//! Files that come with something that is said: checked as the client checked them, and kept with it.

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

/// A file that passed, or would have passed, its checks.
pub struct Enclosed {
    file: FileRef,
    version: NewVersion,
}

/// Which files an appeal has already, as far as limits are concerned. The applicant's limits (T1) do not fill up with
/// what the authority sends, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Applicant,
    Authority,
}

impl Side {
    /// The kind of owner that a comment's files get.
    pub fn comment_kind(self) -> &'static str {
        match self {
            Side::Applicant => "comment",
            Side::Authority => "note",
        }
    }

    /// Whose file it is.
    pub fn of(file: &AttachmentRow) -> Side {
        if matches!(file.owner_kind.as_str(), "answer" | "outcome" | "note" | "revision") {
            Side::Authority
        } else {
            Side::Applicant
        }
    }
}

/// The attachment policy of a category (T1).
pub fn policy_of(category: Option<&Category>) -> AttachmentPolicy {
    let stock = AttachmentPolicy::default();
    category.map_or(stock.clone(), |c| stock.tightened(&c.attachments))
}

/// Checks files that are to be added, all of them, with those that are there already.
///
/// On a `trial` a file that was not uploaded is judged by its name alone.
///
/// # Errors
/// 422 `upload_missing`.
pub async fn examine(
    tx: &mut Tx,
    ctx: &Ctx,
    given: &[FileRef],
    present: &[AttachmentRow],
    policy: &AttachmentPolicy,
    trial: bool,
) -> Result<(Vec<Enclosed>, Vec<Finding>)> {
    let mut enclosed: Vec<Enclosed> = Vec::with_capacity(given.len());
    let mut findings = Vec::new();
    for file in given {
        let claimed = match uploads::claim(tx, &ctx.caller, file).await {
            Ok(claimed) => claimed,
            Err(Fault::Refused(refusal)) if trial && refusal.code == code::UPLOAD_MISSING => {
                findings.extend(appeal_files::check_name(&file.name, policy));
                continue;
            }
            Err(fault) => return Err(fault),
        };
        findings.extend(appeal_files::judge(&file.name, &claimed.inspected, policy));
        let sha256 = file.sha256.to_ascii_lowercase();
        if let Some(twin) = enclosed.iter().find(|e| e.version.sha256 == sha256) {
            findings.push(
                Finding::error("file-twice", appeal_files::FIELD)
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

/// Rounded up to hundredths, so that what is over a limit never looks equal to it.
fn megabytes(bytes: u64) -> String {
    let hundredths = (u128::from(bytes) * 100).div_ceil(1024 * 1024);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Checks the files of something that is said about a filed appeal.
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
    let (enclosed, findings) = examine(tx, ctx, given, &present, &policy, ctx.trial).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    Ok(enclosed)
}

/// Keeps files with what they came with; gives them as the journal names them.
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

/// The version of a file that replaces another.
pub fn into_version(mut enclosed: Vec<Enclosed>, note: Option<&str>) -> Option<(FileRef, NewVersion)> {
    let Enclosed { file, mut version } = enclosed.pop()?;
    version.note = note.map(str::to_owned);
    Some((file, version))
}
