//! Reading one appeal: its card, its journal.

use super::access::{self, Standing};
use super::change;
use super::context::Ctx;
use super::{similar, timing};
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use crate::store::journal;
use appeal_api::{Appeal, Journal, JournalEntry, JournalLink};
use appeal_domain::journal::{Entry, Sealed};
use appeal_domain::*;

/// The journal of an appeal as visible to one reader: internal entries to the authority's staff only, and entries from
/// the time as a draft to its author only, because they were never sent.
pub struct Entries {
    all: Vec<(Entry, Sealed)>,
    /// The first entry of the filed appeal.
    filed: u64,
    writer: bool,
    authority: bool,
}

impl Entries {
    /// Reads the entries.
    pub async fn of(tx: &mut Tx, ctx: &Ctx, row: &AppealRow, standing: &Standing) -> Result<Entries> {
        let all = journal::of(tx, &row.id).await?;
        // Only drafts are submitted, and only once.
        let filed = all
            .iter()
            .find(|(entry, _)| entry.action == Event::Submitted.action())
            .map_or(1, |(entry, _)| entry.seq);
        Ok(Entries {
            all,
            filed,
            writer: row.applicant_id == ctx.caller.person_id,
            authority: standing.is_authority(),
        })
    }

    fn sees(&self, entry: &Entry) -> bool {
        (!entry.internal || self.authority) && (entry.seq >= self.filed || self.writer)
    }

    /// Returns the visible entries.
    pub fn visible(&self) -> impl Iterator<Item = &(Entry, Sealed)> {
        self.all.iter().filter(|(entry, _)| self.sees(entry))
    }

    /// Returns the visible entries since the filing; all entries of a draft.
    pub fn visible_from_filing(&self) -> impl Iterator<Item = &Entry> {
        self.visible().map(|(entry, _)| entry).filter(|entry| entry.seq >= self.filed)
    }

    /// Returns the version that a file had when the appeal was filed.
    pub fn version_when_filed(&self, file_id: &str) -> Option<u64> {
        self.all
            .iter()
            .rev()
            .filter(|(entry, _)| entry.seq < self.filed)
            .filter_map(|(entry, _)| entry.changes.pointer("/attachment/after"))
            .filter(|after| after["id"] == file_id)
            .find_map(|after| after["version"].as_u64())
    }

    /// Returns the entries from the time as a draft; none if the appeal was filed directly.
    pub fn before_filing(&self) -> impl Iterator<Item = &Entry> {
        self.all.iter().map(|(entry, _)| entry).filter(|entry| entry.seq < self.filed)
    }
}

/// Returns the card, on request with the visible entries of the journal.
pub async fn show(tx: &mut Tx, ctx: &Ctx, number: &str, with_journal: bool) -> Result<Appeal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let entries = if with_journal { Some(Entries::of(tx, ctx, &row, &standing).await?) } else { None };
    let similar = if standing.is_authority() { similar::of(tx, ctx, &row).await? } else { Vec::new() };
    let mut card = change::card(tx, ctx, row).await?;
    card.similar = similar;
    card.journal = entries.map(|entries| {
        entries
            .visible()
            .map(|(entry, seal)| JournalEntry {
                seq: entry.seq,
                at: entry.at,
                actor: entry.actor.clone(),
                action: entry.action.clone(),
                changes: entry.changes.clone(),
                hash: seal.hash.clone(),
            })
            .collect()
    });
    Ok(card)
}

/// Returns the journal with the data needed to verify it. An entry that the caller may not see is represented by its
/// seal.
pub async fn journal(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Journal> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let entries = Entries::of(tx, ctx, &row, &standing).await?;
    let links = entries
        .all
        .iter()
        .map(|(entry, seal)| {
            let visible = entries.sees(entry);
            JournalLink {
                seq: entry.seq,
                internal: entry.internal,
                at: visible.then_some(entry.at),
                actor: visible.then(|| entry.actor.clone()),
                action: visible.then(|| entry.action.clone()),
                changes: visible.then(|| entry.changes.clone()),
                salt: visible.then(|| hex::encode(entry.salt)),
                digest: seal.digest.clone(),
                hash: seal.hash.clone(),
            }
        })
        .collect();
    let length = u64::try_from(row.journal_seq).map_err(|e| Fault::Internal(e.to_string()))?;
    let time_zone = Some(timing::zone_name(tx, row.department.as_deref()).await?);
    Ok(Journal { number: row.number, time_zone, length, head: row.journal_hash, entries: links })
}
