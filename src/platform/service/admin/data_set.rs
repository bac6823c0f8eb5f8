//! The interface of each kind of the platform's own data, and the common code of all kinds. Records are JSON
//! objects that are merged and normalized, so that loading what was listed changes nothing.

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

/// A field: its name, whether a new record requires it, and a check of its value.
pub type Field = (&'static str, bool, fn(&Value) -> std::result::Result<(), String>);

/// A step within a transaction.
pub type Step<'t, T = ()> = BoxFuture<'t, Result<T>>;

/// A kind of data.
pub trait DataSet: Sync {
    /// Returns the name of the key field.
    fn key(&self) -> &'static str;

    /// Returns the fields of a record.
    fn fields(&self) -> &'static [Field];

    /// Normalizes a record: every field of its type, in the order of the type.
    fn normal(&self, map: &Map) -> std::result::Result<Map, String>;

    /// Returns all records, in list order.
    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>>;

    /// Returns some of the records, in list order.
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

    /// Returns the records in a given value; one document may contain several.
    fn expand(&self, value: &Value) -> Vec<Value> {
        vec![value.clone()]
    }

    /// Converts given values to the form that is stored.
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

    /// Checks the records against each other, against existing records, and against the platform.
    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t>;

    /// Stores the records.
    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t>;

    /// Returns the key of a record.
    fn key_in<'m>(&self, map: &'m Map) -> Option<&'m str> {
        map.get(self.key()).and_then(Value::as_str)
    }
}

/// Records loaded together.
pub struct Batch<'a> {
    pub ctx: &'a Ctx,
    pub candidates: &'a [Candidate],
    /// Keys of the records to remove.
    pub removed: &'a [String],
    pub hashes: &'a Hashes,
}

/// A record to load.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Position in the file and key, for findings: `2 (ivanova)`.
    pub at: String,
    /// The key.
    pub key: String,
    /// The existing record.
    pub before: Option<Map>,
    /// The record after loading.
    pub after: Map,
    /// The fields that differ.
    pub fields: Vec<String>,
}

impl Candidate {
    /// Returns the effect of loading.
    pub fn change(&self) -> LoadChange {
        match (&self.before, self.fields.is_empty()) {
            (None, _) => LoadChange::Added,
            (Some(_), true) => LoadChange::Unchanged,
            (Some(_), false) => LoadChange::Changed,
        }
    }
}

/// Hashes of passwords that came with people, by login; computed outside the transaction, because that takes time.
/// `None` if the password is unchanged.
pub type Hashes = BTreeMap<String, Option<String>>;

/// Checks that a value can be parsed as this type.
pub fn fits<T: DeserializeOwned>(value: &Value) -> std::result::Result<(), String> {
    serde_json::from_value::<T>(value.clone()).map(drop).map_err(|e| e.to_string())
}

/// Checks that a value is an object, whose fields are checked later.
pub fn object(value: &Value) -> std::result::Result<(), String> {
    if value.is_object() { Ok(()) } else { fits::<Map>(value) }
}

/// Parses a record as its type and serializes it again.
pub fn through<T: Serialize + DeserializeOwned>(map: &Map) -> std::result::Result<Map, String> {
    let record: T = serde_json::from_value(Value::Object(map.clone())).map_err(|e| e.to_string())?;
    as_map(&record).map_err(|e| e.to_string())
}

/// Parses a record as its type.
pub fn typed<T: DeserializeOwned>(map: &Map) -> Result<T> {
    serde_json::from_value(Value::Object(map.clone())).map_err(|e| Fault::Internal(e.to_string()))
}

/// Serializes a typed record to an object.
pub fn as_map(record: &impl Serialize) -> Result<Map> {
    match serde_json::to_value(record) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Fault::Internal("a record is not an object".to_owned())),
        Err(error) => Err(Fault::Internal(error.to_string())),
    }
}

/// Serializes to JSON text.
pub fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))
}

/// Reports titles without one of the languages.
pub fn check_titles(at: &str, field: &str, titles: &Titles, findings: &mut Vec<Finding>) {
    for (lang, text) in [("en", &titles.en), ("ru", &titles.ru)] {
        if text.trim().is_empty() {
            findings.push(Finding::error("admin-empty", format!("{field}.{lang}")).at(at));
        }
    }
}

/// Reports an invalid code: codes are lower-case Latin words, separated by dots if `dots`.
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
