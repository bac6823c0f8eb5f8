//! Cards of appeals as visible to a reader: rows with related data, read for many appeals at once.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::appeals::{AppealRow, in_list};
use super::db::{Row, Tx};
use super::deadlines::DeadlineRow;
use super::{co_executors, deadlines};
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::*;
use appeal_domain::report::HOME_ZONE;
use appeal_domain::*;

/// How much of an appeal a card contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// A list entry: without text, comments and answers.
    Row,
    /// Everything but the journal.
    Full,
}

/// A card to build: the row, and whether its reader may see internal data.
pub struct Wanted {
    pub row: AppealRow,
    pub internal: bool,
}

type ByAppeal<T> = HashMap<String, Vec<T>>;

fn grouped<T>(rows: Vec<Row>, read: impl Fn(&Row) -> Result<T>) -> Result<ByAppeal<T>> {
    let mut groups: ByAppeal<T> = HashMap::new();
    for row in rows {
        groups.entry(row.text("appeal_id")?).or_default().push(read(&row)?);
    }
    Ok(groups)
}

fn number<T: TryFrom<i64>>(row: &Row, column: &str) -> Result<T> {
    T::try_from(row.int(column)?).map_err(|_| Fault::Internal(format!("{column} is out of range")))
}

/// An attachment with the data that determines access to it.
struct Attached {
    file: Attachment,
    internal: bool,
    owner_kind: String,
    owner_id: Option<String>,
}

