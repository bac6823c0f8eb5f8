//! Communication about an appeal: comments, clarification requests, official answers, escalations.

use jiff::Timestamp;

use super::db::Tx;
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_domain::*;

/// Adds a comment; returns its id.
pub async fn add_comment(
    tx: &mut Tx,
    appeal_id: &str,
    author: &str,
    text: &str,
    at: Timestamp,
    internal: bool,
) -> Result<String> {
    let id = fresh_id();
    tx.run(
        "INSERT INTO comments (id, appeal_id, author, text, at, internal) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&id, appeal_id, author, text, at, internal],
    )
    .await?;
    Ok(id)
}

/// Marks a comment as the reply to this clarification request.
pub async fn answers(tx: &mut Tx, comment_id: &str, clarification_id: &str) -> Result<()> {
    tx.run("UPDATE comments SET reply_to = $1 WHERE id = $2", args![clarification_id, comment_id]).await?;
    Ok(())
}

/// A clarification request to add.
pub struct NewClarification<'a> {
    pub appeal_id: &'a str,
    pub question: &'a str,
    pub needs: &'a [String],
    pub asked_at: Timestamp,
    pub asked_by: &'a str,
    pub due_at: Timestamp,
}

/// Opens a clarification request; returns its id.
pub async fn ask(tx: &mut Tx, new: &NewClarification<'_>) -> Result<String> {
    let id = fresh_id();
    let needs = serde_json::to_string(new.needs).map_err(|e| Fault::Internal(e.to_string()))?;
    tx.run(
        "INSERT INTO clarifications (id, appeal_id, question, needs, asked_at, asked_by, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![&id, new.appeal_id, new.question, needs, new.asked_at, new.asked_by, new.due_at],
    )
    .await?;
    Ok(id)
}

/// Returns the due date of the reply to the open clarification request.
pub async fn reply_due(tx: &mut Tx, appeal_id: &str) -> Result<Option<Timestamp>> {
    let row = tx
        .first("SELECT due_at FROM clarifications WHERE appeal_id = $1 AND ended IS NULL", args![appeal_id])
        .await?;
    Ok(row.map(|r| r.time_opt("due_at")).transpose()?.flatten())
}

/// Ends the open clarification request: `replied`, `expired` or `dropped`. Returns its id.
pub async fn end_clarification(
    tx: &mut Tx,
    appeal_id: &str,
    ended: &str,
    at: Timestamp,
) -> Result<Option<String>> {
    let row = tx
        .first(
            "UPDATE clarifications SET ended = $1, ended_at = $2 WHERE appeal_id = $3 AND ended IS NULL RETURNING id",
            args![ended, at, appeal_id],
        )
        .await?;
    Ok(row.map(|r| r.text("id")).transpose()?)
}

/// Adds an official answer; returns its id.
pub async fn add_answer(
    tx: &mut Tx,
    appeal_id: &str,
    decision: Decision,
    text: &str,
    signed_by: &str,
    at: Timestamp,
) -> Result<String> {
    let id = fresh_id();
    tx.run(
        "INSERT INTO answers (id, appeal_id, decision, text, signed_by, at) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&id, appeal_id, decision.as_str(), text, signed_by, at],
    )
    .await?;
    Ok(id)
}

/// Returns the latest official answer: decision and text.
pub async fn last_answer(tx: &mut Tx, appeal_id: &str) -> Result<Option<(Decision, String)>> {
    let row = tx
        .first(
            "SELECT decision, text FROM answers WHERE appeal_id = $1 ORDER BY at DESC, id DESC LIMIT 1",
            args![appeal_id],
        )
        .await?;
    row.map(|r| Ok((r.word("decision")?, r.text("text")?))).transpose()
}

/// Returns the id of the latest official answer.
pub async fn last_answer_id(tx: &mut Tx, appeal_id: &str) -> Result<Option<String>> {
    let row = tx
        .first(
            "SELECT id FROM answers WHERE appeal_id = $1 ORDER BY at DESC, id DESC LIMIT 1",
            args![appeal_id],
        )
        .await?;
    Ok(row.map(|r| r.text("id")).transpose()?)
}

