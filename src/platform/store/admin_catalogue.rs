//! Departments, categories, templates and documents, as loaded by administrators.

use std::collections::BTreeMap;

use serde::Serialize;

use super::catalogue::{self, fold_region};
use super::db::Tx;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{
    CalendarRecord, Category, CategoryRecord, ContactRecord, Department, DepartmentRecord, RouteRecord,
    Template,
};
use appeal_domain::AttachmentPolicy;
use appeal_domain::calendar::Calendar;

/// The kind of documents that contain production calendars.
const CALENDAR: &str = "calendar";

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))
}

/// A routing rule.
#[derive(Debug, Clone)]
pub struct Route {
    pub category: String,
    pub region: String,
    pub department: String,
}

/// Returns all routes.
pub async fn routes(tx: &mut Tx) -> Result<Vec<Route>> {
    let sql = "SELECT category, region, department FROM routes ORDER BY category, region";
    tx.all(sql, Vec::new())
        .await?
        .iter()
        .map(|row| {
            Ok(Route {
                category: row.text("category")?,
                region: row.text("region")?,
                department: row.text("department")?,
            })
        })
        .collect()
}

/// Returns all departments with their routes.
pub async fn departments(tx: &mut Tx) -> Result<Vec<DepartmentRecord>> {
    let mut routed: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for route in routes(tx).await? {
        let of = routed.entry(route.department).or_default();
        of.entry(route.category).or_default().push(route.region);
    }
    let departments = catalogue::departments(tx).await?;
    let record = |department: Department| {
        let routes = routed.remove(&department.code).unwrap_or_default();
        DepartmentRecord {
            code: department.code,
            title: department.title,
            authority: department.authority,
            region: department.region,
            time_zone: department.time_zone,
            level: department.level.and_then(|level| level.known()),
            routes: routes.into_iter().map(|(category, regions)| RouteRecord { category, regions }).collect(),
        }
    };
    Ok(departments.into_iter().map(record).collect())
}

/// Stores a department without its routes; a new one is added at the end.
pub async fn put_department(tx: &mut Tx, record: &DepartmentRecord) -> Result<()> {
    let department = Department {
        code: record.code.clone(),
        title: record.title.clone(),
        authority: record.authority.clone(),
        region: record.region.clone(),
        time_zone: record.time_zone.clone(),
        level: record.level.map(Into::into),
    };
    tx.run(
        "INSERT INTO departments (code, position, region, body) \
         VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM departments), $2, $3) \
         ON CONFLICT (code) DO UPDATE SET region = excluded.region, body = excluded.body",
        args![&department.code, department.region.clone(), text(&department)?],
    )
    .await?;
    Ok(())
}

/// Stores the routes of a department; their categories must exist.
pub async fn put_routes(tx: &mut Tx, record: &DepartmentRecord) -> Result<()> {
    for route in &record.routes {
        for region in &route.regions {
            tx.run(
                "INSERT INTO routes (category, region, department) VALUES ($1, $2, $3)",
                args![&route.category, fold_region(region), &record.code],
            )
            .await?;
        }
    }
    Ok(())
}

/// Removes the routes of a department.
pub async fn remove_routes(tx: &mut Tx, department: &str) -> Result<()> {
    tx.run("DELETE FROM routes WHERE department = $1", args![department]).await?;
    Ok(())
}

/// Returns whether an appeal or an operator belongs to a department.
pub async fn is_department_used(tx: &mut Tx, code: &str) -> Result<bool> {
    let used = tx
        .first(
            "SELECT 1 AS used FROM appeals WHERE department = $1 \
             UNION ALL SELECT 1 FROM department_operators WHERE department = $1 LIMIT 1",
            args![code],
        )
        .await?;
    Ok(used.is_some())
}

/// Removes a department.
pub async fn remove_department(tx: &mut Tx, code: &str) -> Result<()> {
    tx.run("DELETE FROM departments WHERE code = $1", args![code]).await?;
    Ok(())
}

/// Returns the code of the parent category.
pub fn parent_of(code: &str) -> Option<String> {
    code.rsplit_once('.').map(|(parent, _)| parent.to_owned())
}

