//! Likely duplicates by the stems of their words. The work is limited regardless of the number of appeals: only the
//! rarest words of an appeal are looked up, for each only the newest appeals with it, and only the best candidates are
//! compared word by word.

use std::collections::{BTreeMap, BTreeSet};

use super::appeals::in_list;
use super::db::{Arg, Tx};
use super::statuses::UNDECIDED;
use super::{search, visibility};
use crate::args;
use crate::caller::Caller;
use crate::fault::Result;
use crate::store::appeals::AppealRow;
use appeal_api::Similar;
use appeal_domain::Status;
use appeal_domain::similarity::{self, FILLERS};

/// Number of the rarest words to look up.
const RAREST: usize = 16;
/// Occurrences are counted up to this number; more frequent words are common.
const COUNTED: i64 = 300;
/// Number of newest appeals examined per word.
const NEWEST: i64 = 100;
/// Number of appeals compared word by word.
const COMPARED: i64 = 40;
/// Number of newest appeals of an applicant or organization examined.
const OWN: i64 = 50;
/// Maximum number of results.
const NAMED: usize = 5;

/// Returns the stems that count in a comparison.
pub fn stems(subject: &str, text: &str) -> BTreeSet<String> {
    let mut all = search::terms(subject);
    all.extend(search::terms(text));
    all.retain(|stem| !similarity::is_filler(stem));
    all
}

/// Returns the newest undecided appeals of the same applicant or organization that the caller may see, similar or not.
pub async fn own(tx: &mut Tx, caller: &Caller, row: &AppealRow) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut ask = vec![("applicant_id", row.applicant_id.as_str())];
    ask.extend(row.organization.as_deref().map(|inn| ("organization", inn)));
    for (column, value) in ask {
        let mut args = args![value, &row.id, OWN];
        let visible = visibility::condition(caller, "a", &mut args);
        let sql = format!(
            "SELECT a.id FROM (SELECT id, status, applicant_id, organization, department FROM appeals \
             WHERE {column} = $1 ORDER BY created_at DESC LIMIT $3) a \
             WHERE a.id <> $2 AND a.status IN {UNDECIDED} AND {visible}"
        );
        for row in tx.all(&sql, args).await? {
            let id = row.text("id")?;
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// Returns the undecided appeals of the same department that share rare words with this one and that the caller sees as
/// a member of the authority's staff.
pub async fn in_department(
    tx: &mut Tx,
    caller: &Caller,
    row: &AppealRow,
    stems: &BTreeSet<String>,
) -> Result<Vec<String>> {
    let rarity = tx
        .all(
            "SELECT t.term, (SELECT count(*) FROM \
             (SELECT 1 AS x FROM search_terms x WHERE x.term = t.term LIMIT $2) y) AS n \
             FROM search_terms t WHERE t.appeal_id = $1",
            args![&row.id, COUNTED],
        )
        .await?;
    let mut rarest: Vec<(i64, String)> = Vec::new();
    for counted in &rarity {
        let (n, term) = (counted.int("n")?, counted.text("term")?);
        // A word that occurs in this appeal only is of no use.
        if n > 1 && stems.contains(&term) {
            rarest.push((n, term));
        }
    }
    rarest.sort();
    rarest.truncate(RAREST);
    if rarest.is_empty() {
        return Ok(Vec::new());
    }
    let mut args = args![&row.id, row.department.as_deref(), NEWEST, COMPARED];
    // Ids sort by time.
    let parts: Vec<String> = rarest
        .into_iter()
        .enumerate()
        .map(|(n, (_, term))| {
            args.push(Arg::from(term));
            format!(
                "SELECT appeal_id FROM (SELECT appeal_id FROM search_terms WHERE term = ${} AND appeal_id <> $1 \
                 ORDER BY appeal_id DESC LIMIT $3) part{n}",
                args.len()
            )
        })
        .collect();
    let visible = visibility::authority(caller, "a", &mut args);
    // A cross join, so that the few are looked up instead of scanning all appeals of the department.
    let sql = format!(
        "SELECT c.appeal_id FROM \
         (SELECT appeal_id, count(*) AS hits FROM ({parts}) each_part GROUP BY appeal_id) c \
         CROSS JOIN appeals a WHERE a.id = c.appeal_id \
         AND a.department = $2 AND a.status IN {UNDECIDED} AND {visible} \
         ORDER BY c.hits DESC, c.appeal_id DESC LIMIT $4",
        parts = parts.join(" UNION ALL ")
    );
    Ok(tx.all(&sql, args).await?.iter().map(|r| r.text("appeal_id")).collect::<Result<_, _>>()?)
}

/// Returns the candidates that are similar enough, the most similar first.
pub async fn alike(tx: &mut Tx, stems: &BTreeSet<String>, candidates: &[String]) -> Result<Vec<Similar>> {
    if candidates.is_empty() || stems.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, mut args) = in_list(0, candidates.iter().map(String::as_str));
    let (ours, more) = in_list(args.len(), stems.iter().map(String::as_str));
    args.extend(more);
    let (fillers, more) = in_list(args.len(), FILLERS);
    args.extend(more);
    let sql = format!(
        "SELECT appeal_id, count(*) AS theirs, sum(CASE WHEN term IN ({ours}) THEN 1 ELSE 0 END) AS common \
         FROM search_terms WHERE appeal_id IN ({ids}) AND term NOT IN ({fillers}) GROUP BY appeal_id"
    );
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let mut scores: BTreeMap<String, f64> = BTreeMap::new();
    for row in tx.all(&sql, args).await? {
        let score = similarity::score(stems.len(), size(row.int("theirs")?), size(row.int("common")?));
        if score >= similarity::THRESHOLD {
            scores.insert(row.text("appeal_id")?, score);
        }
    }
    if scores.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, args) = in_list(0, scores.keys().map(String::as_str));
    let sql = format!("SELECT id, number, status, subject, created_at FROM appeals WHERE id IN ({ids})");
    let mut found = Vec::new();
    for row in tx.all(&sql, args).await? {
        found.push(Similar {
            number: row.text("number")?,
            score: scores.get(&row.text("id")?).copied().unwrap_or_default(),
            status: row.word::<Status>("status")?.into(),
            subject: row.text("subject")?,
            created_at: row.time("created_at")?,
        });
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| b.created_at.cmp(&a.created_at)));
    found.truncate(NAMED);
    for similar in &mut found {
        similar.score = similarity::shown(similar.score);
    }
    Ok(found)
}
