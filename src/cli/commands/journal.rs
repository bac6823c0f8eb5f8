//! `appeal journal`: the journal of an appeal, and its verification.

use serde_json::Value;

use crate::cli::args::values;
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::{Journal, JournalLink};
use appeal_domain::journal::{self, Broken, Entry, Link, Sealed, Why};
use appeal_i18n::{Lang, message, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show the journal of an appeal: every change with its time, its author, and the values before and \
                  after. With --verify, recompute the chain of digests locally: if an entry was changed, removed or \
                  moved, the command exits with 3. Entries visible only to the authority are included by digest.",
    after_long_help = "Example:\n  appeal journal 2026-0123456789-3 --verify"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Recompute the chain of digests
    #[arg(long)]
    pub verify: bool,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("seq", Cell::Number),
        Column::new("at", Cell::Time),
        Column::new("actor", Cell::Text),
        Column::new("action", Cell::Word("action")),
        Column::new("changes", Cell::Text),
    ],
    more: &[
        Column::new("internal", Cell::Bool),
        Column::new("digest", Cell::Text),
        Column::new("hash", Cell::Text),
        Column::new("salt", Cell::Text),
    ],
    key: "hash",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&SHAPE)?;
        let client = ctx.client().await?;
        let journal = client.journal(&number).await?;
        let readable = ctx.out.format() == Format::Table && ctx.globals.jq.is_none();
        let mut list = ctx.out.list(&SHAPE);
        for entry in &journal.items("entries", |journal| &journal.entries) {
            if !readable {
                list.push(entry)?;
                continue;
            }
            let mut row = serde_json::to_value(entry).unwrap_or_default();
            row["changes"] = match (&entry.changes, entry.at) {
                (Some(changes), _) => list.output().in_words(changes, journal.time_zone.as_deref()).into(),
                (None, None) => {
                    let hidden =
                        if entry.internal { message!("journal-hidden") } else { message!("journal-draft") };
                    hidden.text(list.output().lang()).into()
                }
                (None, Some(_)) => Value::Null,
            };
            list.push(&row)?;
        }
        list.finish()?;
        if self.verify {
            verify(&journal).map_err(|broken| failure(ctx.lang, &number, &broken))?;
            let count = journal.entries.len().to_string();
            ctx.out.note(message!("journal-verified", number, count));
        }
        Ok(())
    }
}

/// Recomputes the chain.
pub(super) fn verify(journal: &Journal) -> Result<(), Broken> {
    let links: Vec<Link> = journal.entries.iter().map(link).collect::<Result<_, _>>()?;
    journal::verify(&links)?;
    // A chain that lost its newest links is a whole chain still: the appeal knows where it ends.
    match &journal.head {
        Some(head) if journal.entries.last().map(|last| &last.hash) != Some(head) => {
            Err(Broken { seq: journal.length, why: Why::End })
        }
        _ => Ok(()),
    }
}

/// A link as the domain has it. An entry with content but without what is needed to verify it is broken, not hidden.
fn link(entry: &JournalLink) -> Result<Link, Broken> {
    let seal = Sealed { digest: entry.digest.clone(), hash: entry.hash.clone() };
    match (entry.at, &entry.actor, &entry.action, &entry.salt) {
        (None, None, None, None) => Ok(Link::Hidden { seq: entry.seq, seal }),
        (Some(at), Some(actor), Some(action), Some(salt)) => {
            let broken = || Broken { seq: entry.seq, why: Why::Digest };
            let mut bytes = [0; 16];
            hex::decode_to_slice(salt, &mut bytes).map_err(|_| broken())?;
            let entry = Entry {
                seq: entry.seq,
                at,
                actor: actor.clone(),
                action: action.clone(),
                changes: entry.changes.clone().unwrap_or_default(),
                internal: entry.internal,
                salt: bytes,
            };
            Ok(Link::Full { entry, seal })
        }
        _ => Err(Broken { seq: entry.seq, why: Why::Digest }),
    }
}

fn failure(lang: Lang, number: &str, broken: &Broken) -> Failure {
    let why = match broken.why {
        Why::Sequence { expected } => t!(lang, "journal-broken-sequence", expected),
        Why::Digest => t!(lang, "journal-broken-digest"),
        Why::Chain => t!(lang, "journal-broken-chain"),
        Why::End => t!(lang, "journal-broken-end"),
    };
    let message = message!("failure-journal-broken", number, seq = broken.seq, why);
    let mut failure = Failure::from_message(Exit::Invalid, "journal_broken", message);
    failure.details.push(serde_json::json!({ "seq": broken.seq, "why": why }));
    failure
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chain() -> Journal {
        let mut prev = None;
        let entries: Vec<JournalLink> = (1..=4u64)
            .map(|seq| {
                let entry = Entry {
                    seq,
                    at: "2026-11-01T09:00:00.5Z".parse().unwrap(),
                    actor: "applicant".into(),
                    action: "comment".into(),
                    changes: json!({"n": seq}),
                    internal: seq == 3,
                    salt: [seq as u8; 16],
                };
                let seal = journal::seal(prev.as_deref(), &entry);
                prev = Some(seal.hash.clone());
                JournalLink {
                    seq,
                    at: Some(entry.at),
                    actor: Some(entry.actor),
                    action: Some(entry.action),
                    changes: Some(entry.changes),
                    internal: entry.internal,
                    salt: Some(hex::encode(entry.salt)),
                    digest: seal.digest,
                    hash: seal.hash,
                }
            })
            .collect();
        Journal { number: "2026-0000000000-0".into(), time_zone: None, length: 4, head: prev, entries }
    }

    fn hidden(link: &mut JournalLink) {
        (link.at, link.actor, link.action, link.changes, link.salt) = (None, None, None, None, None);
    }

    #[test]
    fn a_whole_chain_verifies_with_hidden_entries_too() {
        let mut journal = chain();
        assert_eq!(verify(&journal), Ok(()));
        hidden(&mut journal.entries[2]);
        assert_eq!(verify(&journal), Ok(()));
    }

    #[test]
    fn every_change_breaks_it_where_it_was_made() {
        let mut journal = chain();
        journal.entries[1].actor = Some("operator".into());
        assert_eq!(verify(&journal).unwrap_err(), Broken { seq: 2, why: Why::Digest });
        let mut journal = chain();
        journal.entries.remove(1);
        assert_eq!(verify(&journal).unwrap_err().seq, 3);
        let mut journal = chain();
        journal.entries[3].salt = None;
        assert_eq!(verify(&journal).unwrap_err().seq, 4);
        let mut journal = chain();
        hidden(&mut journal.entries[2]);
        journal.entries[2].digest = journal.entries[1].digest.clone();
        assert_eq!(verify(&journal).unwrap_err(), Broken { seq: 3, why: Why::Chain });
        let mut journal = chain();
        journal.entries.pop();
        assert_eq!(verify(&journal).unwrap_err(), Broken { seq: 4, why: Why::End });
    }
}