/// Builds the cards, in the order given. The number of queries does not depend on the number of appeals.
pub async fn build(tx: &mut Tx, wanted: Vec<Wanted>, depth: Depth, now: Timestamp) -> Result<Vec<Appeal>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = wanted.iter().map(|w| w.row.id.as_str()).collect();
    let people = people(tx, &wanted).await?;
    let organizations = organizations(tx, &wanted).await?;
    let zones_of = time_zones(tx, &wanted).await?;
    let mut deadlines_of: ByAppeal<DeadlineRow> = HashMap::new();
    for row in deadlines::of(tx, &ids).await? {
        deadlines_of.entry(row.appeal_id.clone()).or_default().push(row);
    }
    let mut attached = attachments(tx, &ids).await?;
    let mut clarifications = clarifications(tx, &ids).await?;
    let mut escalations = escalations(tx, &ids).await?;
    let mut reviews = reviews(tx, &ids).await?;
    let mut participants = participants(tx, &ids).await?;
    let mut repeats = repeats(tx, &wanted).await?;
    let mut chains = match depth {
        Depth::Row => HashMap::new(),
        Depth::Full => chains(tx, &wanted, &repeats).await?,
    };
    let mut involved = co_executors::of(tx, &ids).await?;
    let mut merged = merged(tx, &wanted).await?;
    let (mut comments, mut answers) = match depth {
        Depth::Row => (HashMap::new(), HashMap::new()),
        Depth::Full => (comments(tx, &ids).await?, answers(tx, &ids).await?),
    };
    let mut cards = Vec::with_capacity(wanted.len());
    for Wanted { row, internal } in wanted {
        let id = row.id.as_str();
        let rows = deadlines_of.remove(id).unwrap_or_default();
        let of_department =
            row.department.as_ref().and_then(|code| zones_of.get(code)).map_or(HOME_ZONE, String::as_str);
        // A deadline keeps the zone in which it was first counted.
        let zone_name = deadlines::zone_of_due(&rows, row.due_at).unwrap_or(of_department).to_owned();
        let zone = zone_of(&zone_name)?;
        let on = |at: Timestamp| zones::due_on(at, &zone);
        let mut deadlines = Vec::new();
        for row in rows {
            let own = row.zone.as_deref().map(zone_of).transpose()?;
            deadlines.push(Deadline {
                kind: row.kind.into(),
                due_at: row.due_at,
                due_on: Some(zones::due_on(row.due_at, own.as_ref().unwrap_or(&zone))),
                state: row.state(now).into(),
            });
        }
        let clarification = clarifications.remove(id).unwrap_or_default().pop();
        let clarification = clarification.map(|open| Clarification { due_on: open.due_at.map(on), ..open });
        let mut escalations = escalations.remove(id).unwrap_or_default();
        for escalation in &mut escalations {
            escalation.due_on = escalation.due_at.map(on);
        }
        let attached: Vec<Attached> =
            attached.remove(id).unwrap_or_default().into_iter().filter(|a| internal || !a.internal).collect();
        let full = depth == Depth::Full;
        let answers = full.then(|| {
            let mut answers: Vec<Answer> = answers.remove(id).unwrap_or_default();
            for answer in &mut answers {
                answer.attachments = attached
                    .iter()
                    .filter(|a| a.owner_kind == "answer" && a.owner_id.as_ref() == Some(&answer.id))
                    .map(|a| a.file.id.clone())
                    .collect();
            }
            answers
        });
        let comments = full.then(|| {
            let mut comments: Vec<Comment> = comments.remove(id).unwrap_or_default();
            comments.retain(|c| internal || !c.internal);
            comments
        });
        let review = reviews.remove(id).unwrap_or_default().pop().map(|(id, mut review)| {
            let of_it = |a: &&Attached| a.owner_kind == "revision" && a.owner_id.as_ref() == Some(&id);
            review.attachments = attached.iter().filter(of_it).map(|a| a.file.id.clone()).collect();
            review
        });
        let applicant = people.get(&row.applicant_id).cloned().unwrap_or_default();
        let organization = row
            .organization
            .clone()
            .map(|inn| OrganizationRef { name: organizations.get(&inn).cloned().unwrap_or_default(), inn });
        let responsible =
            row.responsible_id.as_ref().and_then(|id| people.get(id)).map(|person| person.login.clone());
        cards.push(Appeal {
            text: full.then(|| row.text.clone()),
            applicant,
            organization,
            responsible,
            due_on: row.due_at.map(on),
            time_zone: Some(zone_name),
            deadlines,
            attachments: attached.into_iter().map(|a| a.file).collect(),
            comments,
            clarification,
            answers,
            repeats: repeats.remove(&row.number).unwrap_or_default(),
            chain: chains.remove(&row.number),
            merged: merged.remove(&row.number).filter(|_| internal).unwrap_or_default(),
            involved: involved.remove(id).unwrap_or_default(),
            escalations,
            review,
            participants: participants.remove(id).unwrap_or_default(),
            ..row.card(now)
        });
    }
    Ok(cards)
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = values.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Returns the time zones of the departments of these appeals, by code.
async fn time_zones(tx: &mut Tx, wanted: &[Wanted]) -> Result<HashMap<String, String>> {
    let codes = distinct(wanted.iter().filter_map(|w| w.row.department.as_deref()));
    if codes.is_empty() {
        return Ok(HashMap::new());
    }
    let (places, args) = in_list(0, codes);
    tx.all(&format!("SELECT code, body FROM departments WHERE code IN ({places})"), args)
        .await?
        .iter()
        .map(|r| Ok((r.text("code")?, r.json::<Department>("body")?.time_zone)))
        .collect()
}

fn zone_of(name: &str) -> Result<TimeZone> {
    zones::zone(name).map_err(|e| Fault::Internal(e.to_string()))
}

async fn people(tx: &mut Tx, wanted: &[Wanted]) -> Result<HashMap<String, PersonRef>> {
    let ids =
        distinct(wanted.iter().flat_map(|w| {
            std::iter::once(w.row.applicant_id.as_str()).chain(w.row.responsible_id.as_deref())
        }));
    let (places, args) = in_list(0, ids);
    tx.all(&format!("SELECT id, login, name FROM people WHERE id IN ({places})"), args)
        .await?
        .iter()
        .map(|r| Ok((r.text("id")?, PersonRef { login: r.text("login")?, name: r.text("name")? })))
        .collect()
}

