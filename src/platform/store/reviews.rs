//! Reviews of decisions and their revisions (D3): at most one for each official answer.

use jiff::Timestamp;

use super::db::Tx;
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_domain::{ReviewCategory, ReviewState};

/// A review to store.
pub struct NewReview<'a> {
    pub appeal_id: &'a str,
    /// The reviewed official answer.
    pub decision_id: Option<&'a str>,
    pub score: u8,
    pub category: Option<ReviewCategory>,
    pub remarks: Option<&'a str>,
    pub at: Timestamp,
}

/// A stored review.
#[derive(Debug, Clone)]
pub struct ReviewRow {
    pub id: String,
    pub decision_id: Option<String>,
    pub score: u8,
    pub category: Option<ReviewCategory>,
    pub remarks: Option<String>,
    pub state: ReviewState,
    pub changes: Option<String>,
}

/// Returns the latest review of an appeal.
pub async fn latest(tx: &mut Tx, appeal_id: &str) -> Result<Option<ReviewRow>> {
    let row = tx
        .first(
            "SELECT id, decision_id, score, category, remarks, state, changes FROM reviews WHERE appeal_id = $1 \
             ORDER BY at DESC, id DESC LIMIT 1",
            args![appeal_id],
        )
        .await?;
    row.map(|r| {
        Ok(ReviewRow {
            id: r.text("id")?,
            decision_id: r.text_opt("decision_id")?,
            score: u8::try_from(r.int("score")?).map_err(|e| Fault::Internal(e.to_string()))?,
            category: r.word_opt("category")?,
            remarks: r.text_opt("remarks")?,
            state: r.word("state")?,
            changes: r.text_opt("changes")?,
        })
    })
    .transpose()
}

/// Returns whether the appeal has a review.
pub async fn exists(tx: &mut Tx, appeal_id: &str) -> Result<bool> {
    let row = tx.first("SELECT 1 AS n FROM reviews WHERE appeal_id = $1", args![appeal_id]).await?;
    Ok(row.is_some())
}

/// Stores a review; returns its id.
pub async fn add(tx: &mut Tx, new: &NewReview<'_>) -> Result<String> {
    let id = fresh_id();
    tx.run(
        "INSERT INTO reviews (id, appeal_id, decision_id, score, category, remarks, state, at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)",
        args![
            &id,
            new.appeal_id,
            new.decision_id,
            i64::from(new.score),
            new.category.map(ReviewCategory::as_str),
            new.remarks,
            new.at,
        ],
    )
    .await?;
    Ok(id)
}

/// Marks a review as being in revision.
pub async fn take(tx: &mut Tx, id: &str, (at, by): (Timestamp, &str)) -> Result<()> {
    tx.run(
        "UPDATE reviews SET state = 'in_revision', taken_at = $1, taken_by = $2 WHERE id = $3",
        args![at, by, id],
    )
    .await?;
    Ok(())
}

/// Marks a revision as completed, with what was changed.
pub async fn complete(tx: &mut Tx, id: &str, changes: &str, (at, by): (Timestamp, &str)) -> Result<()> {
    tx.run(
        "UPDATE reviews SET state = 'completed', changes = $1, revised_at = $2, revised_by = $3, \
         taken_at = coalesce(taken_at, $2), taken_by = coalesce(taken_by, $3) WHERE id = $4",
        args![changes, at, by, id],
    )
    .await?;
    Ok(())
}