/// A stored escalation.
#[derive(Debug, Clone)]
pub struct EscalationRow {
    pub id: String,
    pub level: Level,
    pub grounds: EscalationGrounds,
    pub reason: String,
    pub state: EscalationState,
    pub due_at: Option<Timestamp>,
    /// Code of the reviewing department.
    pub department: Option<String>,
    /// Whether it was made while quality control was the highest level.
    pub quality_last: bool,
}

/// Returns all escalations of an appeal, oldest first.
pub async fn escalations(tx: &mut Tx, appeal_id: &str) -> Result<Vec<EscalationRow>> {
    tx.all(
        "SELECT id, level, grounds, reason, state, due_at, department, quality_last FROM escalations \
         WHERE appeal_id = $1 ORDER BY at, id",
        args![appeal_id],
    )
    .await?
    .iter()
    .map(|r| {
        Ok(EscalationRow {
            id: r.text("id")?,
            level: r.word("level")?,
            grounds: r.word("grounds")?,
            reason: r.text("reason")?,
            state: r.word("state")?,
            due_at: r.time_opt("due_at")?,
            department: r.text_opt("department")?,
            quality_last: r.flag("quality_last")?,
        })
    })
    .collect()
}

/// Adds a pending escalation.
pub async fn add_escalation(tx: &mut Tx, appeal_id: &str, row: &EscalationRow, at: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO escalations \
         (id, appeal_id, level, grounds, reason, state, at, due_at, department, quality_last) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &row.id,
            appeal_id,
            row.level.as_str(),
            row.grounds.as_str(),
            &row.reason,
            row.state.as_str(),
            at,
            row.due_at,
            row.department.as_deref(),
            row.quality_last,
        ],
    )
    .await?;
    Ok(())
}

/// Changes the due date of the pending escalation.
pub async fn move_escalation(tx: &mut Tx, appeal_id: &str, due_at: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE escalations SET due_at = $1 WHERE appeal_id = $2 AND state = 'pending'",
        args![due_at, appeal_id],
    )
    .await?;
    Ok(())
}

/// Ends the pending escalation, with an outcome if there was a decision.
pub async fn end_escalation(
    tx: &mut Tx,
    appeal_id: &str,
    state: EscalationState,
    outcome: Option<(&str, &str)>,
    at: Timestamp,
) -> Result<()> {
    tx.run(
        "UPDATE escalations SET state = $1, outcome_text = $2, outcome_by = $3, outcome_at = $4 \
         WHERE appeal_id = $5 AND state = 'pending'",
        args![state.as_str(), outcome.map(|o| o.0), outcome.map(|o| o.1), outcome.map(|_| at), appeal_id],
    )
    .await?;
    Ok(())
}

/// Returns ids of appeals whose clarification request was not answered in time, the longest overdue first.
pub async fn overdue_replies(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<String>> {
    let sql =
        "SELECT appeal_id FROM clarifications WHERE ended IS NULL AND due_at < $1 ORDER BY due_at LIMIT $2";
    let rows = tx.all(sql, args![now, limit]).await?;
    rows.iter().map(|row| Ok(row.text("appeal_id")?)).collect()
}

/// Returns whether an appeal has an open clarification request that is overdue.
pub async fn is_reply_overdue(tx: &mut Tx, appeal_id: &str, now: Timestamp) -> Result<bool> {
    let sql = "SELECT 1 AS n FROM clarifications WHERE appeal_id = $1 AND ended IS NULL AND due_at < $2";
    Ok(tx.first(sql, args![appeal_id, now]).await?.is_some())
}

/// Returns the levels to which an appeal was ever escalated.
pub async fn levels(tx: &mut Tx, appeal_id: &str) -> Result<Vec<Level>> {
    let rows =
        tx.all("SELECT DISTINCT level FROM escalations WHERE appeal_id = $1", args![appeal_id]).await?;
    rows.iter().map(|row| Ok(row.word("level")?)).collect()
}
