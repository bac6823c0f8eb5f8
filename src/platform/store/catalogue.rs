//! The platform's own data: categories, templates, departments, routing, calendars and policies; and lookups of people
//! and organizations for filing.

use super::db::{Row, Tx};
use super::statuses::UNDECIDED;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{Category, Department, OrganizationRef, PersonRef, Template};
use appeal_domain::{Level, Regions};

/// The columns of a category: its record, and whether it or one of its parents is routed by region.
const CATEGORY: &str = "c.body, EXISTS (SELECT 1 FROM routes r WHERE r.category = c.code \
                        OR substr(c.code, 1, length(r.category) + 1) = r.category || '.') AS regional";

fn read_category(row: &Row) -> Result<Category> {
    Ok(Category { regional: row.flag("regional")?, ..row.json("body")? })
}

/// Returns all categories, parents before their children.
pub async fn categories(tx: &mut Tx) -> Result<Vec<Category>> {
    let rows =
        tx.all(&format!("SELECT {CATEGORY} FROM categories c ORDER BY c.position"), Vec::new()).await?;
    rows.iter().map(read_category).collect()
}

/// Returns one category.
pub async fn category(tx: &mut Tx, code: &str) -> Result<Option<Category>> {
    let row =
        tx.first(&format!("SELECT {CATEGORY} FROM categories c WHERE c.code = $1"), args![code]).await?;
    row.as_ref().map(read_category).transpose()
}

/// Returns all templates.
pub async fn templates(tx: &mut Tx) -> Result<Vec<Template>> {
    let rows = tx.all("SELECT body FROM templates ORDER BY position", Vec::new()).await?;
    Ok(rows.iter().map(|r| r.json("body")).collect::<Result<_, _>>()?)
}

/// Returns one template.
pub async fn template(tx: &mut Tx, id: &str) -> Result<Option<Template>> {
    let row = tx.first("SELECT body FROM templates WHERE id = $1", args![id]).await?;
    Ok(row.map(|r| r.json("body")).transpose()?)
}

/// Returns all departments.
pub async fn departments(tx: &mut Tx) -> Result<Vec<Department>> {
    let rows = tx.all("SELECT body FROM departments ORDER BY position", Vec::new()).await?;
    Ok(rows.iter().map(|r| r.json("body")).collect::<Result<_, _>>()?)
}

/// Returns the codes of all departments.
pub async fn department_codes(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.all("SELECT code FROM departments ORDER BY position", Vec::new()).await?;
    Ok(rows.iter().map(|r| r.text("code")).collect::<Result<_, _>>()?)
}

/// Returns one department.
pub async fn department(tx: &mut Tx, code: &str) -> Result<Option<Department>> {
    let row = tx.first("SELECT body FROM departments WHERE code = $1", args![code]).await?;
    Ok(row.map(|r| r.json("body")).transpose()?)
}

/// Returns the department that reviews escalations to a level; preferably the region's own.
pub async fn review_department(
    tx: &mut Tx,
    level: Level,
    region: Option<&str>,
    regions: &Regions,
) -> Result<Option<Department>> {
    let mut found: Option<Department> = None;
    for department in
        departments(tx).await?.into_iter().filter(|d| d.level.as_ref().is_some_and(|own| *own == level))
    {
        match department.region.as_deref() {
            Some(own) if region.is_some_and(|region| is_same(region, own, regions)) => {
                return Ok(Some(department));
            }
            Some(_) => {}
            None => found = found.or(Some(department)),
        }
    }
    Ok(found)
}

/// Folds a region's name for comparison, because its case varies.
pub fn fold_region(region: &str) -> String {
    region.trim().to_lowercase()
}

/// Returns whether two spellings stand for the same region, or are the same but for their case.
fn is_same(one: &str, other: &str, regions: &Regions) -> bool {
    let code = regions.code(one);
    code.is_some() && code == regions.code(other) || fold_region(one) == fold_region(other)
}

