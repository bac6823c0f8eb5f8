//! The key of a row in the journal: its own, or one derived from its content. A row that was filed must keep its key in
//! every later version, so these rules never change.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::blank::is_absent;
use super::index::{self, Numbers};
use crate::cli::record;

/// Hexadecimal digits of a digest: 128 bits.
const DIGITS: usize = 32;

/// Assigns keys to rows, in the order of the file.
#[derive(Debug)]
pub struct Keys {
    /// The edition of the fields by which names are read.
    edition: u32,
    /// How often each content has occurred.
    contents: Numbers,
    /// The first row of each key that is given in the file.
    own: Numbers,
}

/// A row's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: String,
    /// The digest of the content.
    pub digest: String,
    /// An earlier row with the same key, if the file gives it.
    pub duplicate_of: Option<u64>,
}

/// Removes and returns the row's `key` or `idempotency-key` column. A blank value counts as absent.
pub fn take_own(values: &mut BTreeMap<String, Value>) -> Option<String> {
    let is_key = |name: &String| {
        matches!(name.trim().to_lowercase().replace('_', "-").as_str(), "key" | "idempotency-key")
    };
    let names: Vec<String> = values.keys().filter(|name| is_key(name)).cloned().collect();
    let given = |value| match value {
        value if is_absent(&value) => None,
        Value::String(key) => Some(key.trim().to_owned()),
        other => Some(other.to_string()),
    };
    let keys: Vec<String> = names.iter().filter_map(|name| values.remove(name)).filter_map(given).collect();
    keys.into_iter().next()
}

/// The digest of a row's content. The order of columns, blank values, other names or forms of the same value, and CSV
/// or JSON make no difference. Names of fields that are later than the edition are not known as such, so that the rows of
/// a batch that an earlier version began keep their digests.
pub fn digest(values: &BTreeMap<String, Value>, edition: u32) -> String {
    let mut content = Content::new();
    for (name, value) in values {
        normalize(&mut content, edition, name, value);
    }
    let bytes =
        serde_json_canonicalizer::to_vec(&content).unwrap_or_else(|_| format!("{content:?}").into_bytes());
    hex::encode(Sha256::digest(&bytes))[..DIGITS].to_owned()
}

/// The values of a row in their order, by name.
type Content = BTreeMap<String, Vec<String>>;

/// Adds a value under the canonical one of its names: the flag of a field of an appeal. Other names are normalized as
/// earlier versions did, so that rows keep their digests.
fn normalize(content: &mut Content, edition: u32, name: &str, value: &Value) {
    let (head, tail) = match name.split_once('.') {
        Some((head, tail)) => (head, Some(tail.trim())),
        None => (name, None),
    };
    let head = head.trim().trim_start_matches('\u{feff}').to_lowercase().replace('_', "-");
    let (head, between) = match head.as_str() {
        "field" | "fields" => ("field", "."),
        "document" | "documents" => ("document", "."),
        "contact" | "contacts" => ("contact", "-"),
        "institution" => ("institution", "-"),
        "attachments" => ("attach", "."),
        other => (other, "."),
    };
    let whole = tail.map_or_else(|| head.to_owned(), |tail| format!("{head}.{tail}"));
    if let Some(field) = record::field(&whole).filter(|field| field.since <= edition) {
        return put(content, field.flag, value);
    }
    let Some(tail) = tail else {
        return match (head, value) {
            (group, Value::Object(map))
                if matches!(group, "field" | "document" | "contact") || record::is_group(group, edition) =>
            {
                map.iter()
                    .for_each(|(tail, value)| normalize(content, edition, &format!("{head}.{tail}"), value));
            }
            ("document", Value::Array(items)) => {
                items.iter().for_each(|item| normalize(content, edition, head, item))
            }
            ("attach", value) => files(content, head, value),
            (head, value) => put(content, head, value),
        };
    };
    match head {
        "document" => files(content, &format!("document.{tail}"), value),
        "contact" | "institution" => {
            let tail = tail.to_lowercase().replace('_', "-");
            put(content, &format!("{head}{between}{tail}"), value);
        }
        head => put(content, &format!("{head}{between}{tail}"), value),
    }
}

