//! Participants (C3): the people an appeal is shared with.

use jiff::Timestamp;

use super::db::Tx;
use crate::args;
use crate::fault::Result;
use appeal_api::Share;
use appeal_domain::ParticipantRole;

/// Returns the role of a person, if they are a participant.
pub async fn role(tx: &mut Tx, appeal_id: &str, person_id: &str) -> Result<Option<ParticipantRole>> {
    let row = tx
        .first(
            "SELECT role FROM participants WHERE appeal_id = $1 AND person_id = $2",
            args![appeal_id, person_id],
        )
        .await?;
    Ok(row.map(|r| r.word("role")).transpose()?)
}

/// Returns the participants, ordered by login.
pub async fn of(tx: &mut Tx, appeal_id: &str) -> Result<Vec<Share>> {
    tx.all(
        "SELECT p.login, p.name, q.role, q.added_at, q.added_by FROM participants q \
         JOIN people p ON p.id = q.person_id WHERE q.appeal_id = $1 ORDER BY p.login",
        args![appeal_id],
    )
    .await?
    .iter()
    .map(|r| {
        Ok(Share {
            login: r.text("login")?,
            name: r.text("name")?,
            role: r.word::<ParticipantRole>("role")?.into(),
            added_at: r.time_opt("added_at")?,
            added_by: r.text_opt("added_by")?,
        })
    })
    .collect()
}

/// Returns the number of participants.
pub async fn count(tx: &mut Tx, appeal_id: &str) -> Result<i64> {
    let row = tx.one("SELECT count(*) AS n FROM participants WHERE appeal_id = $1", args![appeal_id]).await?;
    Ok(row.int("n")?)
}

/// Adds a person, or changes their role.
pub async fn put(
    tx: &mut Tx,
    appeal_id: &str,
    person_id: &str,
    role: ParticipantRole,
    (at, by): (Timestamp, &str),
) -> Result<()> {
    tx.run(
        "INSERT INTO participants (appeal_id, person_id, role, added_at, added_by) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (appeal_id, person_id) DO UPDATE SET role = excluded.role, added_at = excluded.added_at, \
         added_by = excluded.added_by",
        args![appeal_id, person_id, role.as_str(), at, by],
    )
    .await?;
    Ok(())
}

/// Removes a person.
pub async fn remove(tx: &mut Tx, appeal_id: &str, person_id: &str) -> Result<()> {
    tx.run("DELETE FROM participants WHERE appeal_id = $1 AND person_id = $2", args![appeal_id, person_id])
        .await?;
    Ok(())
}

/// Copies the participants of another appeal; returns their logins and roles.
pub async fn carry_over(tx: &mut Tx, from: &str, to: &str, at: Timestamp) -> Result<Vec<Share>> {
    tx.run(
        "INSERT INTO participants (appeal_id, person_id, role, added_at, added_by) \
         SELECT $1, person_id, role, $2, added_by FROM participants WHERE appeal_id = $3",
        args![to, at, from],
    )
    .await?;
    of(tx, to).await
}
