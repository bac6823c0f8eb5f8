//! Objects as a client receives them.

use std::ops::{Deref, DerefMut};

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// An object sent by the platform: known members as `T`, and all members as received. Serializes to JSON with both, so
/// that an older tool hides nothing from scripts.
#[derive(Debug, Clone, PartialEq)]
pub struct Received<T> {
    known: T,
    came: Value,
}

impl<T> Received<T> {
    /// Returns the known members.
    pub fn into_known(self) -> T {
        self.known
    }

    /// Adds a member that was received separately, under its name in this object.
    pub fn came_with(&mut self, name: &str, member: &impl Serialize) {
        if let (Value::Object(came), Ok(member)) = (&mut self.came, serde_json::to_value(member)) {
            came.insert(name.to_owned(), member);
        }
    }

    /// Returns the items of the list `name`, each with the members it was received with.
    pub fn items<U: Clone>(&self, name: &str, list: impl FnOnce(&T) -> &[U]) -> Vec<Received<U>> {
        let came = |n: usize| self.came.get(name).and_then(|list| list.get(n)).cloned().unwrap_or_default();
        list(&self.known)
            .iter()
            .enumerate()
            .map(|(n, item)| Received { known: item.clone(), came: came(n) })
            .collect()
    }
}

impl<T> From<T> for Received<T> {
    /// An object without unknown members.
    fn from(known: T) -> Self {
        Self { known, came: Value::Null }
    }
}

impl<T> Deref for Received<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.known
    }
}

impl<T> DerefMut for Received<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.known
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Received<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let came = Value::deserialize(deserializer)?;
        let known = T::deserialize(&came).map_err(D::Error::custom)?;
        Ok(Self { known, came })
    }
}

impl<T: Serialize> Serialize for Received<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(&self.known).map_err(S::Error::custom)?;
        add_missing(&mut value, &self.came);
        value.serialize(serializer)
    }
}

/// Adds members of `came` that are missing in `value`, at any depth.
fn add_missing(value: &mut Value, came: &Value) {
    match (value, came) {
        (Value::Object(members), Value::Object(came)) => {
            for (name, came) in came {
                match members.get_mut(name) {
                    Some(member) => add_missing(member, came),
                    None => {
                        members.insert(name.clone(), came.clone());
                    }
                }
            }
        }
        // A list whose length changed holds other items at these positions.
        (Value::Array(items), Value::Array(came)) if items.len() == came.len() => {
            for (item, came) in items.iter_mut().zip(came) {
                add_missing(item, came);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::events::Change;
    use crate::{DocumentSpec, Titles};

    fn read(came: &Value) -> Received<DocumentSpec> {
        serde_json::from_value(came.clone()).unwrap()
    }

    #[test]
    fn unknown_members_are_written_again_at_any_depth() {
        let came = json!({
            "code": "act", "title": { "en": "Act", "ru": "Акт", "kk": "Акт" }, "required": true, "weight": [1, 2]
        });
        assert_eq!(serde_json::to_value(read(&came)).unwrap(), came);
    }

    #[test]
    fn a_known_member_is_written_as_it_is_now() {
        let mut document =
            read(&json!({ "code": "act", "title": { "en": "", "ru": "" }, "required": true, "weight": 1 }));
        document.title = Titles { en: "Act".into(), ru: "Акт".into() };
        let written = serde_json::to_value(&document).unwrap();
        assert_eq!((&written["title"]["en"], &written["weight"]), (&json!("Act"), &json!(1)));
    }

    #[test]
    fn a_missing_member_is_an_error() {
        assert!(serde_json::from_value::<Received<Change>>(json!({ "number": "1" })).is_err());
    }
}
