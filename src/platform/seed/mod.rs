//! The initial data of a new platform (F3, F5, N1): departments, categories, templates, the production calendar,
//! deadline policies and people. Loaded once, in one transaction.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, Result};
use crate::store::db::{Load, Tx};
use crate::store::{admin_catalogue, admin_people, catalogue, meta, region_codes};
use appeal_api::{
    CategoryRecord, ContactRecord, DepartmentRecord, OrganizationRecord, PersonRecord, RouteRecord, Template,
    Titles,
};
use appeal_domain::stock::{CALENDAR, CATEGORIES, POLICIES, REGIONS, TEMPLATES};
use appeal_domain::*;

const DEPARTMENTS: &str = include_str!("departments.json");
const CONTACTS: &str = include_str!("contacts.json");
const PEOPLE: &str = include_str!("people.json");

/// What is loaded into a new database.
#[derive(Debug, Clone, Copy)]
pub struct Seed {
    /// Whether to add people as whom anyone on this machine may sign in. Without them, there is one administrator, who
    /// cannot sign in until a token is created on the machine itself.
    pub local_people: bool,
    /// The current time.
    pub now: Timestamp,
}

#[derive(Deserialize)]
struct StockDepartment {
    #[serde(flatten)]
    department: StockRecord,
    operators: Vec<StockOperator>,
}

/// A [`DepartmentRecord`] along with other keys.
#[derive(Deserialize, Clone)]
struct StockRecord {
    code: String,
    title: Titles,
    authority: Titles,
    region: Option<String>,
    time_zone: String,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    routes: Vec<RouteRecord>,
}

impl StockRecord {
    fn record(&self) -> DepartmentRecord {
        let StockRecord { code, title, authority, region, time_zone, level, routes } = self.clone();
        DepartmentRecord { code, title, authority, region, time_zone, level, routes }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockOperator {
    login: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockPeople {
    organizations: Vec<OrganizationRecord>,
    people: Vec<StockPerson>,
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
    /// `active` by default.
    #[serde(default)]
    state: Option<AccountState>,
    #[serde(default)]
    blocked_reason: Option<String>,
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Fault::Internal(format!("stock {name}: {e}")))
}

impl Seed {
    /// Returns the loader, for [`Database::open`](crate::store::Database::open).
    pub fn load(self) -> Load {
        Box::new(move |tx| Box::pin(load(tx, self)))
    }
}

/// Loads the initial data that the database does not have yet.
async fn load(tx: &mut Tx, seed: Seed) -> Result<()> {
    if catalogue::regions(tx).await?.is_none() {
        admin_catalogue::put_regions(tx, REGIONS).await?;
    }
    // Appeals of an earlier version have no codes.
    region_codes::fill(tx).await?;
    if meta::get(tx, meta::SEEDED).await?.is_some() {
        return Ok(());
    }
    let departments: Vec<StockDepartment> = read("departments", DEPARTMENTS)?;
    // Departments, then the categories routed to them, then what is routed by both.
    for stock in &departments {
        admin_catalogue::put_department(tx, &stock.department.record()).await?;
    }
    for category in read::<Vec<CategoryRecord>>("categories", CATEGORIES)? {
        admin_catalogue::put_category(tx, &category).await?;
    }
    for stock in &departments {
        admin_catalogue::put_routes(tx, &stock.department.record()).await?;
    }
    for template in read::<Vec<Template>>("templates", TEMPLATES)? {
        admin_catalogue::put_template(tx, &template).await?;
    }
    admin_catalogue::put_calendar(tx, "ru", CALENDAR).await?;
    admin_catalogue::put_policies(tx, POLICIES).await?;
    load_people(tx, &departments, seed).await?;
    // A server has contacts of its own.
    for contact in read::<Vec<ContactRecord>>("contacts", CONTACTS)?.iter().filter(|_| seed.local_people) {
        admin_catalogue::put_contact(tx, contact).await?;
    }
    meta::set(tx, meta::EPOCH, &hex::encode(rand::random::<[u8; 4]>())).await?;
    meta::set(tx, meta::SEEDED, &seed.now.to_string()).await
}

async fn load_people(tx: &mut Tx, departments: &[StockDepartment], seed: Seed) -> Result<()> {
    let stock: StockPeople = read("people", PEOPLE)?;
    // A reviewing department gets escalated appeals, not filed ones.
    let every: Vec<String> = departments
        .iter()
        .filter(|d| d.department.level.is_none())
        .map(|d| d.department.code.clone())
        .collect();
    for person in stock.people.iter().filter(|p| seed.local_people || p.role == Role::Admin) {
        let organizations = stock
            .organizations
            .iter()
            .filter(|o| seed.local_people && person.organizations.contains(&o.inn))
            .cloned()
            .collect();
        let record = PersonRecord {
            email: person.email.clone(),
            phone: person.phone.clone(),
            preferred: person.preferred,
            state: person.state.unwrap_or(AccountState::Active),
            reason: person.blocked_reason.clone(),
            levels: person.levels.clone(),
            departments: if person.every_department { every.clone() } else { Vec::new() },
            organizations,
            ..plain(&person.login, &person.name, person.role)
        };
        admin_people::put(tx, &record, seed.now).await?;
    }
    for stock in departments.iter().filter(|_| seed.local_people) {
        for operator in &stock.operators {
            let record = PersonRecord {
                departments: vec![stock.department.code.clone()],
                ..plain(&operator.login, &operator.name, Role::Operator)
            };
            admin_people::put(tx, &record, seed.now).await?;
        }
    }
    Ok(())
}

/// An active account with only a name and a role.
fn plain(login: &str, name: &str, role: Role) -> PersonRecord {
    PersonRecord {
        login: login.to_owned(),
        name: name.to_owned(),
        role,
        state: AccountState::Active,
        reason: None,
        email: None,
        phone: None,
        preferred: None,
        snils: None,
        inn: None,
        region: None,
        levels: Vec::new(),
        departments: Vec::new(),
        organizations: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use appeal_domain::deadline::Policies;

    fn categories() -> Vec<CategoryRecord> {
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
            for route in department.department.routes {
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
            categories().into_iter().filter(|c| c.access == Access::Closed).map(|c| c.code).collect();
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
            organization.inn.parse::<appeal_domain::requisites::Inn>().unwrap();
            organization.ogrn.unwrap().parse::<appeal_domain::requisites::Ogrn>().unwrap();
        }
        for person in stock.people {
            if let Some(email) = person.email {
                email.parse::<appeal_domain::requisites::Email>().unwrap();
            }
            if let Some(phone) = person.phone {
                phone.parse::<appeal_domain::requisites::Phone>().unwrap();
            }
        }
    }
}
