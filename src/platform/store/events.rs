//! Changes in commit order: the writer appends them in the transaction of the change itself, which assigns positions
//! sequentially.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::db::{Arg, Row, Tx};
use super::{meta, visibility};
use crate::args;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use appeal_api::{Change, Department, code};
use appeal_domain::report::HOME_ZONE;
use appeal_domain::{Event, Status, zones};
use appeal_i18n::Lang;

/// A change to publish.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    pub appeal_id: &'a str,
    pub at: Timestamp,
    pub event: Event,
    /// The status after the change.
    pub status: Status,
    /// Login of the actor, or `platform`.
    pub actor: &'a str,
    /// Arguments of the message: an object of texts and numbers.
    pub detail: Value,
    /// Whether it is visible to the authority's staff only.
    pub internal: bool,
}

/// Appends a change; returns its position.
pub async fn append(tx: &mut Tx, event: &NewEvent<'_>) -> Result<i64> {
    let row = tx
        .one(
            "INSERT INTO events (appeal_id, at, event, status, actor, detail, internal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING position",
            args![
                event.appeal_id,
                event.at,
                event.event.as_str(),
                event.status.as_str(),
                event.actor,
                event.detail.to_string(),
                event.internal,
            ],
        )
        .await?;
    Ok(row.int("position")?)
}

/// Returns the epoch of the database. It is part of every cursor, so that a cursor from before a restore is recognised.
pub async fn epoch(tx: &mut Tx) -> Result<String> {
    meta::get(tx, meta::EPOCH).await?.ok_or_else(|| Fault::Internal("the database has no epoch".to_owned()))
}

/// Returns the position of the newest change ever published, 0 before the first.
pub async fn newest(tx: &mut Tx) -> Result<i64> {
    // The sequence rather than the largest row, because discarding a draft deletes its changes.
    let row = tx.first("SELECT seq AS newest FROM sqlite_sequence WHERE name = 'events'", Vec::new()).await?;
    Ok(row.map_or(Ok(0), |r| r.int("newest"))?)
}

/// Returns the position that precedes all changes since this time.
pub async fn position_before(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let row = tx.one("SELECT min(position) AS first FROM events WHERE at >= $1", args![since]).await?;
    match row.int_opt("first")? {
        Some(first) => Ok(first - 1),
        None => newest(tx).await,
    }
}

/// Formats a cursor. Only [`position_of`] may parse it.
pub fn cursor(epoch: &str, position: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{epoch}.{position}"))
}

/// Returns the position of a cursor.
///
/// # Errors
/// 400 `bad_cursor` for a text not issued by this platform, 410 `cursor_gone` for a cursor from before a restore.
pub fn position_of(cursor: &str, epoch: &str, newest: i64) -> Result<i64> {
    let bad = || Fault::from(Fault::refuse(400, code::BAD_CURSOR));
    let bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let (of, position) = text.split_once('.').ok_or_else(bad)?;
    let position: i64 = position.parse().map_err(|_| bad())?;
    if position < 0 || of.is_empty() {
        return Err(bad());
    }
    if of != epoch || position > newest {
        return Err(Fault::refuse(410, code::CURSOR_GONE).into());
    }
    Ok(position)
}

/// Which changes to read.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Only changes after this position.
    pub after: i64,
    /// Ids of appeals; `None` for all visible ones.
    pub appeals: Option<&'a [String]>,
    /// Maximum number of changes in a page.
    pub limit: u32,
}

/// A page of the stream.
#[derive(Debug, Clone)]
pub struct EventPage {
    pub changes: Vec<Change>,
    /// Position to continue from: the last change examined, whether it was included or not.
    pub position: i64,
    /// Whether more changes are available now.
    pub more: bool,
}

