//! Likely duplicates: told to the applicant on filing, among what they may see, and to the authority on reading.

use super::access;
use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::db::Tx;
use crate::store::similar::{alike, in_department, own, stems};
use appeal_api::{Similar, SimilarAppeals};
use appeal_domain::*;

/// Undecided appeals of the same department that are much like this one, as far as the caller sees them for the
/// authority.
pub async fn of(tx: &mut Tx, ctx: &Ctx, row: &AppealRow) -> Result<Vec<Similar>> {
    let stems = stems(&row.subject, &row.text);
    let candidates = in_department(tx, &ctx.caller, row, &stems).await?;
    alike(tx, &stems, &candidates).await
}

/// Undecided appeals of the same applicant or organization that are much like this one, filed or not.
pub async fn among_own(tx: &mut Tx, ctx: &Ctx, row: &AppealRow) -> Result<Vec<Similar>> {
    let candidates = own(tx, &ctx.caller, row).await?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    alike(tx, &stems(&row.subject, &row.text), &candidates).await
}

/// The same of an appeal that was just filed.
pub async fn to_filed(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<Similar>> {
    let number = access::number(number)?;
    match appeals::by_number(tx, &number).await? {
        Some(row) if row.status != Status::Draft => among_own(tx, ctx, &row).await,
        _ => Ok(Vec::new()),
    }
}

/// The likely duplicates of an appeal, for the authority's people.
///
/// # Errors
/// 403 for those who see it otherwise.
pub async fn list(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<SimilarAppeals> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    if !standing.is_authority() {
        return Err(Fault::forbidden("forbidden-similar"));
    }
    let similar = of(tx, ctx, &row).await?;
    Ok(SimilarAppeals { number: row.number, similar })
}
