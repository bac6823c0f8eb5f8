//! Departments as data (F10): titles, region, time zone, and what is routed to them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::Value;

use super::load::Candidate;
use super::records::{Field, Map, as_map, check_code, check_titles, fits, text, typed};
use crate::args;
use crate::fault::Result;
use crate::store::catalogue::{self, fold_region};
use crate::store::db::Tx;
use appeal_api::{Department, DepartmentRecord, RouteRecord, Titles};
use appeal_domain::{Finding, Level};

/// The fields of a record.
pub const FIELDS: &[Field] = &[
    ("code", true, fits::<String>),
    ("title", true, fits::<Titles>),
    ("authority", true, fits::<Titles>),
    ("region", false, fits::<String>),
    ("time_zone", true, fits::<String>),
    ("level", false, fits::<Level>),
    ("routes", false, fits::<Vec<RouteRecord>>),
];

/// Every department with its routes.
pub async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    let mut routes: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for row in tx
        .all("SELECT category, region, department FROM routes ORDER BY category, region", Vec::new())
        .await?
    {
        let of = routes.entry(row.text("department")?).or_default();
        of.entry(row.text("category")?).or_default().push(row.text("region")?);
    }
    catalogue::departments(tx)
        .await?
        .into_iter()
        .map(|department| {
            let routes = routes.remove(&department.code).unwrap_or_default();
            as_map(&DepartmentRecord {
                code: department.code,
                title: department.title,
                authority: department.authority,
                region: department.region,
                time_zone: department.time_zone,
                level: department.level,
                routes: routes
                    .into_iter()
                    .map(|(category, regions)| RouteRecord { category, regions })
                    .collect(),
            })
        })
        .collect()
}

/// Brings routes into the form that is kept: one of each category, in order, regions folded.
pub fn tidy(given: &mut Map) {
    if given.get("region").and_then(Value::as_str).is_some_and(|r| r.trim().is_empty()) {
        given.insert("region".to_owned(), Value::Null);
    }
    let Some(Ok(routes)) = given.get("routes").map(|r| serde_json::from_value::<Vec<RouteRecord>>(r.clone()))
    else {
        return;
    };
    let mut tidied: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in routes {
        tidied.entry(route.category).or_default().extend(route.regions.iter().map(|r| fold_region(r)));
    }
    let routes: Vec<RouteRecord> = tidied
        .into_iter()
        .map(|(category, regions)| RouteRecord { category, regions: regions.into_iter().collect() })
        .collect();
    if let Ok(value) = serde_json::to_value(routes) {
        given.insert("routes".to_owned(), value);
    }
}

/// What a record says against the others.
pub async fn check(
    tx: &mut Tx,
    candidates: &[Candidate],
    removed: &[String],
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let categories = catalogue::categories(tx).await?;
    // Who takes what when all is done.
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    let touched: Vec<&str> =
        candidates.iter().map(|c| c.key.as_str()).chain(removed.iter().map(String::as_str)).collect();
    for row in tx.all("SELECT category, region, department FROM routes", Vec::new()).await? {
        let department = row.text("department")?;
        if !touched.contains(&department.as_str()) {
            taken.insert((row.text("category")?, row.text("region")?), department);
        }
    }
    for candidate in candidates {
        let at = candidate.at.as_str();
        let department: DepartmentRecord = typed(&candidate.after)?;
        check_code(at, "code", &department.code, false, findings);
        check_titles(at, "title", &department.title, findings);
        check_titles(at, "authority", &department.authority, findings);
        if TimeZone::get(&department.time_zone).is_err() {
            findings.push(
                Finding::error("admin-time-zone", "time_zone").at(at).arg("given", &department.time_zone),
            );
        }
        for route in department.routes {
            if !categories.iter().any(|c| c.code == route.category) {
                findings.push(
                    Finding::error("admin-category-unknown", "routes.category")
                        .at(at)
                        .arg("given", &route.category),
                );
            }
            for region in route.regions {
                if region.is_empty() {
                    findings.push(Finding::error("admin-empty", "routes.regions").at(at));
                    continue;
                }
                let place = (route.category.clone(), region);
                if let Some(other) = taken.get(&place) {
                    findings.push(
                        Finding::error("admin-route-taken", "routes")
                            .at(at)
                            .arg("category", &place.0)
                            .arg("region", &place.1)
                            .arg("department", other),
                    );
                } else {
                    taken.insert(place, department.code.clone());
                }
            }
        }
    }
    for code in removed {
        let used = tx
            .first(
                "SELECT 1 AS used FROM appeals WHERE department = $1 \
                 UNION ALL SELECT 1 FROM department_operators WHERE department = $1 LIMIT 1",
                args![code],
            )
            .await?
            .is_some();
        if used || categories.iter().any(|c| c.department == *code) {
            findings.push(Finding::error("admin-in-use", "code").at(code.as_str()).arg("key", code));
        }
    }
    Ok(())
}

/// Writes departments. Routes are taken away from all first, so that one may pass to another.
pub async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for code in candidates.iter().map(|c| &c.key).chain(removed) {
        tx.run("DELETE FROM routes WHERE department = $1", args![code]).await?;
    }
    for code in removed {
        tx.run("DELETE FROM departments WHERE code = $1", args![code]).await?;
    }
    for candidate in candidates {
        let record: DepartmentRecord = typed(&candidate.after)?;
        write(tx, &record).await?;
        write_routes(tx, &record).await?;
    }
    Ok(())
}

/// Writes a department without its routes; a new one comes last.
pub async fn write(tx: &mut Tx, record: &DepartmentRecord) -> Result<()> {
    let department = Department {
        code: record.code.clone(),
        title: record.title.clone(),
        authority: record.authority.clone(),
        region: record.region.clone(),
        time_zone: record.time_zone.clone(),
        level: record.level,
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

/// Writes the routes of a department; its categories are there.
pub async fn write_routes(tx: &mut Tx, record: &DepartmentRecord) -> Result<()> {
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