/// Returns changes that the caller may see, in commit order.
pub async fn page(tx: &mut Tx, caller: &Caller, lang: Lang, wanted: &Wanted<'_>) -> Result<EventPage> {
    let newest = newest(tx).await?;
    let mut args: Vec<Arg> = args![wanted.after, newest];
    let visible = visibility::condition(caller, "a", &mut args);
    let authority = visibility::authority(caller, "a", &mut args);
    // Changes of a draft are visible to its author only, even after it was submitted.
    args.push(Arg::from(&caller.person_id));
    let writer = args.len();
    let mut sql = format!(
        "SELECT e.position, e.at, a.number, e.event, e.status, e.actor, e.detail, d.body AS department \
         FROM events e JOIN appeals a ON a.id = e.appeal_id LEFT JOIN departments d ON d.code = a.department \
         WHERE e.position > $1 AND e.position <= $2 AND {visible} AND (e.internal = 0 OR {authority}) \
         AND (e.status <> 'draft' OR a.applicant_id = ${writer})"
    );
    if let Some(appeals) = wanted.appeals {
        let places: Vec<String> = appeals
            .iter()
            .map(|id| {
                args.push(Arg::from(id));
                format!("${}", args.len())
            })
            .collect();
        sql.push_str(&format!(" AND e.appeal_id IN ({})", places.join(", ")));
    }
    let limit = i64::from(wanted.limit.max(1));
    args.push(Arg::from(limit + 1));
    sql.push_str(&format!(" ORDER BY e.position LIMIT ${}", args.len()));
    let mut rows = tx.all(&sql, args).await?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    rows.truncate(wanted.limit.max(1) as usize);
    let epoch = epoch(tx).await?;
    let position = match rows.last() {
        Some(last) if more => last.int("position")?,
        _ => newest.max(wanted.after),
    };
    let changes = rows.iter().map(|row| change(row, &epoch, lang)).collect::<Result<_>>()?;
    Ok(EventPage { changes, position, more })
}

fn change(row: &Row, epoch: &str, lang: Lang) -> Result<Change> {
    let event = row.text("event")?;
    let status: Status = row.word("status")?;
    let detail: Value = row.json("detail")?;
    let actor = row.text("actor")?;
    let zone = match row.text_opt("department")? {
        Some(_) => row.json::<Department>("department")?.time_zone,
        None => HOME_ZONE.to_owned(),
    };
    let zone = zones::zone(&zone).map_err(|e| Fault::Internal(e.to_string()))?;
    Ok(Change {
        cursor: cursor(epoch, row.int("position")?),
        at: row.time("at")?,
        number: row.text("number")?,
        summary: summary(lang, &event, status, &actor, &detail, &zone),
        event,
        status: status.into(),
        actor,
    })
}

/// Returns a one-line summary: the message of the event, or its name and status if there is no message.
pub fn summary(
    lang: Lang,
    event: &str,
    status: Status,
    actor: &str,
    detail: &Value,
    zone: &TimeZone,
) -> String {
    let id = format!("event-{}", event.replace('_', "-"));
    let values = values(lang, status, actor, detail, zone);
    let args: Vec<(&str, &str)> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let line = appeal_i18n::t(lang, &id, &args);
    // A message with missing arguments is not usable.
    if line == id || line.contains("{$") {
        format!("{event}: {}", appeal_i18n::status_label(lang, status))
    } else {
        line
    }
}

/// Returns the arguments of an event's message in the reader's language; `zone` is that of the department.
pub fn values<'a>(
    lang: Lang,
    status: Status,
    actor: &str,
    detail: &'a Value,
    zone: &TimeZone,
) -> Vec<(&'a str, String)> {
    let mut values: Vec<(&str, String)> =
        vec![("status", appeal_i18n::status_label(lang, status).to_owned()), ("actor", actor.to_owned())];
    if let Value::Object(map) = detail {
        for (name, value) in map {
            let text = match value {
                Value::String(text) => word(lang, name, text, zone),
                Value::Null => continue,
                other => other.to_string(),
            };
            values.push((name, text));
        }
    }
    values
}

/// Translates a word of a vocabulary and formats a due date; other texts are returned unchanged.
fn word(lang: Lang, name: &str, text: &str, zone: &TimeZone) -> String {
    match name {
        "due_at" => text.parse().map_or_else(|_| text.to_owned(), |at| zones::due_in(at, zone)),
        "role" => appeal_i18n::label(lang, "participant role", text),
        "level" | "decision" | "kind" | "priority" | "channel" => appeal_i18n::label(lang, name, text),
        "from" | "to" | "status" => match text.parse::<Status>() {
            Ok(status) => appeal_i18n::status_label(lang, status).to_owned(),
            Err(_) => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}