/// Adds paths: a list, or a text with `|` between them.
fn files(content: &mut Content, name: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            for item in items {
                let file = |key: &str| item.get(key).and_then(Value::as_str);
                match file("path").or_else(|| file("name")) {
                    Some(path) => {
                        let name = file("document").map(|code| format!("document.{code}"));
                        put(content, name.as_deref().unwrap_or("attach"), &Value::from(path));
                    }
                    None => put(content, name, item),
                }
            }
        }
        Value::String(text) => {
            text.split('|').map(str::trim).for_each(|path| put(content, name, &Value::from(path)));
        }
        other => put(content, name, other),
    }
}

fn put(content: &mut Content, name: &str, value: &Value) {
    if is_absent(value) {
        return;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        // `1.0` and `1` are the same.
        other => serde_json_canonicalizer::to_string(other).unwrap_or_else(|_| other.to_string()),
    };
    content.entry(name.to_owned()).or_default().push(text);
}

/// The digest of a content together with its templates.
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
    /// No rows yet.
    pub fn new(edition: u32) -> Self {
        Self { edition, contents: Numbers::default(), own: Numbers::default() }
    }

    /// The key of the next row. Rows with the same content are numbered.
    pub fn of(&mut self, row: u64, own: Option<String>, values: &BTreeMap<String, Value>) -> Key {
        let digest = digest(values, self.edition);
        if let Some(key) = own {
            let of = index::digest(&key);
            let duplicate_of = self.own.get(of).map(index::unpack);
            if duplicate_of.is_none() {
                self.own.put(of, index::pack(row));
            }
            return Key { key, digest, duplicate_of };
        }
        let of = u128::from_str_radix(&digest, 16).unwrap_or_default();
        let count = self.contents.get(of).map_or(0, index::unpack) + 1;
        self.contents.put(of, index::pack(count));
        let key = if count == 1 { format!("row-{digest}") } else { format!("row-{digest}-{count}") };
        Key { key, digest, duplicate_of: None }
    }
}

#[cfg(test)]
mod tests {
    use appeal_domain::Field;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cli::commands::batch::blank::is_blank;