/// Returns the department for a category in a region: the region's own if the category or its nearest possible parent
/// has one, otherwise that of the category.
///
/// # Errors
/// The category is unknown.
pub async fn route(
    tx: &mut Tx,
    category_code: &str,
    region: Option<&str>,
    regions: &Regions,
) -> Result<String> {
    let found = category(tx, category_code).await?.ok_or_else(|| Fault::not_found(category_code))?;
    if let Some(region) = region.filter(|region| !region.trim().is_empty() && found.regional) {
        let mut code = Some(found.code.clone());
        while let Some(at) = code {
            let sql = "SELECT region, department FROM routes WHERE category = $1 ORDER BY region";
            for row in tx.all(sql, args![&at]).await? {
                if is_same(region, &row.text("region")?, regions) {
                    return Ok(row.text("department")?);
                }
            }
            // The code of a child is that of its parent with one more part, so the loop ends.
            code = at.rsplit_once('.').map(|(parent, _)| parent.to_owned());
        }
    }
    Ok(found.department)
}

/// Returns the operator who gets the next appeal of a department: preferably one who works for this department only,
/// then the one with the fewest open appeals, then by login.
pub async fn least_loaded_operator(tx: &mut Tx, department: &str) -> Result<Option<String>> {
    let rows = tx
        .all(
            "SELECT p.id, (SELECT count(*) FROM department_operators d WHERE d.person_id = p.id) > 1 AS shared \
             FROM department_operators o JOIN people p ON p.id = o.person_id \
             WHERE o.department = $1 AND p.role = 'operator' AND p.state = 'active' ORDER BY shared, p.login",
            args![department],
        )
        .await?;
    let all: Vec<(String, bool)> =
        rows.iter().map(|r| Ok((r.text("id")?, r.flag("shared")?))).collect::<Result<_>>()?;
    let first_shared = all.first().is_some_and(|(_, shared)| *shared);
    let candidates: Vec<String> =
        all.into_iter().filter(|(_, shared)| *shared == first_shared).map(|(id, _)| id).collect();
    // Counting open appeals would be the most expensive part of filing.
    if candidates.len() < 2 {
        return Ok(candidates.into_iter().next());
    }
    let mut least: Option<(i64, String)> = None;
    for id in candidates {
        let sql =
            format!("SELECT count(*) AS n FROM appeals WHERE responsible_id = $1 AND status IN {UNDECIDED}");
        let open = tx.one(&sql, args![&id]).await?.int("n")?;
        if least.as_ref().is_none_or(|(fewest, _)| open < *fewest) {
            least = Some((open, id));
        }
    }
    Ok(least.map(|(_, id)| id))
}

/// Returns a person as shown to others.
pub async fn person_ref(tx: &mut Tx, id: &str) -> Result<PersonRef> {
    let row = tx.one("SELECT login, name FROM people WHERE id = $1", args![id]).await?;
    Ok(PersonRef { login: row.text("login")?, name: row.text("name")? })
}

/// Returns the id of the person with this login.
pub async fn person_by_login(tx: &mut Tx, login: &str) -> Result<Option<String>> {
    let row = tx.first("SELECT id FROM people WHERE login = $1", args![login]).await?;
    Ok(row.map(|r| r.text("id")).transpose()?)
}

/// Returns an organization that people may file for.
pub async fn organization(tx: &mut Tx, inn: &str) -> Result<Option<OrganizationRef>> {
    let row = tx.first("SELECT inn, name FROM organizations WHERE inn = $1", args![inn]).await?;
    Ok(row
        .map(|r| Ok::<_, super::db::DbError>(OrganizationRef { inn: r.text("inn")?, name: r.text("name")? }))
        .transpose()?)
}

/// Returns the regions, as JSON; `None` if the platform has no list of its own.
pub async fn regions(tx: &mut Tx) -> Result<Option<String>> {
    let row =
        tx.first("SELECT body FROM documents WHERE kind = 'regions' AND name = 'ru'", Vec::new()).await?;
    Ok(row.map(|r| r.text("body")).transpose()?)
}

/// Returns the production calendar of this name and the deadline policies, as JSON.
pub async fn rules(tx: &mut Tx, calendar: &str) -> Result<(String, String)> {
    let rows = tx
        .all(
            "SELECT kind, body FROM documents WHERE (kind = 'calendar' AND name = $1) \
             OR (kind = 'policies' AND name = 'stock')",
            args![calendar],
        )
        .await?;
    let (mut calendar, mut policies) = (None, None);
    for row in rows {
        match row.text("kind")?.as_str() {
            "calendar" => calendar = Some(row.text("body")?),
            _ => policies = Some(row.text("body")?),
        }
    }
    calendar
        .zip(policies)
        .ok_or_else(|| Fault::Internal("the database has no calendar or no policies".to_owned()))
}
