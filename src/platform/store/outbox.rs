//! The transactional outbox (N4): messages wait here, from the commit of the change they report, until they are
//! delivered.
//!
//! A message is *pending*, *sending* during an attempt, *delivered* or *failed*. An attempt first claims the message
//! for a limited time, in a separate commit before anything is sent, and afterwards records the outcome. An expired
//! claim belongs to a process that has died: its attempt is recorded as *unknown*, and the message is sent again with
//! the same id.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::db::{Arg, Tx};
use crate::args;
use crate::fault::{Fault, Result};
use appeal_domain::{MessageChannel, NoticeKind};

/// Duration of a claim; renewed during the attempt.
pub const LEASE: SignedDuration = SignedDuration::from_secs(12);
/// The pause after the first failed attempt; each further one is twice as long.
pub const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Maximum pause.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// A message is given up after this time.
pub const GIVE_UP: SignedDuration = SignedDuration::from_hours(72);

/// A message to be delivered.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    pub person_id: &'a str,
    pub appeal_id: Option<&'a str>,
    pub channel: MessageChannel,
    pub kind: NoticeKind,
    /// Address, phone number or URL; `None` for a message in the account.
    pub address: Option<&'a str>,
    pub subject: &'a str,
    pub text: &'a str,
    /// Machine-readable content.
    pub body: Value,
    pub at: Timestamp,
    /// Not worth sending after this time.
    pub expires_at: Option<Timestamp>,
}

/// Adds a message to the outbox; returns its id, which is sent with every attempt. A message in the account counts as
/// delivered immediately.
pub async fn put(tx: &mut Tx, new: &NewMessage<'_>) -> Result<String> {
    let mut ids = put_all(tx, &[(new.clone(), None)]).await?;
    ids.pop().ok_or_else(|| Fault::Internal("no message was written".to_owned()))
}

/// Rows per statement, because engines limit the number of arguments.
const ROWS: usize = 100;

/// Adds several messages to the outbox, each with the index of the message in this list that it delivers outside the
/// account. Returns their ids.
pub async fn put_all(tx: &mut Tx, new: &[(NewMessage<'_>, Option<usize>)]) -> Result<Vec<String>> {
    let ids: Vec<String> = new.iter().map(|_| super::fresh_id()).collect();
    for (rows, own) in new.chunks(ROWS).zip(ids.chunks(ROWS)) {
        let mut args: Vec<Arg> = Vec::with_capacity(rows.len() * 15);
        let mut places = Vec::with_capacity(rows.len());
        for ((message, of), id) in rows.iter().zip(own) {
            let there = message.channel == MessageChannel::Account;
            let first = args.len() + 1;
            args.extend(args![
                id,
                of.and_then(|index| ids.get(index)).map(String::as_str),
                message.person_id,
                message.appeal_id,
                message.channel.as_str(),
                message.kind.as_str(),
                message.address,
                message.subject,
                message.text,
                message.body.to_string(),
                message.at,
                if there { "delivered" } else { "pending" },
                (!there).then_some(message.at),
                message.expires_at,
                there.then_some(message.at),
            ]);
            let row: Vec<String> = (first..=args.len()).map(|n| format!("${n}")).collect();
            places.push(format!("({})", row.join(", ")));
        }
        let sql = format!(
            "INSERT INTO messages (id, notice_id, person_id, appeal_id, channel, kind, address, subject, text, body, \
             created_at, state, next_at, expires_at, delivered_at) VALUES {}",
            places.join(", ")
        );
        tx.run(&sql, args).await?;
    }
    Ok(ids)
}

/// A message claimed by this process for an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub id: String,
    pub channel: MessageChannel,
    pub kind: NoticeKind,
    pub address: String,
    pub subject: String,
    pub text: String,
    /// JSON body.
    pub body: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Number of the attempt, from 1.
    pub attempt: i64,
    pub claimed_at: Timestamp,
    /// The secret for signing webhooks of this person.
    pub push_secret: Option<String>,
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the recipient.
    Delivered(String),
    /// Failed temporarily; `after` is the requested pause.
    Later { detail: String, after: Option<SignedDuration> },
    /// Sent, but it is not known whether it was received.
    Unknown(String),
    /// Failed permanently.
    Refused(String),
}

/// Which messages to claim.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub channel: MessageChannel,
    /// Only one-time codes.
    pub codes: bool,
    /// Addresses with enough attempts running.
    pub without: Vec<String>,
    /// Maximum number of messages, and per address.
    pub limit: usize,
    pub per_address: usize,
}

