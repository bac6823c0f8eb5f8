//! Versions of an appeal's content, derived from its journal (C4): the appeal as filed, and every change of the content
//! since.

use serde_json::{Map, Value, json};

use super::access;
use super::context::Ctx;
use super::reading::Entries;
use crate::fault::Result;
use crate::store::db::Tx;
use appeal_api::AppealVersion;
use appeal_domain::journal::Entry;
use appeal_domain::{Content, Scope};

/// Returns the versions, oldest first. The versions of a draft start when it was saved, those of a filed appeal with
/// the filing, so that earlier content is not revealed.
pub async fn versions(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<AppealVersion>> {
    let (row, standing) = access::find(tx, ctx, Scope::Read, number).await?;
    let entries = Entries::of(tx, ctx, &row, &standing).await?;
    let mut found: Vec<AppealVersion> = Vec::new();
    let mut filed = filed_with(&entries);
    for entry in entries.visible_from_filing() {
        let changes = match filed.take() {
            Some(mut first) => {
                overlay(&mut first, &entry.changes);
                first
                    .into_iter()
                    .map(|(name, value)| (name, json!({ "before": null, "after": value })))
                    .collect()
            }
            None => match &entry.changes {
                Value::Object(changes) => changes.clone(),
                _ => Map::new(),
            },
        };
        let changes = content(&changes);
        if changes.is_empty() && !found.is_empty() {
            continue;
        }
        found.push(version(found.len(), entry, changes));
    }
    Ok(found)
}

fn version(before: usize, entry: &Entry, changes: Map<String, Value>) -> AppealVersion {
    AppealVersion {
        version: u32::try_from(before + 1).unwrap_or(u32::MAX),
        at: entry.at,
        actor: entry.actor.clone(),
        action: entry.action.clone(),
        fields: changes.keys().cloned().collect(),
        changes: Value::Object(changes),
    }
}

/// Returns the content of a draft when it was filed, which is visible to everyone who sees the appeal; `None` if there
/// was no draft.
fn filed_with(entries: &Entries) -> Option<Map<String, Value>> {
    let mut before = entries.before_filing().peekable();
    before.peek()?;
    let mut values = Map::new();
    for entry in before {
        overlay(&mut values, &entry.changes);
    }
    Some(values)
}

/// Applies the changes of an entry to the values.
fn overlay(values: &mut Map<String, Value>, changes: &Value) {
    let Value::Object(changes) = changes else { return };
    for (name, change) in changes.iter().filter(|(name, _)| Content::NAMES.contains(&name.as_str())) {
        values.insert(name.clone(), change.get("after").cloned().unwrap_or(Value::Null));
    }
}

/// Returns the changes of content among these, in the order of [`Content::NAMES`]. A member with parts is listed part
/// by part.
fn content(changes: &Map<String, Value>) -> Map<String, Value> {
    let mut changed = Map::new();
    for name in Content::NAMES.iter().copied() {
        let Some(change) = changes.get(name) else { continue };
        let side = |which: &str| change.get(which).cloned().unwrap_or(Value::Null);
        let (before, after) = (side("before"), side("after"));
        if !(before.is_object() || after.is_object()) {
            if before != after {
                changed.insert(name.to_owned(), json!({ "before": before, "after": after }));
            }
            continue;
        }
        let none = Map::new();
        let (old, new) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
        let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let part = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
            let (before, after) = (part(old), part(new));
            if before != after {
                changed.insert(format!("{name}.{key}"), json!({ "before": before, "after": after }));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_listed_by_field_and_only_those_of_the_content() {
        let changes = json!({
            "status": { "before": "submitted", "after": "in_progress" },
            "contacts": {
                "before": { "email": "a@example.org", "phone": null },
                "after": { "email": "a@example.org", "phone": "+79000000101" },
            },
            "fields": { "before": { "floor": "2" }, "after": {} },
            "text": { "before": "a", "after": "b" },
        });
        let changed = content(changes.as_object().unwrap());
        let names: Vec<&String> = changed.keys().collect();
        assert_eq!(names, ["text", "fields.floor", "contacts.phone"]);
        assert_eq!(changed["fields.floor"], json!({ "before": "2", "after": null }));
        assert_eq!(changed["contacts.phone"], json!({ "before": null, "after": "+79000000101" }));
    }
}