/// Stores a category; a new one is added at the end.
pub async fn put_category(tx: &mut Tx, record: &CategoryRecord) -> Result<()> {
    let category = Category {
        code: record.code.clone(),
        parent: parent_of(&record.code),
        title: record.title.clone(),
        hint: record.hint.clone(),
        access: record.access.into(),
        documents: record.documents.clone(),
        fields: record.fields.clone(),
        department: record.department.clone(),
        policy: record.policy.clone(),
        attachments: AttachmentPolicy::default().tightened(&record.attachments),
        // Follows from the routes.
        regional: false,
    };
    tx.run(
        "INSERT INTO categories (code, parent, position, body) \
         VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM categories), $3) \
         ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, body = excluded.body",
        args![&category.code, category.parent.clone(), text(&category)?],
    )
    .await?;
    Ok(())
}

/// Returns whether an appeal or a route refers to a category.
pub async fn is_category_used(tx: &mut Tx, code: &str) -> Result<bool> {
    let used = tx
        .first(
            "SELECT 1 AS used FROM appeals WHERE category = $1 \
             UNION ALL SELECT 1 FROM routes WHERE category = $1 LIMIT 1",
            args![code],
        )
        .await?;
    Ok(used.is_some())
}

/// Removes a category.
pub async fn remove_category(tx: &mut Tx, code: &str) -> Result<()> {
    tx.run("DELETE FROM categories WHERE code = $1", args![code]).await?;
    Ok(())
}

/// Stores a template; a new one is added at the end.
pub async fn put_template(tx: &mut Tx, template: &Template) -> Result<()> {
    tx.run(
        "INSERT INTO templates (id, position, body) \
         VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM templates), $2) \
         ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        args![&template.id, text(template)?],
    )
    .await?;
    Ok(())
}

/// Removes a template.
pub async fn remove_template(tx: &mut Tx, id: &str) -> Result<()> {
    tx.run("DELETE FROM templates WHERE id = $1", args![id]).await?;
    Ok(())
}

/// Returns all production calendars.
pub async fn calendars(tx: &mut Tx) -> Result<Vec<CalendarRecord>> {
    let sql = "SELECT name, body FROM documents WHERE kind = $1 ORDER BY name";
    tx.all(sql, args![CALENDAR])
        .await?
        .iter()
        .map(|row| {
            let calendar: Calendar = row.json("body")?;
            Ok(CalendarRecord {
                name: row.text("name")?,
                opens: calendar.opens,
                closes: calendar.closes,
                break_from: calendar.break_from,
                break_to: calendar.break_to,
                short_by_minutes: calendar.short_by_minutes,
                years: calendar.years,
            })
        })
        .collect()
}

/// Stores a production calendar, in JSON.
pub async fn put_calendar(tx: &mut Tx, name: &str, body: &str) -> Result<()> {
    put_document(tx, CALENDAR, name, body).await
}

/// Removes a production calendar.
pub async fn remove_calendar(tx: &mut Tx, name: &str) -> Result<()> {
    tx.run("DELETE FROM documents WHERE kind = $1 AND name = $2", args![CALENDAR, name]).await?;
    Ok(())
}

/// Stores the regions, in JSON.
pub async fn put_regions(tx: &mut Tx, body: &str) -> Result<()> {
    put_document(tx, "regions", "ru", body).await
}

/// Stores the deadline policies, in JSON.
pub async fn put_policies(tx: &mut Tx, body: &str) -> Result<()> {
    put_document(tx, "policies", "stock", body).await
}

/// The kind of documents that are support contacts.
const CONTACT: &str = "contact";

/// Returns all support contacts.
pub async fn contacts(tx: &mut Tx) -> Result<Vec<ContactRecord>> {
    let sql = "SELECT body FROM documents WHERE kind = $1 ORDER BY name";
    Ok(tx.all(sql, args![CONTACT]).await?.iter().map(|row| row.json("body")).collect::<Result<_, _>>()?)
}

/// Stores a support contact.
pub async fn put_contact(tx: &mut Tx, contact: &ContactRecord) -> Result<()> {
    let body = serde_json::to_string(contact).map_err(|e| Fault::Internal(e.to_string()))?;
    put_document(tx, CONTACT, &contact.id, &body).await
}

/// Removes a support contact.
pub async fn remove_contact(tx: &mut Tx, id: &str) -> Result<()> {
    tx.run("DELETE FROM documents WHERE kind = $1 AND name = $2", args![CONTACT, id]).await?;
    Ok(())
}

async fn put_document(tx: &mut Tx, kind: &str, name: &str, body: &str) -> Result<()> {
    tx.run(
        "INSERT INTO documents (kind, name, body) VALUES ($1, $2, $3) \
         ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
        args![kind, name, body],
    )
    .await?;
    Ok(())
}