async fn organizations(tx: &mut Tx, wanted: &[Wanted]) -> Result<HashMap<String, String>> {
    let inns = distinct(wanted.iter().filter_map(|w| w.row.organization.as_deref()));
    if inns.is_empty() {
        return Ok(HashMap::new());
    }
    let (places, args) = in_list(0, inns);
    tx.all(&format!("SELECT inn, name FROM organizations WHERE inn IN ({places})"), args)
        .await?
        .iter()
        .map(|r| Ok((r.text("inn")?, r.text("name")?)))
        .collect()
}

async fn attachments(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Attached>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT t.appeal_id, t.id, t.owner_kind, t.owner_id, t.internal, v.version, v.name, v.media_type, v.size, \
         v.sha256, v.added_at, v.added_by FROM attachments t \
         JOIN attachment_versions v ON v.attachment_id = t.id AND v.version = t.version \
         WHERE t.appeal_id IN ({places}) AND t.removed_at IS NULL ORDER BY t.appeal_id, t.position"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        Ok(Attached {
            file: Attachment {
                id: r.text("id")?,
                name: r.text("name")?,
                media_type: r.text("media_type")?,
                size: number(r, "size")?,
                sha256: r.text("sha256")?,
                version: number(r, "version")?,
                added_at: r.time("added_at")?,
                added_by: r.text("added_by")?,
            },
            internal: r.flag("internal")?,
            owner_kind: r.text("owner_kind")?,
            owner_id: r.text_opt("owner_id")?,
        })
    })
}

async fn clarifications(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Clarification>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT appeal_id, id, question, needs, asked_at, asked_by, due_at FROM clarifications \
         WHERE appeal_id IN ({places}) AND ended IS NULL ORDER BY asked_at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        Ok(Clarification {
            id: r.text("id")?,
            question: r.text("question")?,
            needs: r.json("needs")?,
            asked_at: r.time("asked_at")?,
            asked_by: r.text("asked_by")?,
            due_at: r.time_opt("due_at")?,
            due_on: None,
        })
    })
}

async fn escalations(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Escalation>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT appeal_id, level, grounds, reason, department, state, due_at, outcome_text, outcome_at, outcome_by \
         FROM escalations WHERE appeal_id IN ({places}) ORDER BY at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        let state: EscalationState = r.word("state")?;
        let outcome =
            match (r.text_opt("outcome_text")?, r.time_opt("outcome_at")?, r.text_opt("outcome_by")?) {
                (Some(text), Some(at), Some(by)) => Some(Outcome { result: state.into(), text, at, by }),
                _ => None,
            };
        Ok(Escalation {
            level: r.word::<Level>("level")?.into(),
            grounds: r.word::<EscalationGrounds>("grounds")?.into(),
            reason: r.text("reason")?,
            department: r.text_opt("department")?,
            state: state.into(),
            due_at: r.time_opt("due_at")?,
            due_on: None,
            outcome,
        })
    })
}

/// Returns reviews with their ids, the latest last.
async fn reviews(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<(String, Review)>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT appeal_id, id, score, category, remarks, state, at, changes, revised_at, \
         coalesce(revised_by, taken_by) AS reviser FROM reviews WHERE appeal_id IN ({places}) ORDER BY at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        let review = Review {
            score: number(r, "score")?,
            category: r.word_opt::<ReviewCategory>("category")?.map(Into::into),
            remarks: r.text_opt("remarks")?,
            state: r.word::<ReviewState>("state")?.into(),
            at: r.time("at")?,
            changes: r.text_opt("changes")?,
            revised_at: r.time_opt("revised_at")?,
            by: r.text_opt("reviser")?,
            attachments: Vec::new(),
        };
        Ok((r.text("id")?, review))
    })
}

