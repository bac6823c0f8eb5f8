//! Records of every kind as JSON objects: which fields they have, how they are read from the database, laid over one
//! another and brought into one form, so that what is listed can be loaded and changes nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{calendar, categories, departments, people, policies, templates};
use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use appeal_api::*;
use appeal_domain::*;

/// A record.
pub type Map = serde_json::Map<String, Value>;

/// A field: its name, whether a new record needs it, and whether a value fits.
pub type Field = (&'static str, bool, fn(&Value) -> std::result::Result<(), String>);

/// Whether a value can be read as this type.
pub fn fits<T: DeserializeOwned>(value: &Value) -> std::result::Result<(), String> {
    serde_json::from_value::<T>(value.clone()).map(drop).map_err(|e| e.to_string())
}

/// Whether a value is an object, whose fields are looked at later.
pub fn object(value: &Value) -> std::result::Result<(), String> {
    if value.is_object() { Ok(()) } else { fits::<Map>(value) }
}

/// The field that is the key.
pub fn key_of(kind: DataKind) -> &'static str {
    match kind {
        DataKind::People => "login",
        DataKind::Departments | DataKind::Categories => "code",
        DataKind::Templates => "id",
        DataKind::Calendar | DataKind::Policies => "name",
    }
}

/// The fields of a kind.
pub fn fields(kind: DataKind) -> &'static [Field] {
    match kind {
        DataKind::People => people::FIELDS,
        DataKind::Departments => departments::FIELDS,
        DataKind::Categories => categories::FIELDS,
        DataKind::Templates => templates::FIELDS,
        DataKind::Calendar => calendar::FIELDS,
        DataKind::Policies => policies::FIELDS,
    }
}

/// Which records are read.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those with these keys.
    Keys(&'a [String]),
    /// So many after this key or place; see [`page`].
    After(Option<&'a str>, usize),
    /// Every one.
    All,
}

/// The records, in the order in which they are listed.
pub async fn fetch(tx: &mut Tx, kind: DataKind, which: Which<'_>) -> Result<Vec<Map>> {
    if kind == DataKind::People {
        return people::fetch(tx, which).await;
    }
    let all = match kind {
        DataKind::People => Vec::new(),
        DataKind::Departments => departments::all(tx).await?,
        DataKind::Categories => categories::all(tx).await?,
        DataKind::Templates => templates::all(tx).await?,
        DataKind::Calendar => calendar::all(tx).await?,
        DataKind::Policies => policies::all(tx).await?,
    };
    let key = |map: &Map| map.get(key_of(kind)).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(match which {
        Which::All => all,
        Which::Keys(keys) => all.into_iter().filter(|m| keys.contains(&key(m))).collect(),
        Which::After(after, limit) => {
            let start = match after {
                Some(after) => all.iter().position(|m| key(m) == after).map_or(all.len(), |at| at + 1),
                None => 0,
            };
            all.into_iter().skip(start).take(limit).collect()
        }
    })
}

/// A page of records and the key to go on from.
pub async fn page(
    tx: &mut Tx,
    kind: DataKind,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Map>, Option<String>)> {
    let mut found = fetch(tx, kind, Which::After(after, limit + 1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().and_then(|m| m.get(key_of(kind))).and_then(Value::as_str).map(str::to_owned);
    Ok((found, next.filter(|_| more)))
}

/// One record.
///
/// # Errors
/// 404.
pub async fn one(tx: &mut Tx, kind: DataKind, key: &str) -> Result<Map> {
    let keys = [key.to_owned()];
    fetch(tx, kind, Which::Keys(&keys)).await?.pop().ok_or_else(|| Fault::not_found(key))
}

/// The one form of a record: every field that its type has, in the order of the type.
pub fn normal(kind: DataKind, map: &Map) -> std::result::Result<Map, String> {
    match kind {
        DataKind::People => through::<PersonRecord>(map),
        DataKind::Departments => through::<DepartmentRecord>(map),
        DataKind::Categories => through::<CategoryRecord>(map),
        DataKind::Templates => through::<Template>(map),
        DataKind::Calendar => through::<CalendarRecord>(map),
        DataKind::Policies => through::<PolicyRecord>(map),
    }
}

fn through<T: Serialize + DeserializeOwned>(map: &Map) -> std::result::Result<Map, String> {
    let record: T = serde_json::from_value(Value::Object(map.clone())).map_err(|e| e.to_string())?;
    as_map(&record).map_err(|e| e.to_string())
}

/// A record as its type.
pub fn typed<T: DeserializeOwned>(map: &Map) -> Result<T> {
    serde_json::from_value(Value::Object(map.clone())).map_err(|e| Fault::Internal(e.to_string()))
}

/// A typed record as an object.
pub fn as_map(record: &impl Serialize) -> Result<Map> {
    match serde_json::to_value(record) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Fault::Internal("a record is not an object".to_owned())),
        Err(error) => Err(Fault::Internal(error.to_string())),
    }
}

/// JSON text.
pub fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))
}

/// Findings about titles that lack a language.
pub fn check_titles(at: &str, field: &str, titles: &Titles, findings: &mut Vec<Finding>) {
    for (lang, text) in [("en", &titles.en), ("ru", &titles.ru)] {
        if text.trim().is_empty() {
            findings.push(Finding::error("admin-empty", format!("{field}.{lang}")).at(at));
        }
    }
}

/// A finding about a code that could not be typed: codes are lower-case Latin words, with dots where `dots`.
pub fn check_code(at: &str, field: &str, code: &str, dots: bool, findings: &mut Vec<Finding>) {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    let fits = if dots { code.split('.').all(part) } else { part(code) };
    if !fits || code.len() > 64 {
        findings.push(Finding::error("admin-code", field).at(at).arg("given", code));
    }
}
