//! Accounts with everything that administrators can set.

use std::collections::BTreeMap;

use super::db::{Arg, Row, Tx};
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{OrganizationRecord, PersonRecord};

/// Number of people read by one statement.
const AT_ONCE: usize = 300;

/// Which records to read.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those with these keys.
    Keys(&'a [String]),
    /// A number of records after this key.
    After(Option<&'a str>, usize),
    /// All records.
    All,
}

/// Reads people, ordered by login.
pub async fn fetch(tx: &mut Tx, which: Which<'_>) -> Result<Vec<PersonRecord>> {
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
            record(row, departments, organizations.remove(&id).unwrap_or_default())
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
            found.entry(row.text("person_id")?).or_default().push(read_organization(&row)?);
        }
    }
    Ok(found)
}

/// Returns the password hash of an account.
pub async fn password_hash(tx: &mut Tx, login: &str) -> Result<Option<String>> {
    let row = tx.first("SELECT password_hash FROM people WHERE login = $1", args![login]).await?;
    Ok(row.map(|r| r.text_opt("password_hash")).transpose()?.flatten())
}

/// Returns an organization by its INN.
pub async fn organization(tx: &mut Tx, inn: &str) -> Result<Option<OrganizationRecord>> {
    let sql = "SELECT inn, ogrn, name, address FROM organizations WHERE inn = $1";
    tx.first(sql, args![inn]).await?.as_ref().map(read_organization).transpose()
}

fn read_organization(row: &Row) -> Result<OrganizationRecord> {
    Ok(OrganizationRecord {
        inn: row.text("inn")?,
        ogrn: row.text_opt("ogrn")?,
        name: row.text("name")?,
        address: row.text_opt("address")?,
    })
}

/// Stores a person with departments and organizations; returns the id.
pub async fn put(tx: &mut Tx, person: &PersonRecord, now: jiff::Timestamp) -> Result<String> {
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
            serde_json::to_string(&person.levels).map_err(|e| Fault::Internal(e.to_string()))?,
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
