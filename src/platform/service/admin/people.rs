//! People as data (P1, P2, P5): accounts with role, state, contacts, requisites, departments and organizations.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::data_set::{Batch, DataSet, Field, Map, Step, as_map, fits, through, typed};
use crate::caller::PLATFORM;
use crate::fault::Result;
use crate::store::accounts;
use crate::store::admin_people::{self, Which};
use crate::store::catalogue::department_codes;
use crate::store::db::Tx;
use appeal_api::{OrganizationRecord, PersonRecord};
use appeal_domain::requisites::{Email, Inn, Invalid, Ogrn, Phone, Snils};
use appeal_domain::*;

/// Maximum length of a login, in characters.
const LOGIN_MAX: usize = 64;
/// Maximum length of a name, in characters.
const NAME_MAX: usize = 200;

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("login", true, fits::<String>),
    ("name", true, fits::<String>),
    ("role", true, fits::<Role>),
    ("state", false, fits::<AccountState>),
    ("reason", false, fits::<String>),
    ("email", false, fits::<String>),
    ("phone", false, fits::<String>),
    ("preferred", false, fits::<ContactWay>),
    ("snils", false, fits::<String>),
    ("inn", false, fits::<String>),
    ("region", false, fits::<String>),
    ("levels", false, fits::<Vec<Level>>),
    ("departments", false, fits::<Vec<String>>),
    ("organizations", false, organizations),
];

pub struct People;

impl DataSet for People {
    fn key(&self) -> &'static str {
        "login"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<PersonRecord>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(fetch(tx, Which::All))
    }

    fn fetch<'t>(&'t self, tx: &'t mut Tx, which: Which<'t>) -> Step<'t, Vec<Map>> {
        Box::pin(fetch(tx, which))
    }

    fn tidy<'t>(
        &'t self,
        tx: &'t mut Tx,
        at: &'t str,
        given: &'t mut Map,
        _before: Option<&'t Map>,
        findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        Box::pin(tidy(tx, at, given, findings))
    }

    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(check(tx, batch, findings))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch))
    }
}

/// Organizations: objects, or only the INN of a known organization.
fn organizations(value: &Value) -> std::result::Result<(), String> {
    let items = serde_json::from_value::<Vec<Value>>(value.clone()).map_err(|e| e.to_string())?;
    for item in items.iter().filter(|item| !item.is_string()) {
        fits::<OrganizationRecord>(item)?;
    }
    Ok(())
}

/// Returns people, ordered by login.
async fn fetch(tx: &mut Tx, which: Which<'_>) -> Result<Vec<Map>> {
    admin_people::fetch(tx, which).await?.iter().map(as_map).collect()
}

/// Normalizes given values: requisites without punctuation, organizations with their names, sorted lists. An empty text
/// clears a field.
async fn tidy(tx: &mut Tx, at: &str, given: &mut Map, findings: &mut Vec<Finding>) -> Result<()> {
    for field in ["reason", "email", "phone", "preferred", "snils", "inn", "region"] {
        if given.get(field).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty()) {
            given.insert(field.to_owned(), Value::Null);
        }
    }
    requisite::<Email>(at, given, "email", findings);
    requisite::<Phone>(at, given, "phone", findings);
    requisite::<Snils>(at, given, "snils", findings);
    requisite::<Inn>(at, given, "inn", findings);
    for field in ["levels", "departments"] {
        if let Some(Value::Array(items)) = given.get_mut(field) {
            if field == "levels" {
                items.sort_by_key(|i| Level::ALL.iter().position(|l| Some(l.as_str()) == i.as_str()));
            } else {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            items.dedup();
        }
    }
    // The reason is removed when a person is unblocked.
    if given.get("state").and_then(Value::as_str).is_some_and(|s| s != AccountState::Blocked.as_str()) {
        given.insert("reason".to_owned(), Value::Null);
    }
    let Some(Value::Array(items)) = given.get("organizations").cloned() else { return Ok(()) };
    let mut organizations = Vec::with_capacity(items.len());
    for item in items {
        let mut map = match item {
            Value::String(inn) => {
                let inn = inn.trim().to_owned();
                match admin_people::organization(tx, &inn).await? {
                    Some(organization) => as_map(&organization)?,
                    None => {
                        findings.push(
                            Finding::error("admin-organization-unknown", "organizations")
                                .at(at)
                                .arg("given", inn),
                        );
                        continue;
                    }
                }
            }
            Value::Object(map) => map,
            _ => continue,
        };
        requisite_in::<Inn>(at, &mut map, "inn", "organizations.inn", findings);
        requisite_in::<Ogrn>(at, &mut map, "ogrn", "organizations.ogrn", findings);
        organizations.push(Value::Object(map));
    }
    organizations.sort_by(|a, b| a["inn"].as_str().cmp(&b["inn"].as_str()));
    organizations.dedup_by(|a, b| a["inn"] == b["inn"]);
    given.insert("organizations".to_owned(), organizations.into());
    Ok(())
}