async fn participants(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Participant>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT q.appeal_id, p.login, q.role FROM participants q JOIN people p ON p.id = q.person_id \
         WHERE q.appeal_id IN ({places}) ORDER BY p.login"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        Ok(Participant { login: r.text("login")?, role: r.word::<ParticipantRole>("role")?.into() })
    })
}

/// Returns the numbers of the appeals that repeat these, by the number of the repeated one.
async fn repeats(tx: &mut Tx, wanted: &[Wanted]) -> Result<ByAppeal<String>> {
    let (places, args) = in_list(0, wanted.iter().map(|w| w.row.number.as_str()));
    let sql = format!(
        "SELECT repeat_of AS appeal_id, number FROM appeals WHERE repeat_of IN ({places}) ORDER BY created_at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| Ok(r.text("number")?))
}

/// Returns the chains of repeats of these appeals, by number: the preceding appeals up to the first one, and all that
/// repeat any of them.
async fn chains(
    tx: &mut Tx,
    wanted: &[Wanted],
    repeats: &ByAppeal<String>,
) -> Result<HashMap<String, Chain>> {
    let mut chains = HashMap::new();
    for Wanted { row, .. } in wanted {
        if row.repeat_of.is_none() && !repeats.contains_key(&row.number) {
            continue;
        }
        let rows = tx
            .all(
                "WITH RECURSIVE earlier(number, repeat_of) AS (\
                 SELECT a.number, a.repeat_of FROM appeals a WHERE a.number = $1 \
                 UNION SELECT a.number, a.repeat_of FROM appeals a JOIN earlier e ON a.number = e.repeat_of), \
                 chain(number, created_at, id) AS (\
                 SELECT a.number, a.created_at, a.id FROM appeals a JOIN earlier e ON e.number = a.number \
                 WHERE a.repeat_of IS NULL \
                 UNION SELECT a.number, a.created_at, a.id FROM appeals a JOIN chain c ON a.repeat_of = c.number) \
                 SELECT number FROM chain ORDER BY created_at, id",
                args![&row.number],
            )
            .await?;
        let numbers: Vec<String> = rows.iter().map(|r| r.text("number")).collect::<Result<_, _>>()?;
        let place = numbers.iter().position(|n| *n == row.number).unwrap_or_default() + 1;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let chain = Chain { count: count(numbers.len()), position: count(place), numbers };
        chains.insert(row.number.clone(), chain);
    }
    Ok(chains)
}

/// Returns the numbers of the appeals merged into these, by the number of the target.
async fn merged(tx: &mut Tx, wanted: &[Wanted]) -> Result<ByAppeal<String>> {
    let numbers: Vec<&str> = wanted.iter().filter(|w| w.internal).map(|w| w.row.number.as_str()).collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let (places, args) = in_list(0, numbers);
    let sql = format!(
        "SELECT merged_into AS appeal_id, number FROM appeals WHERE merged_into IN ({places}) ORDER BY created_at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| Ok(r.text("number")?))
}

async fn comments(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Comment>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT appeal_id, id, author, text, at, internal, reply_to FROM comments WHERE appeal_id IN ({places}) ORDER BY at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        Ok(Comment {
            id: r.text("id")?,
            author: r.text("author")?,
            text: r.text("text")?,
            at: r.time("at")?,
            internal: r.flag("internal")?,
            reply_to: r.text_opt("reply_to")?,
        })
    })
}

async fn answers(tx: &mut Tx, ids: &[&str]) -> Result<ByAppeal<Answer>> {
    let (places, args) = in_list(0, ids.iter().copied());
    let sql = format!(
        "SELECT appeal_id, id, decision, text, signed_by, at FROM answers WHERE appeal_id IN ({places}) ORDER BY at, id"
    );
    grouped(tx.all(&sql, args).await?, |r| {
        Ok(Answer {
            id: r.text("id")?,
            decision: r.word::<Decision>("decision")?.into(),
            text: r.text("text")?,
            signed_by: r.text("signed_by")?,
            at: r.time("at")?,
            attachments: Vec::new(),
        })
    })
}
