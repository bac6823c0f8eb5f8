//! Templates as data (F5).

use std::collections::BTreeSet;

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, check_code, check_titles, fits, through, typed,
};
use crate::fault::Result;
use crate::store::admin_catalogue;
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::{Placeholder, Template, Titles};
use appeal_domain::*;

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("id", true, fits::<String>),
    ("title", true, fits::<Titles>),
    ("category", true, fits::<String>),
    ("kind", true, fits::<Kind>),
    ("subject", true, fits::<String>),
    ("text", true, fits::<String>),
    ("placeholders", true, fits::<Vec<Placeholder>>),
];

pub struct Templates;

impl DataSet for Templates {
    fn key(&self) -> &'static str {
        "id"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<Template>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(all(tx))
    }

    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(check(tx, batch.candidates, findings))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

/// Returns all templates.
async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    catalogue::templates(tx).await?.iter().map(as_map).collect()
}

/// Returns the names in braces in a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// Reports placeholders that are used but not declared, or declared but not used, and categories that do not exist.
async fn check(tx: &mut Tx, candidates: &[Candidate], findings: &mut Vec<Finding>) -> Result<()> {
    for candidate in candidates {
        let at = candidate.at.as_str();
        let template: Template = typed(&candidate.after)?;
        check_code(at, "id", &template.id, false, findings);
        check_titles(at, "title", &template.title, findings);
        if catalogue::category(tx, &template.category).await?.is_none() {
            findings.push(
                Finding::error("admin-category-unknown", "category").at(at).arg("given", &template.category),
            );
        }
        for (field, text) in [("subject", &template.subject), ("text", &template.text)] {
            if text.trim().is_empty() {
                findings.push(Finding::error("admin-empty", field).at(at));
            }
        }
        let mut used = placeholders(&template.subject);
        used.extend(placeholders(&template.text));
        let mut named = BTreeSet::new();
        for placeholder in &template.placeholders {
            check_titles(at, "placeholders.title", &placeholder.title, findings);
            if !named.insert(placeholder.name.as_str()) {
                findings.push(
                    Finding::error("admin-spec-key", "placeholders.name")
                        .at(at)
                        .arg("given", &placeholder.name),
                );
            }
        }
        for name in used.difference(&named) {
            findings
                .push(Finding::error("admin-placeholder-unnamed", "placeholders").at(at).arg("name", name));
        }
        for name in named.difference(&used) {
            findings
                .push(Finding::error("admin-placeholder-unused", "placeholders").at(at).arg("name", name));
        }
    }
    Ok(())
}

/// Stores templates.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for id in removed {
        admin_catalogue::remove_template(tx, id).await?;
    }
    for candidate in candidates {
        admin_catalogue::put_template(tx, &typed(&candidate.after)?).await?;
    }
    Ok(())
}
