//! Changes in the order of their commits: the writer appends them in the transaction of the change itself, where
//! positions are handed out one after another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::db::{Arg, Row, Tx};
use super::{meta, visibility};
use crate::args;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use appeal_api::{Change, code};
use appeal_domain::{Event, Status};
use appeal_i18n::Lang;

/// A change to announce.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    pub appeal_id: &'a str,
    pub at: Timestamp,
    pub event: Event,
    /// The status after it.
    pub status: Status,
    /// Login of who did it, or `platform`.
    pub actor: &'a str,
    /// Values for the words: an object of texts and numbers.
    pub detail: Value,
    /// Only for the authority's people.
    pub internal: bool,
}

/// Appends a change; gives its position.
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

/// The database's epoch: it is in every cursor, so that one from before a restore is recognised.
pub async fn epoch(tx: &mut Tx) -> Result<String> {
    meta::get(tx, meta::EPOCH).await?.ok_or_else(|| Fault::Internal("the database has no epoch".to_owned()))
}

/// The position of the newest change ever announced, 0 before the first.
pub async fn newest(tx: &mut Tx) -> Result<i64> {
    // The sequence and not the greatest row: a discarded draft takes its changes with it.
    let row = tx.first("SELECT seq AS newest FROM sqlite_sequence WHERE name = 'events'", Vec::new()).await?;
    Ok(row.map_or(Ok(0), |r| r.int("newest"))?)
}

/// The position after which the changes since this time are.
pub async fn position_before(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let row = tx.one("SELECT min(position) AS first FROM events WHERE at >= $1", args![since]).await?;
    match row.int_opt("first")? {
        Some(first) => Ok(first - 1),
        None => newest(tx).await,
    }
}

/// The text of a cursor. Nothing but [`position_of`] may look inside.
pub fn cursor(epoch: &str, position: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{epoch}.{position}"))
}

/// The position that a cursor stands for.
///
/// # Errors
/// 400 `bad_cursor` for a text this platform never gave, 410 `cursor_gone` for one from before a restore.
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
    /// Those after this position.
    pub after: i64,
    /// Ids of the appeals; all visible ones for none.
    pub appeals: Option<&'a [String]>,
    /// Most changes of one page.
    pub limit: u32,
}

/// A page of the stream.
#[derive(Debug, Clone)]
pub struct EventPage {
    pub changes: Vec<Change>,
    /// Where to go on: the last change seen, shown or not.
    pub position: i64,
    /// There is more right now.
    pub more: bool,
}

/// Changes that the caller may see, in the order of their commits.
pub async fn page(tx: &mut Tx, caller: &Caller, lang: Lang, wanted: &Wanted<'_>) -> Result<EventPage> {
    let newest = newest(tx).await?;
    let mut args: Vec<Arg> = args![wanted.after, newest];
    let visible = visibility::condition(caller, "a", &mut args);
    let authority = visibility::authority(caller, "a", &mut args);
    // What happened to a draft concerns who wrote it alone, after it was sent too.
    args.push(Arg::from(&caller.person_id));
    let writer = args.len();
    let mut sql = format!(
        "SELECT e.position, e.at, a.number, e.event, e.status, e.actor, e.detail \
         FROM events e JOIN appeals a ON a.id = e.appeal_id \
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
    Ok(Change {
        cursor: cursor(epoch, row.int("position")?),
        at: row.time("at")?,
        number: row.text("number")?,
        summary: summary(lang, &event, status, &actor, &detail),
        event,
        status: status.into(),
        actor,
    })
}

/// One line for people: the words of the event with its values, or the event's name and status where it has none.
pub fn summary(lang: Lang, event: &str, status: Status, actor: &str, detail: &Value) -> String {
    let id = format!("event-{}", event.replace('_', "-"));
    let values = values(lang, status, actor, detail);
    let args: Vec<(&str, &str)> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let line = appeal_i18n::t(lang, &id, &args);
    // Words whose values this event did not bring say nothing.
    if line == id || line.contains("{$") {
        format!("{event}: {}", appeal_i18n::status_label(lang, status))
    } else {
        line
    }
}

/// The values of an event in the reader's language.
pub fn values<'a>(lang: Lang, status: Status, actor: &str, detail: &'a Value) -> Vec<(&'a str, String)> {
    let mut values: Vec<(&str, String)> =
        vec![("status", appeal_i18n::status_label(lang, status).to_owned()), ("actor", actor.to_owned())];
    if let Value::Object(map) = detail {
        for (name, value) in map {
            let text = match value {
                Value::String(text) => word(lang, name, text),
                Value::Null => continue,
                other => other.to_string(),
            };
            values.push((name, text));
        }
    }
    values
}

/// A word of a vocabulary in the reader's language; any other text as it is.
fn word(lang: Lang, name: &str, text: &str) -> String {
    match name {
        "role" => appeal_i18n::label(lang, "participant role", text),
        "level" | "decision" | "kind" | "priority" | "channel" => appeal_i18n::label(lang, name, text),
        "from" | "to" | "status" => match text.parse::<Status>() {
            Ok(status) => appeal_i18n::status_label(lang, status).to_owned(),
            Err(_) => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}