/// Claims due messages. Those no longer worth sending fail here.
pub async fn claim(tx: &mut Tx, wanted: &Wanted, now: Timestamp) -> Result<Vec<Claimed>> {
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let mut args = args![wanted.channel.as_str(), now, limit];
    let mut sql =
        "SELECT m.id, m.channel, m.kind, m.address, m.subject, m.text, m.body, m.created_at, m.expires_at, \
                   m.state, m.attempts, m.claimed_at, s.push_secret \
                   FROM messages m LEFT JOIN notice_settings s ON s.person_id = m.person_id \
                   WHERE m.state IN ('pending', 'sending') AND m.channel = $1 AND m.next_at <= $2"
            .to_owned();
    if wanted.codes {
        sql.push_str(" AND m.kind = 'code'");
    }
    if !wanted.without.is_empty() {
        let mut places = Vec::new();
        for address in &wanted.without {
            args.push(Arg::from(address));
            places.push(format!("${}", args.len()));
        }
        sql.push_str(&format!(" AND m.address NOT IN ({})", places.join(", ")));
    }
    sql.push_str(" ORDER BY m.next_at LIMIT $3");
    let mut claimed: Vec<Claimed> = Vec::new();
    for row in tx.all(&sql, args).await? {
        let attempts = row.int("attempts")?;
        let message = Claimed {
            id: row.text("id")?,
            channel: wanted.channel,
            kind: row.word("kind")?,
            address: row.text_opt("address")?.unwrap_or_default(),
            subject: row.text("subject")?,
            text: row.text("text")?,
            body: row.text("body")?,
            created_at: row.time("created_at")?,
            expires_at: row.time_opt("expires_at")?,
            attempt: attempts + 1,
            claimed_at: now,
            push_secret: row.text_opt("push_secret")?,
        };
        let of_address = claimed.iter().filter(|c| c.address == message.address).count();
        if of_address >= wanted.per_address {
            continue;
        }
        if row.text("state")? == "sending" {
            let began = row.time_opt("claimed_at")?.unwrap_or(now);
            let detail = "the platform stopped during the attempt";
            put_down(tx, &message.id, attempts, began, "unknown", detail, false).await?;
        }
        if let Some(reason) = hopeless(&message, now) {
            fail(tx, &message.id, attempts + 1, now, reason).await?;
            continue;
        }
        tx.run(
            "UPDATE messages SET state = 'sending', attempts = $1, claimed_at = $2, next_at = $3 WHERE id = $4",
            args![message.attempt, now, later(now, LEASE), &message.id],
        )
        .await?;
        claimed.push(message);
    }
    Ok(claimed)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Returns why a message is not worth an attempt.
fn hopeless(message: &Claimed, now: Timestamp) -> Option<&'static str> {
    if message.expires_at.is_some_and(|at| at <= now) {
        return Some("expired before it could be delivered");
    }
    (later(message.created_at, GIVE_UP) <= now)
        .then_some("given up: it could not be delivered for three days")
}

async fn fail(tx: &mut Tx, id: &str, attempt: i64, now: Timestamp, reason: &str) -> Result<()> {
    put_down(tx, id, attempt, now, "failed", reason, true).await?;
    tx.run(
        "UPDATE messages SET state = 'failed', attempts = $1, next_at = NULL, claimed_at = NULL WHERE id = $2",
        args![attempt, id],
    )
    .await?;
    Ok(())
}

/// Records the outcome of an attempt. A result that arrives late replaces *unknown*.
async fn put_down(
    tx: &mut Tx,
    id: &str,
    attempt: i64,
    at: Timestamp,
    outcome: &str,
    detail: &str,
    known: bool,
) -> Result<()> {
    let mut sql =
        "INSERT INTO deliveries (message_id, attempt, at, outcome, detail) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (message_id, attempt) DO "
            .to_owned();
    sql.push_str(if known {
        "UPDATE SET outcome = excluded.outcome, detail = excluded.detail"
    } else {
        "NOTHING"
    });
    let detail: String = detail.chars().take(500).collect();
    tx.run(&sql, args![id, attempt, at, outcome, detail]).await?;
    Ok(())
}

/// Renews the claim of a running attempt. Returns false if another process has the message by now.
pub async fn renew(tx: &mut Tx, id: &str, attempt: i64, now: Timestamp) -> Result<bool> {
    let renewed = tx
        .run(
            "UPDATE messages SET next_at = $1 WHERE id = $2 AND state = 'sending' AND attempts = $3",
            args![later(now, LEASE), id, attempt],
        )
        .await?;
    Ok(renewed > 0)
}

