//! Likely duplicates: shown to the applicant on filing, among their own appeals, and to the authority's staff on
//! reading.

use super::access;
use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::db::Tx;
use crate::store::similar::{alike, in_department, own, stems};
use appeal_api::{Similar, SimilarAppeals};
use appeal_domain::*;

/// Returns undecided appeals of the same department that are similar to this one, as visible to the caller on the
/// authority's side.
pub async fn of(tx: &mut Tx, ctx: &Ctx, row: &AppealRow) -> Result<Vec<Similar>> {
    let stems = stems(&row.subject, &row.text);
    let candidates = in_department(tx, &ctx.caller, row, &stems).await?;
    alike(tx, &stems, &candidates).await
}

/// Returns undecided appeals of the same applicant or organization that are similar to this one, which may be unfiled.
pub async fn among_own(tx: &mut Tx, ctx: &Ctx, row: &AppealRow) -> Result<Vec<Similar>> {
    let candidates = own(tx, &ctx.caller, row).await?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    alike(tx, &stems(&row.subject, &row.text), &candidates).await
}

/// As [`among_own`], for an appeal just filed.
pub async fn to_filed(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<Similar>> {
    let number = access::number(number)?;
    match appeals::by_number(tx, &number).await? {
        Some(row) if row.status != Status::Draft => among_own(tx, ctx, &row).await,
        _ => Ok(Vec::new()),
    }
}

/// Returns the likely duplicates of an appeal, for the authority's staff.
///
/// # Errors
/// 403 for others who see the appeal.
pub async fn list(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<SimilarAppeals> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    if !standing.is_authority() {
        return Err(Fault::forbidden("forbidden-similar"));
    }
    let similar = of(tx, ctx, &row).await?;
    Ok(SimilarAppeals { number: row.number, similar })
}
