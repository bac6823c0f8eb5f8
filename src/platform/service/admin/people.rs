//! People as data (P1, P2, P5): accounts with their role, state, contacts, requisites, departments and organizations.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::load::{Candidate, Hashes};
use super::records::{Field, Map, Which, as_map, fits, text, typed};
use crate::args;
use crate::caller::PLATFORM;
use crate::fault::Result;
use crate::service::context::Ctx;
use crate::store::accounts;
use crate::store::catalogue::department_codes;
use crate::store::db::{Arg, Row, Tx};
use crate::store::fresh_id;
use appeal_api::{OrganizationRecord, PersonRecord};
use appeal_domain::requisites::{Email, Inn, Invalid, Ogrn, Phone, Snils};
use appeal_domain::*;

/// Longest login, in characters.
const LOGIN_MAX: usize = 64;
/// Longest name, in characters.
const NAME_MAX: usize = 200;
/// People read by one statement.
const AT_ONCE: usize = 300;

/// The fields of a record.
pub const FIELDS: &[Field] = &[
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

/// Organizations: objects, or the INN alone of one that is known.
fn organizations(value: &Value) -> std::result::Result<(), String> {
    let items = serde_json::from_value::<Vec<Value>>(value.clone()).map_err(|e| e.to_string())?;
    for item in items.iter().filter(|item| !item.is_string()) {
        fits::<OrganizationRecord>(item)?;
    }
    Ok(())
}

/// Reads people by login.
pub async fn fetch(tx: &mut Tx, which: Which<'_>) -> Result<Vec<Map>> {
    const COLUMNS: &str = "SELECT p.id, p.login, p.name, p.role, p.state, p.email, p.phone, p.preferred, p.inn, \
                           p.snils, p.region, p.levels, p.blocked_reason FROM people p";
    let mut rows = Vec::new();
    match which {
        Which::All => rows = tx.all(&format!("{COLUMNS} ORDER BY p.login"), Vec::new()).await?,
        Which::After(after, limit) => {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let sql = format!("{COLUMNS} WHERE p.login > $1 ORDER BY p.login LIMIT $2");
            rows = tx.all(&sql, args![after.unwrap_or_default(), limit]).await?;
        }
        Which::Keys(keys) => {
            for keys in keys.chunks(AT_ONCE) {
                let sql = format!("{COLUMNS} WHERE p.login IN ({}) ORDER BY p.login", marks(keys.len()));
                rows.extend(tx.all(&sql, keys.iter().map(Arg::from).collect()).await?);
            }
        }
    }
    let ids: Vec<String> = rows.iter().map(|r| r.text("id")).collect::<std::result::Result<_, _>>()?;
    let mut departments = departments_of(tx, &ids).await?;
    let mut organizations = organizations_of(tx, &ids).await?;
    rows.iter()
        .map(|row| {
            let id = row.text("id")?;
            let departments = departments.remove(&id).unwrap_or_default();
            as_map(&record(row, departments, organizations.remove(&id).unwrap_or_default())?)
        })
        .collect()
}

fn record(
    row: &Row,
    departments: Vec<String>,
    organizations: Vec<OrganizationRecord>,
) -> Result<PersonRecord> {
    Ok(PersonRecord {
        login: row.text("login")?,
        name: row.text("name")?,
        role: row.word("role")?,
        state: row.word("state")?,
        reason: row.text_opt("blocked_reason")?,
        email: row.text_opt("email")?,
        phone: row.text_opt("phone")?,
        preferred: row.word_opt("preferred")?,
        snils: row.text_opt("snils")?,
        inn: row.text_opt("inn")?,
        region: row.text_opt("region")?,
        levels: row.json("levels")?,
        departments,
        organizations,
    })
}

fn marks(count: usize) -> String {
    (1..=count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

async fn departments_of(tx: &mut Tx, ids: &[String]) -> Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let sql = format!(
            "SELECT person_id, department FROM department_operators WHERE person_id IN ({}) ORDER BY department",
            marks(ids.len())
        );
        for row in tx.all(&sql, ids.iter().map(Arg::from).collect()).await? {
            found.entry(row.text("person_id")?).or_default().push(row.text("department")?);
        }
    }
    Ok(found)
}

async fn organizations_of(tx: &mut Tx, ids: &[String]) -> Result<BTreeMap<String, Vec<OrganizationRecord>>> {
    let mut found: BTreeMap<String, Vec<OrganizationRecord>> = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let sql = format!(
            "SELECT r.person_id, o.inn, o.ogrn, o.name, o.address FROM representatives r \
             JOIN organizations o ON o.inn = r.inn WHERE r.person_id IN ({}) ORDER BY o.inn",
            marks(ids.len())
        );
        for row in tx.all(&sql, ids.iter().map(Arg::from).collect()).await? {
            found.entry(row.text("person_id")?).or_default().push(organization(&row)?);
        }
    }
    Ok(found)
}