fn requisite<T: FromStr<Err = Invalid> + std::fmt::Display>(
    at: &str,
    given: &mut Map,
    field: &'static str,
    findings: &mut Vec<Finding>,
) {
    requisite_in::<T>(at, given, field, field, findings);
}

fn requisite_in<T: FromStr<Err = Invalid> + std::fmt::Display>(
    at: &str,
    map: &mut Map,
    key: &str,
    field: &str,
    findings: &mut Vec<Finding>,
) {
    let Some(text) = map.get(key).and_then(Value::as_str) else { return };
    match text.parse::<T>() {
        Ok(value) => {
            map.insert(key.to_owned(), value.to_string().into());
        }
        Err(error) => findings.push(error.finding(field).at(at)),
    }
}

/// Checks a record on its own and against the others.
async fn check(tx: &mut Tx, batch: &Batch<'_>, findings: &mut Vec<Finding>) -> Result<()> {
    let departments = department_codes(tx).await?;
    let mut named: BTreeMap<String, OrganizationRecord> = BTreeMap::new();
    for candidate in batch.candidates {
        let at = candidate.at.as_str();
        let person: PersonRecord = typed(&candidate.after)?;
        let login = &person.login;
        let odd = |c: char| c.is_control() || c.is_whitespace() || "/?#%\"'\\<>|,;".contains(c);
        if login.chars().count() > LOGIN_MAX || login.contains(odd) || login == PLATFORM {
            findings.push(Finding::error("admin-login", "login").at(at).arg("max", LOGIN_MAX));
        }
        if person.name.trim().is_empty() || person.name.contains(char::is_control) {
            findings.push(Finding::error("admin-empty", "name").at(at));
        } else if person.name.chars().count() > NAME_MAX {
            findings.push(Finding::error("admin-too-long", "name").at(at).arg("max", NAME_MAX));
        }
        if person.state == AccountState::Blocked && person.reason.is_none() {
            findings.push(Finding::error("admin-reason-missing", "reason").at(at));
        }
        if person.state != AccountState::Blocked && person.reason.is_some() {
            findings.push(Finding::error("admin-reason-idle", "reason").at(at));
        }
        if !person.levels.is_empty() && person.role != Role::Supervisor {
            findings
                .push(Finding::error("admin-role-levels", "levels").at(at).arg("role", person.role.as_str()));
        }
        if !person.departments.is_empty() && person.role != Role::Operator {
            findings.push(
                Finding::error("admin-role-departments", "departments")
                    .at(at)
                    .arg("role", person.role.as_str()),
            );
        }
        for code in person.departments.iter().filter(|code| !departments.contains(code)) {
            findings
                .push(Finding::error("admin-department-unknown", "departments").at(at).arg("given", code));
        }
        if *login == batch.ctx.caller.login
            && (person.role != Role::Admin || person.state != AccountState::Active)
        {
            findings.push(
                Finding::error("admin-self", if person.role == Role::Admin { "state" } else { "role" })
                    .at(at),
            );
        }
        for organization in person.organizations {
            if !organization.inn.parse::<Inn>().is_ok_and(|inn| inn.is_organization()) {
                findings.push(
                    Finding::error("admin-organization-inn", "organizations.inn")
                        .at(at)
                        .arg("given", &organization.inn),
                );
            }
            if organization.name.trim().is_empty() {
                findings.push(Finding::error("admin-empty", "organizations.name").at(at));
            }
            match named.get(&organization.inn) {
                Some(other) if *other != organization => findings.push(
                    Finding::error("admin-organization-twice", "organizations")
                        .at(at)
                        .arg("given", &organization.inn),
                ),
                _ => {
                    named.insert(organization.inn.clone(), organization);
                }
            }
        }
    }
    Ok(())
}

/// Stores people.
async fn put(tx: &mut Tx, batch: &Batch<'_>) -> Result<()> {
    let now = batch.ctx.now;
    for candidate in batch.candidates {
        let person: PersonRecord = typed(&candidate.after)?;
        let id = admin_people::put(tx, &person, now).await?;
        if let Some(Some(hash)) = batch.hashes.get(&person.login) {
            // Ends sessions that were created with the old password.
            accounts::set_password(tx, &id, hash, None, now).await?;
        }
    }
    Ok(())
}
