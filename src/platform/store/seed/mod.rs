//! The stock data of a new platform: departments, the category tree (F3), templates (F5), the production calendar and
//! the deadline policies (N1), and people. It is loaded once, in one transaction.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::db::Tx;
use super::{catalogue, fresh_id, meta};
use crate::api::{Category, Department, DocumentSpec, FieldSpec, Template, Titles};
use crate::args;
use crate::domain::*;
use crate::platform::fault::{Fault, Result};

const CATEGORIES: &str = include_str!("categories.json");
const DEPARTMENTS: &str = include_str!("departments.json");
const PEOPLE: &str = include_str!("people.json");
const TEMPLATES: &str = include_str!("templates.json");
const CALENDAR: &str = include_str!("../../../domain/calendar-ru.json");
const POLICIES: &str = include_str!("../../../domain/policies.json");

/// What a new database gets.
#[derive(Debug, Clone, Copy)]
pub struct Seed {
    /// People anybody on this machine may sign in as. Without them there is one administrator, whom nobody can sign
    /// in as until a token is made for them from the machine itself.
    pub local_people: bool,
    /// The time now.
    pub now: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockCategory {
    code: String,
    title: Titles,
    hint: Titles,
    department: String,
    #[serde(default)]
    access: Option<Access>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    documents: Vec<DocumentSpec>,
    #[serde(default)]
    fields: Vec<FieldSpec>,
    #[serde(default)]
    attachments: Option<AttachmentPolicy>,
}

#[derive(Deserialize)]
struct StockDepartment {
    #[serde(flatten)]
    department: Department,
    operators: Vec<StockOperator>,
    routes: Vec<StockRoute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockOperator {
    login: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockRoute {
    category: String,
    /// The spellings under which the region is known.
    regions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockPeople {
    organizations: Vec<StockOrganization>,
    people: Vec<StockPerson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockOrganization {
    inn: String,
    ogrn: String,
    name: String,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockPerson {
    login: String,
    name: String,
    role: Role,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    preferred: Option<ContactWay>,
    #[serde(default)]
    levels: Vec<Level>,
    #[serde(default)]
    organizations: Vec<String>,
    #[serde(default)]
    every_department: bool,
    /// `active` unless given.
    #[serde(default)]
    state: Option<AccountState>,
    #[serde(default)]
    blocked_reason: Option<String>,
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Fault::Internal(format!("stock {name}: {e}")))
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))
}

/// Loads the stock data unless the database has it already.
pub async fn load(tx: &mut Tx, seed: Seed) -> Result<()> {
    if meta::get(tx, meta::SEEDED).await?.is_some() {
        return Ok(());
    }
    let departments: Vec<StockDepartment> = read("departments", DEPARTMENTS)?;
    load_departments(tx, &departments).await?;
    load_categories(tx).await?;
    for stock in &departments {
        load_routes(tx, stock).await?;
    }
    let templates: Vec<Template> = read("templates", TEMPLATES)?;
    for (position, template) in (1i64..).zip(&templates) {
        tx.run(
            "INSERT INTO templates (id, position, body) VALUES ($1, $2, $3)",
            args![&template.id, position, text(template)?],
        )
        .await?;
    }
    for (kind, name, body) in [("calendar", "ru", CALENDAR), ("policies", "stock", POLICIES)] {
        tx.run("INSERT INTO documents (kind, name, body) VALUES ($1, $2, $3)", args![kind, name, body])
            .await?;
    }
    load_people(tx, &departments, seed).await?;
    meta::set(tx, meta::EPOCH, &hex::encode(rand::random::<[u8; 4]>())).await?;
    meta::set(tx, meta::SEEDED, &seed.now.to_string()).await
}

async fn load_departments(tx: &mut Tx, departments: &[StockDepartment]) -> Result<()> {
    for (position, stock) in (1i64..).zip(departments) {
        let department = &stock.department;
        tx.run(
            "INSERT INTO departments (code, position, region, body) VALUES ($1, $2, $3, $4)",
            args![&department.code, position, department.region.clone(), text(department)?],
        )
        .await?;
    }
    Ok(())
}

async fn load_categories(tx: &mut Tx) -> Result<()> {
    let categories: Vec<StockCategory> = read("categories", CATEGORIES)?;
    for (position, stock) in (1i64..).zip(categories) {
        let platform = AttachmentPolicy::default();
        let category = Category {
            parent: stock.code.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
            code: stock.code,
            title: stock.title,
            hint: stock.hint,
            access: stock.access.unwrap_or(Access::Public),
            documents: stock.documents,
            fields: stock.fields,
            department: stock.department,
            policy: stock.policy,
            attachments: stock.attachments.map_or_else(|| platform.clone(), |own| platform.tightened(&own)),
        };
        tx.run(
            "INSERT INTO categories (code, parent, position, body) VALUES ($1, $2, $3, $4)",
            args![&category.code, category.parent.clone(), position, text(&category)?],
        )
        .await?;
    }
    Ok(())
}

async fn load_routes(tx: &mut Tx, stock: &StockDepartment) -> Result<()> {
    for route in &stock.routes {
        for region in &route.regions {
            tx.run(
                "INSERT INTO routes (category, region, department) VALUES ($1, $2, $3)",
                args![&route.category, catalogue::fold_region(region), &stock.department.code],
            )
            .await?;
        }
    }
    Ok(())
}

async fn load_people(tx: &mut Tx, departments: &[StockDepartment], seed: Seed) -> Result<()> {
    let stock: StockPeople = read("people", PEOPLE)?;
    if !seed.local_people {
        if let Some(admin) = stock.people.iter().find(|p| p.role == Role::Admin) {
            load_person(tx, admin, &[], seed.now).await?;
        }
        return Ok(());
    }
    for organization in &stock.organizations {
        tx.run(
            "INSERT INTO organizations (inn, ogrn, name, address) VALUES ($1, $2, $3, $4)",
            args![&organization.inn, &organization.ogrn, &organization.name, &organization.address],
        )
        .await?;
    }
    let every: Vec<&str> = departments
        .iter()
        .filter(|d| d.department.level.is_none())
        .map(|d| d.department.code.as_str())
        .collect();
    for person in &stock.people {
        let serves: &[&str] = if person.every_department { &every } else { &[] };
        load_person(tx, person, serves, seed.now).await?;
    }
    for stock in departments {
        for operator in &stock.operators {
            let person = StockPerson {
                login: operator.login.clone(),
                name: operator.name.clone(),
                role: Role::Operator,
                email: None,
                phone: None,
                preferred: None,
                levels: Vec::new(),
                organizations: Vec::new(),
                every_department: false,
                state: None,
                blocked_reason: None,
            };
            load_person(tx, &person, &[&stock.department.code], seed.now).await?;
        }
    }
    Ok(())
}

async fn load_person(tx: &mut Tx, person: &StockPerson, departments: &[&str], now: Timestamp) -> Result<()> {
    let id = fresh_id();
    tx.run(
        "INSERT INTO people (id, login, name, role, state, email, phone, preferred, levels, created_at, blocked_reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            &id,
            &person.login,
            &person.name,
            person.role.as_str(),
            person.state.unwrap_or(AccountState::Active).as_str(),
            person.email.clone(),
            person.phone.clone(),
            person.preferred.map(|p| p.as_str().to_owned()),
            text(&person.levels)?,
            now,
            person.blocked_reason.clone(),
        ],
    )
    .await?;
    for department in departments {
        tx.run(
            "INSERT INTO department_operators (department, person_id) VALUES ($1, $2)",
            args![*department, &id],
        )
        .await?;
    }
    for inn in &person.organizations {
        tx.run("INSERT INTO representatives (person_id, inn) VALUES ($1, $2)", args![&id, inn]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deadline::Policies;

    fn categories() -> Vec<StockCategory> {
        read("categories", CATEGORIES).unwrap()
    }

    #[test]
    fn categories_form_a_tree_and_lead_to_departments_and_policies_that_exist() {
        let departments: Vec<StockDepartment> = read("departments", DEPARTMENTS).unwrap();
        let policies: Policies = read("policies", POLICIES).unwrap();
        let mut known: Vec<String> = Vec::new();
        for category in categories() {
            if let Some((parent, _)) = category.code.rsplit_once('.') {
                assert!(known.iter().any(|k| k == parent), "{} comes before its parent", category.code);
            }
            assert!(
                departments.iter().any(|d| d.department.code == category.department),
                "{}",
                category.code
            );
            if let Some(policy) = &category.policy {
                assert!(policies.policies.contains_key(policy), "{}: no policy {policy}", category.code);
            }
            for titles in [&category.title, &category.hint] {
                assert!(!titles.en.is_empty() && !titles.ru.is_empty(), "{}", category.code);
            }
            assert!(!known.contains(&category.code), "{} comes twice", category.code);
            known.push(category.code);
        }
        for department in departments {
            jiff::tz::TimeZone::get(&department.department.time_zone).unwrap();
            for route in department.routes {
                assert!(known.contains(&route.category));
            }
        }
    }

    #[test]
    fn the_usual_categories_need_nothing_but_a_subject_and_a_text() {
        let demanding: Vec<String> = categories()
            .into_iter()
            .filter(|c| c.fields.iter().any(|f| f.required) || c.documents.iter().any(|d| d.required))
            .map(|c| c.code)
            .collect();
        assert_eq!(demanding, ["documents.copy", "education.certificates", "taxes.deduction"]);
        let closed: Vec<String> =
            categories().into_iter().filter(|c| c.access == Some(Access::Closed)).map(|c| c.code).collect();
        assert_eq!(closed, ["internal"]);
    }

    #[test]
    fn templates_name_their_placeholders_and_a_category() {
        let codes: Vec<String> = categories().into_iter().map(|c| c.code).collect();
        let templates: Vec<Template> = read("templates", TEMPLATES).unwrap();
        assert!(templates.len() >= 6);
        for template in templates {
            assert!(codes.contains(&template.category), "{}", template.id);
            let both = format!("{}\n{}", template.subject, template.text);
            let mut used: Vec<&str> = both
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .map(|(name, _)| name)
                .collect();
            let mut named: Vec<&str> = template.placeholders.iter().map(|p| p.name.as_str()).collect();
            used.sort_unstable();
            used.dedup();
            named.sort_unstable();
            assert_eq!(used, named, "{}", template.id);
        }
    }

    #[test]
    fn requisites_and_contacts_of_the_stock_people_are_valid() {
        let stock: StockPeople = read("people", PEOPLE).unwrap();
        for organization in stock.organizations {
            organization.inn.parse::<crate::domain::requisites::Inn>().unwrap();
            organization.ogrn.parse::<crate::domain::requisites::Ogrn>().unwrap();
        }
        for person in stock.people {
            if let Some(email) = person.email {
                email.parse::<crate::domain::requisites::Email>().unwrap();
            }
            if let Some(phone) = person.phone {
                phone.parse::<crate::domain::requisites::Phone>().unwrap();
            }
        }
    }
}