fn organization(row: &Row) -> Result<OrganizationRecord> {
    Ok(OrganizationRecord {
        inn: row.text("inn")?,
        ogrn: row.text_opt("ogrn")?,
        name: row.text("name")?,
        address: row.text_opt("address")?,
    })
}

/// Brings what was given into the form that is kept: requisites without their punctuation, organizations with their
/// names, lists in order. An empty text clears a field.
pub async fn tidy(tx: &mut Tx, at: &str, given: &mut Map, findings: &mut Vec<Finding>) -> Result<()> {
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
    // A person who is no longer blocked has no reason to be.
    if given.get("state").and_then(Value::as_str).is_some_and(|s| s != AccountState::Blocked.as_str()) {
        given.insert("reason".to_owned(), Value::Null);
    }
    let Some(Value::Array(items)) = given.get("organizations").cloned() else { return Ok(()) };
    let mut organizations = Vec::with_capacity(items.len());
    for item in items {
        let mut map = match item {
            Value::String(inn) => {
                let inn = inn.trim().to_owned();
                let row = tx
                    .first("SELECT inn, ogrn, name, address FROM organizations WHERE inn = $1", args![&inn])
                    .await?;
                match row {
                    Some(row) => as_map(&organization(&row)?)?,
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

/// What a record says against the others and against itself.
pub async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    candidates: &[Candidate],
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let departments = department_codes(tx).await?;
    let mut named: BTreeMap<String, OrganizationRecord> = BTreeMap::new();
    for candidate in candidates {
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
        if *login == ctx.caller.login && (person.role != Role::Admin || person.state != AccountState::Active)
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

/// Writes people.
pub async fn put(tx: &mut Tx, ctx: &Ctx, candidates: &[Candidate], hashes: &Hashes) -> Result<()> {
    for candidate in candidates {
        let person: PersonRecord = typed(&candidate.after)?;
        let id = write(tx, &person, ctx.now).await?;
        if let Some(Some(hash)) = hashes.get(&person.login) {
            // Whoever had signed in with the old one has to sign in again.
            accounts::set_password(tx, &id, hash, None, ctx.now).await?;
        }
    }
    Ok(())
}

/// Writes a person with departments and organizations; gives the id.
pub async fn write(tx: &mut Tx, person: &PersonRecord, now: jiff::Timestamp) -> Result<String> {
    tx.run(
        "INSERT INTO people (id, login, name, role, state, email, phone, preferred, inn, snils, region, levels, \
         created_at, blocked_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, state = excluded.state, \
         email = excluded.email, phone = excluded.phone, preferred = excluded.preferred, inn = excluded.inn, \
         snils = excluded.snils, region = excluded.region, levels = excluded.levels, \
         blocked_reason = excluded.blocked_reason, \
         email_unconfirmed = CASE WHEN coalesce(people.email, '') = coalesce(excluded.email, '') \
         THEN people.email_unconfirmed ELSE 0 END, \
         phone_unconfirmed = CASE WHEN coalesce(people.phone, '') = coalesce(excluded.phone, '') \
         THEN people.phone_unconfirmed ELSE 0 END",
        args![
            fresh_id(),
            &person.login,
            &person.name,
            person.role.as_str(),
            person.state.as_str(),
            person.email.clone(),
            person.phone.clone(),
            person.preferred.map(|p| p.as_str().to_owned()),
            person.inn.clone(),
            person.snils.clone(),
            person.region.clone(),
            text(&person.levels)?,
            now,
            person.reason.clone(),
        ],
    )
    .await?;
    let id = tx.one("SELECT id FROM people WHERE login = $1", args![&person.login]).await?.text("id")?;
    tx.run("DELETE FROM department_operators WHERE person_id = $1", args![&id]).await?;
    for department in &person.departments {
        tx.run(
            "INSERT INTO department_operators (department, person_id) VALUES ($1, $2)",
            args![department, &id],
        )
        .await?;
    }
    tx.run("DELETE FROM representatives WHERE person_id = $1", args![&id]).await?;
    for organization in &person.organizations {
        tx.run(
            "INSERT INTO organizations (inn, ogrn, name, address) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (inn) DO UPDATE SET ogrn = excluded.ogrn, name = excluded.name, \
             address = excluded.address",
            args![
                &organization.inn,
                organization.ogrn.clone(),
                &organization.name,
                organization.address.clone()
            ],
        )
        .await?;
        tx.run("INSERT INTO representatives (person_id, inn) VALUES ($1, $2)", args![&id, &organization.inn])
            .await?;
    }
    Ok(id)
}
