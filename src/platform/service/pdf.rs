//! What a document needs besides the card: the words behind its codes.

use jiff::tz::TimeZone;

use super::context::Ctx;
use super::reading;
use crate::fault::{Fault, Result};
use crate::pdf::Around;
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::{Answer, Appeal};

/// What is printed of a card.
pub struct Printable {
    /// The card as the caller sees it, with its journal.
    pub appeal: Appeal,
    pub around: Around,
}

/// A card to print (S7), for who may see it.
pub async fn card(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Printable> {
    let appeal = reading::show(tx, ctx, number, true).await?;
    let department = match &appeal.department {
        Some(code) => catalogue::department(tx, code).await?,
        None => None,
    };
    let category = catalogue::category(tx, &appeal.category).await?;
    let zone = department.as_ref().and_then(|d| TimeZone::get(&d.time_zone).ok()).unwrap_or(TimeZone::UTC);
    let around = Around {
        authority: department.as_ref().map(|d| ctx.lang.pick(&d.authority).to_owned()),
        department: department.as_ref().map(|d| ctx.lang.pick(&d.title).to_owned()),
        category: category.as_ref().map(|c| ctx.lang.pick(&c.title).to_owned()),
        zone,
    };
    Ok(Printable { appeal, around })
}

/// An official answer to print, with the card it belongs to.
pub async fn answer(tx: &mut Tx, ctx: &Ctx, number: &str, id: &str) -> Result<(Printable, Answer)> {
    let card = card(tx, ctx, number).await?;
    let found = card.appeal.answers.iter().flatten().find(|answer| answer.id == id).cloned();
    let answer = found.ok_or_else(|| Fault::not_found(id))?;
    Ok((card, answer))
}
