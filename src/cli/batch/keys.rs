//! The key of a row in the journal: its own, or one made of its content.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::index::{self, Index, Kind};
use crate::cli::Failure;

/// Hexadecimal digits of a digest that are kept: 128 bits.
const DIGITS: usize = 32;

/// Gives rows their keys, in the order of the file.
#[derive(Debug)]
pub struct Keys {
    /// How often each content has come, and the rows that have keys of their own.
    index: Index,
}

/// A row's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: String,
    /// The digest of the content.
    pub digest: String,
    /// An earlier row with the same key of its own.
    pub twice: Option<u64>,
}

/// Takes the key that a row brings along out of its values; an empty one is none, wherever another one stands.
pub fn take(values: &mut BTreeMap<String, Value>) -> Option<String> {
    let is_key = |name: &String| {
        matches!(name.trim().to_lowercase().replace('_', "-").as_str(), "key" | "idempotency-key")
    };
    let names: Vec<String> = values.keys().filter(|name| is_key(name)).cloned().collect();
    let given = |value| match value {
        Value::String(key) => Some(key.trim().to_owned()).filter(|key| !key.is_empty()),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    let keys: Vec<String> = names.iter().filter_map(|name| values.remove(name)).filter_map(given).collect();
    keys.into_iter().next()
}

/// The digest of a row's content; the order of its columns does not matter.
pub fn digest(values: &BTreeMap<String, Value>) -> String {
    // Canonical JSON, so that `1.0` and `1`, or keys in another order, are the same.
    let bytes =
        serde_json_canonicalizer::to_vec(values).unwrap_or_else(|_| format!("{values:?}").into_bytes());
    hex::encode(Sha256::digest(&bytes))[..DIGITS].to_owned()
}

/// The digest of a content together with the templates it was put into.
pub fn digest_with(content: &str, templates: &[String]) -> String {
    let mut digest = Sha256::new();
    digest.update(content.as_bytes());
    for template in templates {
        digest.update([0]);
        digest.update(template.as_bytes());
    }
    hex::encode(digest.finalize())[..DIGITS].to_owned()
}

impl Keys {
    /// No row has come yet.
    ///
    /// # Errors
    /// The index cannot be kept.
    pub fn new() -> Result<Keys, Failure> {
        Ok(Keys { index: Index::new()? })
    }

    /// The key of the next row. Rows of the same content are told apart by how often it has come before.
    ///
    /// # Errors
    /// The index cannot be kept.
    pub fn of(
        &mut self,
        row: u64,
        own: Option<String>,
        values: &BTreeMap<String, Value>,
    ) -> Result<Key, Failure> {
        let digest = digest(values);
        if let Some(key) = own {
            let of = index::digest(&key);
            let twice = self.index.number(Kind::Named, of)?;
            if twice.is_none() {
                self.index.put_number(Kind::Named, of, row)?;
            }
            return Ok(Key { key, digest, twice });
        }
        let of = u128::from_str_radix(&digest, 16).unwrap_or_default();
        let count = self.index.number(Kind::Content, of)?.unwrap_or(0) + 1;
        self.index.put_number(Kind::Content, of, count)?;
        let key = if count == 1 { format!("row-{digest}") } else { format!("row-{digest}-{count}") };
        Ok(Key { key, digest, twice: None })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_key_of_its_own_is_taken() {
        for (given, key) in [
            (json!({"key": " a ", "text": "x"}), Some("a")),
            (json!({"Idempotency_Key": "b"}), Some("b")),
            (json!({"key": 17}), Some("17")),
            (json!({"key": ""}), None),
            (json!({"key": null}), None),
            (json!({"key": "A1", "idempotency-key": " "}), Some("A1")),
            (json!({"key": "A1", "Idempotency-Key": null}), Some("A1")),
            (json!({"key": "", "idempotency_key": "B"}), Some("B")),
            (json!({"text": "x"}), None),
        ] {
            let mut given = values(given);
            assert_eq!(take(&mut given).as_deref(), key);
            assert!(!given.keys().any(|k| k.to_lowercase().contains("key")));
        }
    }

    #[test]
    fn the_same_row_twice_has_two_keys() {
        let mut keys = Keys::new().unwrap();
        let row = values(json!({"subject": "a"}));
        let (first, second) = (keys.of(1, None, &row).unwrap(), keys.of(2, None, &row).unwrap());
        assert_ne!(first.key, second.key);
        assert_eq!(first.digest, second.digest);
    }

    #[test]
    fn a_key_given_twice_names_the_first() {
        let mut keys = Keys::new().unwrap();
        let row = values(json!({}));
        assert_eq!(keys.of(3, Some("k".into()), &row).unwrap().twice, None);
        assert_eq!(keys.of(5, Some("k".into()), &row).unwrap().twice, Some(3));
        assert_eq!(keys.of(9, Some("k".into()), &row).unwrap().twice, Some(3));
    }

    proptest! {
        /// Keys depend on content alone: a row keeps its key when others come or go around it.
        #[test]
        fn keys_do_not_depend_on_the_place(rows in prop::collection::btree_set("[a-я]{0,6}", 1..20), skip: prop::sample::Index) {
            let rows: Vec<_> = rows.into_iter().map(|text| values(json!({"text": text, "n": 1.0}))).collect();
            let all = |rows: &[BTreeMap<String, Value>]| -> Vec<String> {
                let mut keys = Keys::new().unwrap();
                rows.iter().enumerate().map(|(n, row)| keys.of(n as u64, None, row).unwrap().key).collect()
            };
            let mut wanted = all(&rows);
            let unique: std::collections::HashSet<_> = wanted.iter().collect();
            prop_assert_eq!(unique.len(), rows.len());
            let skip = skip.index(rows.len());
            let mut fewer = rows.clone();
            fewer.remove(skip);
            wanted.remove(skip);
            prop_assert_eq!(all(&fewer), wanted);
        }
    }
}
