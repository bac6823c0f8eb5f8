//! Data for documents: the card, and the titles behind its codes.

use super::context::Ctx;
use super::{reading, timing};
use crate::fault::{Fault, Result};
use crate::pdf::Around;
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::{Answer, Appeal};

/// The data of a document.
pub struct Printable {
    /// The card as visible to the caller, with its journal.
    pub appeal: Appeal,
    pub around: Around,
}

/// Returns the data for the PDF of a card, if the caller may see it.
pub async fn card(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Printable> {
    let appeal = reading::show(tx, ctx, number, true).await?;
    let department = match &appeal.department {
        Some(code) => catalogue::department(tx, code).await?,
        None => None,
    };
    let category = catalogue::category(tx, &appeal.category).await?;
    let zone = match &appeal.time_zone {
        Some(name) => timing::zone(name)?,
        None => timing::department_zone(tx, appeal.department.as_deref()).await?,
    };
    let around = Around {
        authority: department.as_ref().map(|d| ctx.lang.pick(&d.authority).to_owned()),
        department: department.as_ref().map(|d| ctx.lang.pick(&d.title).to_owned()),
        category: category.as_ref().map(|c| ctx.lang.pick(&c.title).to_owned()),
        zone,
    };
    Ok(Printable { appeal, around })
}

/// Returns the data for the PDF of an official answer, with the card it belongs to.
pub async fn answer(tx: &mut Tx, ctx: &Ctx, number: &str, id: &str) -> Result<(Printable, Answer)> {
    let card = card(tx, ctx, number).await?;
    let found = card.appeal.answers.iter().flatten().find(|answer| answer.id == id).cloned();
    let answer = found.ok_or_else(|| Fault::not_found(id))?;
    Ok((card, answer))
}