/// Returns the pause after this attempt: doubles each time, and is varied by `jitter`, from 0 to 1, by up to a quarter
/// in either direction.
pub fn pause(attempt: i64, jitter: f64) -> SignedDuration {
    let doublings = u32::try_from((attempt - 1).clamp(0, 20)).unwrap_or(20);
    let plain = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
    SignedDuration::from_millis((plain.as_millis() as f64 * (0.75 + 0.5 * jitter.clamp(0.0, 1.0))) as i64)
}

/// Records the outcome of an attempt, and the time of the next one.
pub async fn record(
    tx: &mut Tx,
    made: &Claimed,
    outcome: &Outcome,
    now: Timestamp,
    jitter: f64,
) -> Result<()> {
    let (word, detail) = match outcome {
        Outcome::Delivered(detail) => ("delivered", detail),
        Outcome::Later { detail, .. } | Outcome::Refused(detail) => ("failed", detail),
        Outcome::Unknown(detail) => ("unknown", detail),
    };
    put_down(tx, &made.id, made.attempt, made.claimed_at, word, detail, true).await?;
    let wait = match outcome {
        Outcome::Delivered(_) => {
            // It was delivered, even if another process has claimed it by now.
            tx.run(
                "UPDATE messages SET state = 'delivered', delivered_at = $1, next_at = NULL, claimed_at = NULL \
                 WHERE id = $2 AND (state = 'pending' OR state = 'failed' OR (state = 'sending' AND attempts = $3))",
                args![now, &made.id, made.attempt],
            )
            .await?;
            return Ok(());
        }
        Outcome::Refused(_) => None,
        Outcome::Later { after, .. } => {
            let own = pause(made.attempt, jitter);
            Some(after.map_or(own, |asked| asked.max(own).min(LONGEST_PAUSE)))
        }
        Outcome::Unknown(_) => Some(pause(made.attempt, jitter)),
    };
    let next = wait.map(|wait| later(now, wait)).filter(|next| {
        made.expires_at.is_none_or(|at| *next < at) && *next < later(made.created_at, GIVE_UP)
    });
    tx.run(
        "UPDATE messages SET state = $1, next_at = $2, claimed_at = NULL \
         WHERE id = $3 AND state = 'sending' AND attempts = $4",
        args![if next.is_some() { "pending" } else { "failed" }, next, &made.id, made.attempt],
    )
    .await?;
    if let (MessageChannel::Push, Some(next)) = (made.channel, next) {
        // Delays the other messages for a webhook that does not respond.
        tx.run(
            "UPDATE messages SET next_at = $1 \
             WHERE state IN ('pending', 'sending') AND state = 'pending' AND channel = 'push' AND address = $2 \
             AND next_at < $1",
            args![next, &made.address],
        )
        .await?;
    }
    Ok(())
}

/// Returns when the next message of a channel is due; `None` if none is waiting.
pub async fn next_due(tx: &mut Tx, channel: MessageChannel) -> Result<Option<Timestamp>> {
    let row = tx
        .one(
            "SELECT min(next_at) AS next FROM messages WHERE state IN ('pending', 'sending') AND channel = $1",
            args![channel.as_str()],
        )
        .await?;
    Ok(row.time_opt("next")?)
}

/// Returns whether a one-time code is waiting to be sent.
pub async fn codes_wait(tx: &mut Tx, now: Timestamp) -> Result<bool> {
    let row = tx
        .first(
            "SELECT 1 AS n FROM messages WHERE state = 'pending' AND kind = 'code' AND next_at <= $1 LIMIT 1",
            args![now],
        )
        .await?;
    Ok(row.is_some())
}

/// Fails messages that wait for a gateway that is not configured.
pub async fn give_up(tx: &mut Tx, channel: MessageChannel, now: Timestamp) -> Result<()> {
    let old = now.checked_sub(GIVE_UP).unwrap_or(Timestamp::MIN);
    let rows = tx
        .all(
            "SELECT id, attempts FROM messages WHERE state IN ('pending', 'sending') AND channel = $1 \
             AND next_at <= $2 AND (created_at <= $3 OR expires_at <= $2) LIMIT 1000",
            args![channel.as_str(), now, old],
        )
        .await?;
    for row in rows {
        let reason = "the platform has no gateway for this channel";
        fail(tx, &row.text("id")?, row.int("attempts")? + 1, now, reason).await?;
    }
    Ok(())
}