    fn digest(values: &BTreeMap<String, Value>) -> String {
        super::digest(values, Field::edition())
    }

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
            assert_eq!(take_own(&mut given).as_deref(), key);
            assert!(!given.keys().any(|k| k.to_lowercase().contains("key")));
        }
    }

    #[test]
    fn a_digest_is_of_the_content_not_of_how_it_is_written() {
        let row = digest(&values(json!({
            "subject": "a", "attach": "f.pdf|g.pdf", "field.meter": "12", "contact-email": "a@example.org",
            "document.act": "d.pdf",
        })));
        for same in [
            json!({
                "subject": "a", "attach": ["f.pdf", "g.pdf"], "fields": {"meter": 12, "flat": ""}, "region": null,
                "contacts": {"email": "a@example.org"}, "documents": {"act": "d.pdf"}, "text": "",
            }),
            json!({
                "Subject": "a", "attach": " f.pdf | g.pdf ", "field.meter": 12, "contact_email": "a@example.org",
                "documents": [{"act": ["d.pdf"]}], "priority": "  ",
            }),
        ] {
            assert_eq!(digest(&values(same.clone())), row, "{same}");
        }
        let plain = digest(&values(json!({"subject": "a", "attach": "f"})));
        for other in [
            json!({"subject": "a", "attach": "g"}),
            json!({"subject": "a", "attach": "f|f"}),
            json!({"subject": "a"}),
            json!({"subject": "f", "attach": "a"}),
            json!({"subject": "a", "attach": "f", "text": "t"}),
            json!({"subject": "a", "document.f": "f"}),
        ] {
            assert_ne!(digest(&values(other.clone())), plain, "{other}");
        }
        let ids = [json!({"field.id": 12345678901234567_u64}), json!({"field.id": 12345678901234568_u64})];
        assert_ne!(digest(&values(ids[0].clone())), digest(&values(ids[1].clone())));
    }

    /// Journals of earlier versions hold these digests.
    #[test]
    fn digests_stay_as_they_were() {
        let row = json!({
            "subject": "a", "text": "b", "kind": "complaint", "category": "c", "priority": "high", "region": 77,
            "service": "d", "application": "e", "occurred_at": "2026-11-01", "expected": "f", "steps": "g", "actual": "h",
            "institution": {"name": "i", "INN": "j", "fax": "k"}, "institution_address": "l", "contacts": {"email": "m"},
            "contact-phone": "n", "contact.preferred": "o", "organization": "p", "field.meter": 1.0, "fields": {"Flat": "q"},
            "attach": ["r", {"name": "s", "document": "t"}], "document.bill": "u", "template": "v", "address": "w",
        });
        assert_eq!(digest(&values(row)), "b173b2443603decc52cbc364b9f04d59");
    }

    /// Templates could use such columns before an appeal had a place.
    #[test]
    fn digests_of_columns_that_became_fields_stay_as_they_were() {
        for (row, expected) in [
            (json!({"place": {"address": "w", "latitude": 55.75}}), "188a58af7fa815312124b86c460f7b2a"),
            (json!({"place.address": "w", "Latitude": 55.75}), "7fe39cdf85829a889cc56993c9647694"),
        ] {
            assert_eq!(super::digest(&values(row), 1), expected);
        }
    }

    #[test]
    fn the_same_row_twice_has_two_keys() {
        let mut keys = Keys::new(Field::edition());
        let row = values(json!({"subject": "a"}));
        let (first, second) = (keys.of(1, None, &row), keys.of(2, None, &row));
        assert_ne!(first.key, second.key);
        assert_eq!(first.digest, second.digest);
    }

    #[test]
    fn a_key_given_twice_names_the_first() {
        let mut keys = Keys::new(Field::edition());
        let row = values(json!({}));
        assert_eq!(keys.of(3, Some("k".into()), &row).duplicate_of, None);
        assert_eq!(keys.of(5, Some("k".into()), &row).duplicate_of, Some(3));
        assert_eq!(keys.of(9, Some("k".into()), &row).duplicate_of, Some(3));
    }

    proptest! {
        /// Keys depend on content alone: a row keeps its key when others are added or removed around it.
        #[test]
        fn keys_do_not_depend_on_the_place(
            texts in prop::collection::vec("[a-я]{0,6}|\\s{0,3}", 1..20),
            skip: prop::sample::Index,
        ) {
            // All blank texts are the same content.
            let content = |text: &String| if is_blank(text) { String::new() } else { text.clone() };
            let texts: BTreeMap<String, String> = texts.into_iter().map(|text| (content(&text), text)).collect();
            let rows: Vec<_> = texts.into_values().map(|text| values(json!({"text": text, "n": 1.0}))).collect();
            let all = |rows: &[BTreeMap<String, Value>]| -> Vec<String> {
                let mut keys = Keys::new(Field::edition());
                rows.iter().enumerate().map(|(n, row)| keys.of(n as u64, None, row).key).collect()
            };
            let mut expected = all(&rows);
            let unique: std::collections::HashSet<_> = expected.iter().collect();
            prop_assert_eq!(unique.len(), rows.len());
            let skip = skip.index(rows.len());
            let mut fewer = rows.clone();
            fewer.remove(skip);
            expected.remove(skip);
            prop_assert_eq!(all(&fewer), expected);
        }

        /// A blank value is an absent one, wherever a row may have one.
        #[test]
        fn a_blank_value_does_not_change_the_digest(blank in "\\s{0,4}") {
            let plain = digest(&values(json!({"subject": "a"})));
            for row in [
                json!({"subject": "a", "region": blank}),
                json!({"subject": "a", "field.meter": blank}),
                json!({"subject": "a", "fields": {"meter": blank}}),
                json!({"subject": "a", "contacts": {"email": blank}}),
                json!({"subject": "a", "attach": blank}),
                json!({"subject": "a", "attach": format!("{blank}|{blank}")}),
                json!({"subject": "a", "attach": [blank]}),
                json!({"subject": "a", "documents": [{"act": [blank]}]}),
            ] {
                prop_assert_eq!(digest(&values(row.clone())), plain.clone(), "{}", row);
            }
        }

        /// A blank key is no key.
        #[test]
        fn a_blank_key_is_not_a_key(blank in "\\s{0,4}") {
            prop_assert_eq!(take_own(&mut values(json!({"key": blank}))), None);
        }
    }
}
