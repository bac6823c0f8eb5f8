//! Loading records: the whole file is checked first, every finding is reported with its record and field, and only then
//! all changes are made, or none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::data_set::{Batch, Candidate, DataSet, Map};
use super::passwords::Passwords;
use super::{kinds, log};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::deadlines;
use crate::store::admin_people::Which;
use crate::store::db::Tx;
use appeal_api::*;
use appeal_domain::*;

/// Loads records, or reports what loading would do.
///
/// # Errors
/// 422 with every finding; nothing is changed then.
pub async fn load(
    tx: &mut Tx,
    ctx: &Ctx,
    kind: DataKind,
    data: &LoadData,
    passwords: Passwords,
    dry_run: bool,
) -> Result<LoadResult> {
    super::allowed(&ctx.caller)?;
    let Passwords { hashes, mut findings } = passwords;
    let hashes = &hashes;
    if data.prune && kind == DataKind::People {
        return Err(Fault::invalid(vec![Finding::error("admin-prune-people", "prune")]));
    }
    let of = kinds::of(kind);
    let given = read(of, &data.records, &mut findings);
    let keys: Vec<String> = given.iter().map(|(_, key, _)| key.clone()).collect();
    let mut present: BTreeMap<String, Map> = of
        .fetch(tx, Which::Keys(&keys))
        .await?
        .into_iter()
        .filter_map(|map| Some((of.key_in(&map)?.to_owned(), map)))
        .collect();
    let mut candidates = Vec::with_capacity(given.len());
    for (at, key, map) in given {
        let before = present.remove(&key);
        if let Some(candidate) = lay(tx, of, at, key, before, map, &mut findings).await? {
            candidates.push(candidate);
        }
    }
    if kind == DataKind::People {
        for candidate in &mut candidates {
            if hashes.get(&candidate.key).is_some_and(Option::is_some) {
                candidate.fields.push("password".to_owned());
            }
        }
    }
    let removed = if data.prune { surplus(tx, of, &keys).await? } else { Vec::new() };
    if findings.is_empty() {
        let batch = Batch { ctx, candidates: &candidates, removed: &removed, hashes };
        of.check(tx, &batch, &mut findings).await?;
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let mut result = LoadResult {
        kind: kind.into(),
        dry_run,
        added: 0,
        changed: 0,
        unchanged: 0,
        removed: removed.len() as u64,
        deadlines_moved: None,
        items: Vec::with_capacity(candidates.len() + removed.len()),
    };
    for candidate in &candidates {
        let change = candidate.change();
        match change {
            LoadChange::Added => result.added += 1,
            LoadChange::Changed => result.changed += 1,
            LoadChange::Unchanged | LoadChange::Removed => result.unchanged += 1,
        }
        let fields = if change == LoadChange::Changed { candidate.fields.clone() } else { Vec::new() };
        result.items.push(LoadItem { key: candidate.key.clone(), change: change.into(), fields });
    }
    for key in &removed {
        result.items.push(LoadItem {
            key: key.clone(),
            change: LoadChange::Removed.into(),
            fields: Vec::new(),
        });
    }
    if dry_run {
        return Ok(result);
    }
    candidates.retain(|c| c.change() != LoadChange::Unchanged);
    of.put(tx, &Batch { ctx, candidates: &candidates, removed: &removed, hashes }).await?;
    for candidate in &candidates {
        let action = if candidate.before.is_some() { "changed" } else { "added" };
        log::note(tx, ctx, action, kind.as_str(), &candidate.key, changes(candidate)).await?;
    }
    for key in &removed {
        log::note(tx, ctx, "removed", kind.as_str(), key, json!({})).await?;
    }
    Ok(result)
}

/// Recalculates deadlines after a change of calendars or policies.
///
/// # Errors
/// The database cannot be read or written.
pub async fn recounted(app: &App, mut result: LoadResult) -> Result<LoadResult> {
    let concerns = result.kind == DataKind::Calendar || result.kind == DataKind::Policies;
    if concerns && !result.dry_run && result.added + result.changed + result.removed > 0 {
        result.deadlines_moved = Some(deadlines::recompute_all(app).await?.changed);
    }
    Ok(result)
}

/// Parses the records as objects with their keys, and checks the values of their fields.
fn read(kind: &dyn DataSet, given: &[Value], findings: &mut Vec<Finding>) -> Vec<(String, String, Map)> {
    let key_field = kind.key();
    let mut seen = BTreeSet::new();
    let mut out = Vec::with_capacity(given.len());
    for (n, value) in (1..).zip(given.iter().flat_map(|value| kind.expand(value))) {
        let Value::Object(map) = value else {
            findings.push(Finding::error("admin-not-object", "").at(n.to_string()));
            continue;
        };
        let key = match map.get(key_field) {
            Some(Value::String(key)) if !key.trim().is_empty() => key.trim().to_owned(),
            _ => {
                findings.push(
                    Finding::error("admin-key-missing", key_field).at(n.to_string()).arg("field", key_field),
                );
                continue;
            }
        };
        let at = format!("{n} ({key})");
        if !seen.insert(key.clone()) {
            findings.push(Finding::error("admin-twice", key_field).at(&at).arg("key", &key));
            continue;
        }
        let known = kind.fields();
        for (name, value) in &map {
            match known.iter().find(|(field, ..)| field == name) {
                None => findings.push(
                    Finding::error("admin-field-unknown", name.as_str())
                        .at(&at)
                        .arg("field", name)
                        .arg("known", known.iter().map(|f| f.0).collect::<Vec<_>>().join(", ")),
                ),
                Some((_, required, fits)) => {
                    // An optional field may be cleared.
                    if value.is_null() && !*required {
                        continue;
                    }
                    if let Err(error) = fits(value) {
                        findings.push(
                            Finding::error("admin-value", name.as_str())
                                .at(&at)
                                .arg("field", name)
                                .arg("error", error),
                        );
                    }
                }
            }
        }
        let mut map = map;
        map.insert(key_field.to_owned(), key.clone().into());
        out.push((at, key, map));
    }
    out
}

/// Merges given values into existing ones. `None`, with findings, if the result is not a valid record.
async fn lay(
    tx: &mut Tx,
    kind: &dyn DataSet,
    at: String,
    key: String,
    before: Option<Map>,
    mut given: Map,
    findings: &mut Vec<Finding>,
) -> Result<Option<Candidate>> {
    let count = findings.len();
    kind.tidy(tx, &at, &mut given, before.as_ref(), findings).await?;
    let mut after = before.clone().unwrap_or_default();
    for (name, value) in given {
        if value.is_null() {
            after.remove(&name);
        } else {
            after.insert(name, value);
        }
    }
    for (name, required, _) in kind.fields() {
        if *required && !after.contains_key(*name) {
            findings.push(Finding::error("admin-field-missing", *name).at(&at).arg("field", name));
        }
    }
    if findings.len() > count {
        return Ok(None);
    }
    let after = match kind.normal(&after) {
        Ok(after) => after,
        Err(error) => {
            // Either reported already, or visible only in the whole record.
            if !findings.iter().any(|f| f.at.as_deref() == Some(at.as_str())) {
                findings.push(Finding::error("admin-record", "").at(&at).arg("error", error));
            }
            return Ok(None);
        }
    };
    let fields = match &before {
        None => Vec::new(),
        Some(before) => differing(before, &after),
    };
    Ok(Some(Candidate { at, key, before, after, fields }))
}

fn differing(before: &Map, after: &Map) -> Vec<String> {
    let mut names: Vec<&String> = after.keys().collect();
    names.extend(before.keys().filter(|name| !after.contains_key(*name)));
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// Returns existing keys that are not in the file.
async fn surplus(tx: &mut Tx, kind: &dyn DataSet, keys: &[String]) -> Result<Vec<String>> {
    Ok(kind
        .fetch(tx, Which::All)
        .await?
        .iter()
        .filter_map(|map| kind.key_in(map))
        .filter(|key| !keys.iter().any(|k| k == key))
        .map(str::to_owned)
        .collect())
}

/// Returns the changes for the administration journal.
fn changes(candidate: &Candidate) -> Value {
    let mut changes = Map::new();
    match &candidate.before {
        None => {
            for (name, value) in candidate.after.iter().filter(|(_, v)| !is_empty(v)) {
                changes.insert(name.clone(), json!({ "before": null, "after": value }));
            }
        }
        Some(before) => {
            for name in candidate.fields.iter().filter(|name| *name != "password") {
                let (old, new) = (before.get(name), candidate.after.get(name));
                changes.insert(name.clone(), json!({ "before": old, "after": new }));
            }
        }
    }
    if candidate.fields.iter().any(|name| name == "password") {
        changes.insert("password".to_owned(), json!({ "before": null, "after": "***" }));
    }
    Value::Object(changes)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
