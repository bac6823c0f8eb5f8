//! What a kind of the platform's own data has to say of itself, and what the six kinds share: records are JSON objects
//! that are laid over one another and brought into one form, so that what is listed can be loaded and changes nothing.

use std::collections::BTreeMap;

use futures_util::future::{BoxFuture, ready};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::store::admin_people::Which;
use crate::store::db::Tx;
use appeal_api::Titles;
use appeal_domain::{Finding, LoadChange};

/// A record.
pub type Map = serde_json::Map<String, Value>;

/// A field: its name, whether a new record needs it, and whether a value fits.
pub type Field = (&'static str, bool, fn(&Value) -> std::result::Result<(), String>);

/// A step on a transaction.
pub type Step<'t, T = ()> = BoxFuture<'t, Result<T>>;

/// A kind of data.
pub trait DataSet: Sync {
    /// The field that is the key.
    fn key(&self) -> &'static str;

    /// The fields of a record.
    fn fields(&self) -> &'static [Field];

    /// The one form of a record: every field that its type has, in the order of the type.
    fn normal(&self, map: &Map) -> std::result::Result<Map, String>;

    /// Every record, in the order in which they are listed.
    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>>;

    /// Some of the records, in that order.
    fn fetch<'t>(&'t self, tx: &'t mut Tx, which: Which<'t>) -> Step<'t, Vec<Map>> {
        Box::pin(async move {
            let all = self.all(tx).await?;
            Ok(match which {
                Which::All => all,
                Which::Keys(keys) => all
                    .into_iter()
                    .filter(|map| keys.iter().any(|key| self.key_in(map) == Some(key.as_str())))
                    .collect(),
                Which::After(after, limit) => {
                    let start = match after {
                        Some(after) => all
                            .iter()
                            .position(|map| self.key_in(map) == Some(after))
                            .map_or(all.len(), |at| at + 1),
                        None => 0,
                    };
                    all.into_iter().skip(start).take(limit).collect()
                }
            })
        })
    }

    /// The records that a given value stands for: one document may hold several.
    fn expand(&self, value: &Value) -> Vec<Value> {
        vec![value.clone()]
    }

    /// Brings what was given into the form that is kept.
    fn tidy<'t>(
        &'t self,
        _tx: &'t mut Tx,
        _at: &'t str,
        _given: &'t mut Map,
        _before: Option<&'t Map>,
        _findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        Box::pin(ready(Ok(())))
    }

    /// What the records say against one another, against the others, and against the platform.
    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t>;

    /// Writes the records.
    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t>;

    /// The key of a record.
    fn key_in<'m>(&self, map: &'m Map) -> Option<&'m str> {
        map.get(self.key()).and_then(Value::as_str)
    }
}

/// What is loaded at once.
pub struct Batch<'a> {
    pub ctx: &'a Ctx,
    pub candidates: &'a [Candidate],
    /// Keys of the records that go.
    pub removed: &'a [String],
    pub hashes: &'a Hashes,
}

/// A record on its way in.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its place in the file with its key, for findings: `2 (ivanova)`.
    pub at: String,
    /// Its key.
    pub key: String,
    /// What is there.
    pub before: Option<Map>,
    /// What will be.
    pub after: Map,
    /// The fields in which they differ.
    pub fields: Vec<String>,
}

impl Candidate {
    /// What loading does to it.
    pub fn change(&self) -> LoadChange {
        match (&self.before, self.fields.is_empty()) {
            (None, _) => LoadChange::Added,
            (Some(_), true) => LoadChange::Unchanged,
            (Some(_), false) => LoadChange::Changed,
        }
    }
}

/// Hashes of the passwords that came with people, by login: made outside, since it takes time. None where the password
/// is the one they have.
pub type Hashes = BTreeMap<String, Option<String>>;

/// Whether a value can be read as this type.
pub fn fits<T: DeserializeOwned>(value: &Value) -> std::result::Result<(), String> {
    serde_json::from_value::<T>(value.clone()).map(drop).map_err(|e| e.to_string())
}

/// Whether a value is an object, whose fields are looked at later.
pub fn object(value: &Value) -> std::result::Result<(), String> {
    if value.is_object() { Ok(()) } else { fits::<Map>(value) }
}

/// A record read as its type and written again.
pub fn through<T: Serialize + DeserializeOwned>(map: &Map) -> std::result::Result<Map, String> {
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
