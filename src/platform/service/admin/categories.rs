//! Categories as data (F3): the tree, the requirements of each category, and its department.

use std::collections::BTreeSet;

use futures_util::future::ready;
use serde_json::Value;

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, check_code, check_titles, fits, object, through,
    typed,
};
use crate::fault::Result;
use crate::service::rules;
use crate::store::admin_catalogue::{self, parent_of};
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::{Category, CategoryRecord, DocumentSpec, FieldSpec, Titles};
use appeal_domain::*;

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("code", true, fits::<String>),
    ("parent", false, fits::<String>),
    ("title", true, fits::<Titles>),
    ("hint", true, fits::<Titles>),
    ("access", false, fits::<Access>),
    ("documents", false, fits::<Vec<DocumentSpec>>),
    ("fields", false, fits::<Vec<FieldSpec>>),
    ("department", true, fits::<String>),
    ("policy", false, fits::<String>),
    // Only limits that differ need to be given.
    ("attachments", false, object),
];

pub struct Categories;

impl DataSet for Categories {
    fn key(&self) -> &'static str {
        "code"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<CategoryRecord>(map)
    }

    /// Whether a category is routed by region follows from the routes; what was shown can be loaded again.
    fn expand(&self, value: &Value) -> Vec<Value> {
        let mut value = value.clone();
        if let Value::Object(map) = &mut value {
            map.remove("regional");
        }
        vec![value]
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(all(tx))
    }

    fn tidy<'t>(
        &'t self,
        _tx: &'t mut Tx,
        _at: &'t str,
        given: &'t mut Map,
        before: Option<&'t Map>,
        _findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        tidy(given, before);
        Box::pin(ready(Ok(())))
    }

    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(check(tx, batch.candidates, batch.removed, findings))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

/// Returns all categories, parents before their children.
async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    catalogue::categories(tx).await?.into_iter().map(|category| as_map(&record_of(category))).collect()
}

fn record_of(category: Category) -> CategoryRecord {
    CategoryRecord {
        code: category.code,
        parent: category.parent,
        title: category.title,
        hint: category.hint,
        access: category.access.known().unwrap_or(Access::Closed),
        documents: category.documents,
        fields: category.fields,
        department: category.department,
        policy: category.policy,
        attachments: category.attachments,
    }
}

/// Given limits on files are combined with the current ones; the parent is derived from the code.
fn tidy(given: &mut Map, before: Option<&Map>) {
    if given.get("policy").and_then(Value::as_str) == Some("") {
        given.insert("policy".to_owned(), Value::Null);
    }
    if !given.contains_key("parent")
        && let Some(parent) = given.get("code").and_then(Value::as_str).and_then(parent_of)
    {
        given.insert("parent".to_owned(), parent.into());
    }
    let Some(Value::Object(limits)) = given.get("attachments") else { return };
    let mut laid = match before.and_then(|b| b.get("attachments")) {
        Some(Value::Object(present)) => present.clone(),
        _ => as_map(&AttachmentPolicy::default()).unwrap_or_default(),
    };
    laid.extend(limits.clone());
    given.insert("attachments".to_owned(), laid.into());
}

/// Checks a record against the other records and the platform.
async fn check(
    tx: &mut Tx,
    candidates: &[Candidate],
    removed: &[String],
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let departments = catalogue::department_codes(tx).await?;
    let policies = rules::of(tx).await?.policies;
    let mut known: BTreeSet<String> = catalogue::categories(tx).await?.into_iter().map(|c| c.code).collect();
    known.retain(|code| !removed.contains(code));
    known.extend(candidates.iter().map(|c| c.key.clone()));
    let platform = AttachmentPolicy::default();
    for candidate in candidates {
        let at = candidate.at.as_str();
        let category: CategoryRecord = typed(&candidate.after)?;
        check_code(at, "code", &category.code, true, findings);
        let parent = parent_of(&category.code);
        if category.parent != parent {
            // This also prevents cycles: a code is longer than that of its parent.
            findings.push(
                Finding::error("admin-parent", "parent")
                    .at(at)
                    .arg("given", category.parent.as_deref().unwrap_or("-"))
                    .arg("expected", parent.as_deref().unwrap_or("-")),
            );
        } else if let Some(parent) = parent.filter(|parent| !known.contains(parent)) {
            findings.push(Finding::error("admin-category-unknown", "parent").at(at).arg("given", parent));
        }
        check_titles(at, "title", &category.title, findings);
        check_titles(at, "hint", &category.hint, findings);
        if !departments.contains(&category.department) {
            findings.push(
                Finding::error("admin-department-unknown", "department")
                    .at(at)
                    .arg("given", &category.department),
            );
        }
        if let Some(policy) = category.policy.filter(|p| !policies.policies.contains_key(p)) {
            findings.push(Finding::error("admin-policy-unknown", "policy").at(at).arg("given", policy));
        }
        let keys = |field: &str, keys: Vec<&String>, findings: &mut Vec<Finding>| {
            let mut seen = BTreeSet::new();
            for key in keys {
                if key.trim().is_empty() || !seen.insert(key) {
                    findings.push(Finding::error("admin-spec-key", field).at(at).arg("given", key));
                }
            }
        };
        keys("documents.code", category.documents.iter().map(|d| &d.code).collect(), findings);
        keys("fields.key", category.fields.iter().map(|f| &f.key).collect(), findings);
        for titles in category.documents.iter().map(|d| &d.title) {
            check_titles(at, "documents.title", titles, findings);
        }
        for titles in category.fields.iter().map(|f| &f.title) {
            check_titles(at, "fields.title", titles, findings);
        }
        check_limits(at, &category.attachments, &platform, findings);
    }
    for code in removed {
        let used = admin_catalogue::is_category_used(tx, code).await?;
        let by_template = catalogue::templates(tx).await?.iter().any(|t| t.category == *code);
        if used || by_template {
            findings.push(Finding::error("admin-in-use", "code").at(code.as_str()).arg("key", code));
        }
    }
    Ok(())
}

fn check_limits(at: &str, own: &AttachmentPolicy, platform: &AttachmentPolicy, findings: &mut Vec<Finding>) {
    let mut looser = |field: &str, own: u64, most: u64| {
        if own == 0 || own > most {
            findings.push(
                Finding::error("admin-limit", format!("attachments.{field}"))
                    .at(at)
                    .arg("given", own)
                    .arg("most", most),
            );
        }
    };
    looser("max_file_bytes", own.max_file_bytes, platform.max_file_bytes);
    looser("max_files", own.max_files.into(), platform.max_files.into());
    looser("max_total_bytes", own.max_total_bytes, platform.max_total_bytes);
    for extension in own.extensions.iter().filter(|e| !platform.extensions.contains(e)) {
        findings.push(
            Finding::error("admin-extension", "attachments.extensions")
                .at(at)
                .arg("given", extension)
                .arg("allowed", platform.extensions.join(", ")),
        );
    }
}

/// Stores categories, parents first.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for code in removed {
        admin_catalogue::remove_category(tx, code).await?;
    }
    let mut ordered: Vec<&Candidate> = candidates.iter().collect();
    ordered.sort_by_key(|c| c.key.matches('.').count());
    for candidate in ordered {
        admin_catalogue::put_category(tx, &typed(&candidate.after)?).await?;
    }
    Ok(())
}
