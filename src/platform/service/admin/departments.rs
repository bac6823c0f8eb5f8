//! Departments as data (F10): titles, region, time zone, and routing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::ready;
use serde_json::Value;

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, check_code, check_titles, fits, through, typed,
};
use crate::fault::Result;
use crate::store::admin_catalogue;
use crate::store::catalogue::{self, fold_region};
use crate::store::db::Tx;
use appeal_api::{DepartmentRecord, RouteRecord, Titles};
use appeal_domain::{Finding, Level, zones};

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("code", true, fits::<String>),
    ("title", true, fits::<Titles>),
    ("authority", true, fits::<Titles>),
    ("region", false, fits::<String>),
    ("time_zone", true, fits::<String>),
    ("level", false, fits::<Level>),
    ("routes", false, fits::<Vec<RouteRecord>>),
];

pub struct Departments;

impl DataSet for Departments {
    fn key(&self) -> &'static str {
        "code"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<DepartmentRecord>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(all(tx))
    }

    fn tidy<'t>(
        &'t self,
        _tx: &'t mut Tx,
        _at: &'t str,
        given: &'t mut Map,
        _before: Option<&'t Map>,
        _findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        tidy(given);
        Box::pin(ready(Ok(())))
    }

    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(check(tx, batch.candidates, batch.removed, findings))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

/// Returns all departments with their routes.
async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    admin_catalogue::departments(tx).await?.iter().map(as_map).collect()
}

/// Normalizes routes: one per category, sorted, with folded names of regions.
fn tidy(given: &mut Map) {
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

/// Checks a record against the others.
async fn check(
    tx: &mut Tx,
    candidates: &[Candidate],
    removed: &[String],
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let categories = catalogue::categories(tx).await?;
    // The department of each category and region after loading.
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    let touched: Vec<&str> =
        candidates.iter().map(|c| c.key.as_str()).chain(removed.iter().map(String::as_str)).collect();
    for route in admin_catalogue::routes(tx).await? {
        if !touched.contains(&route.department.as_str()) {
            taken.insert((route.category, route.region), route.department);
        }
    }
    for candidate in candidates {
        let at = candidate.at.as_str();
        let department: DepartmentRecord = typed(&candidate.after)?;
        check_code(at, "code", &department.code, false, findings);
        check_titles(at, "title", &department.title, findings);
        check_titles(at, "authority", &department.authority, findings);
        if zones::zone(&department.time_zone).is_err() {
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
        let used = admin_catalogue::is_department_used(tx, code).await?;
        if used || categories.iter().any(|c| c.department == *code) {
            findings.push(Finding::error("admin-in-use", "code").at(code.as_str()).arg("key", code));
        }
    }
    Ok(())
}

/// Stores departments. All routes are removed first, so that a route can move from one department to another.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for code in candidates.iter().map(|c| &c.key).chain(removed) {
        admin_catalogue::remove_routes(tx, code).await?;
    }
    for code in removed {
        admin_catalogue::remove_department(tx, code).await?;
    }
    for candidate in candidates {
        let record: DepartmentRecord = typed(&candidate.after)?;
        admin_catalogue::put_department(tx, &record).await?;
        admin_catalogue::put_routes(tx, &record).await?;
    }
    Ok(())
}
