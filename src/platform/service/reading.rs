//! Reading one appeal: its card, its journal.

use super::access;
use super::change;
use super::context::Ctx;
use super::similar;
use crate::api::{Appeal, Journal, JournalEntry, JournalLink};
use crate::domain::*;
use crate::platform::fault::{Fault, Result};
use crate::platform::store::db::Tx;
use crate::platform::store::journal;

/// The card (S3), with the entries of the journal that the caller may see where they are wanted.
pub async fn show(tx: &mut Tx, ctx: &Ctx, number: &str, with_journal: bool) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let id = row.id.clone();
    let similar = if standing.is_authority() { similar::of(tx, ctx, &row).await? } else { Vec::new() };
    let mut card = change::card(tx, ctx, row).await?;
    card.similar = similar;
    if with_journal {
        let entries = journal::of(tx, &id).await?;
        card.journal = Some(
            entries
                .into_iter()
                .filter(|(entry, _)| !entry.internal || standing.is_authority())
                .map(|(entry, seal)| JournalEntry {
                    seq: entry.seq,
                    at: entry.at,
                    actor: entry.actor,
                    action: entry.action,
                    changes: entry.changes,
                    hash: seal.hash,
                })
                .collect(),
        );
    }
    Ok(card)
}

/// The journal with all that verifying it needs (S5). Of an entry that the caller may not see there is only the seal.
pub async fn journal(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Journal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let entries = journal::of(tx, &row.id).await?;
    let entries = entries
        .into_iter()
        .map(|(entry, seal)| {
            let visible = !entry.internal || standing.is_authority();
            JournalLink {
                seq: entry.seq,
                internal: entry.internal,
                at: visible.then_some(entry.at),
                actor: visible.then_some(entry.actor),
                action: visible.then_some(entry.action),
                changes: visible.then_some(entry.changes),
                salt: visible.then(|| hex::encode(entry.salt)),
                digest: seal.digest,
                hash: seal.hash,
            }
        })
        .collect();
    let length = u64::try_from(row.journal_seq).map_err(|e| Fault::Internal(e.to_string()))?;
    Ok(Journal { number: row.number, length, head: row.journal_hash, entries })
}
