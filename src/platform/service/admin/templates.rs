//! Templates as data (F5).

use std::collections::BTreeSet;

use super::load::Candidate;
use super::records::{Field, Map, as_map, check_code, check_titles, fits, text, typed};
use crate::args;
use crate::fault::Result;
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::{Placeholder, Template, Titles};
use appeal_domain::*;

/// The fields of a record.
pub const FIELDS: &[Field] = &[
    ("id", true, fits::<String>),
    ("title", true, fits::<Titles>),
    ("category", true, fits::<String>),
    ("kind", true, fits::<Kind>),
    ("subject", true, fits::<String>),
    ("text", true, fits::<String>),
    ("placeholders", true, fits::<Vec<Placeholder>>),
];

/// Every template.
pub async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    catalogue::templates(tx).await?.iter().map(as_map).collect()
}

/// The names in braces of a text.
pub fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// Placeholders that are used and not named, or named and not used; a category that is not there.
pub async fn check(tx: &mut Tx, candidates: &[Candidate], findings: &mut Vec<Finding>) -> Result<()> {
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

/// Writes templates.
pub async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for id in removed {
        tx.run("DELETE FROM templates WHERE id = $1", args![id]).await?;
    }
    for candidate in candidates {
        write(tx, &typed(&candidate.after)?).await?;
    }
    Ok(())
}

/// Writes a template; a new one comes last.
pub async fn write(tx: &mut Tx, template: &Template) -> Result<()> {
    tx.run(
        "INSERT INTO templates (id, position, body) \
         VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM templates), $2) \
         ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        args![&template.id, text(template)?],
    )
    .await?;
    Ok(())
}
