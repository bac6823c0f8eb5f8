//! Lists of appeals (S4): converts filters and order as typed to what the store understands.

use jiff::Timestamp;

use super::access;
use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::cards::{self, Depth};
use crate::store::catalogue;
use crate::store::db::Tx;
use crate::store::lists::{self, Cursor, Filter, Order, SortField};
use appeal_api::*;
use appeal_domain::*;

/// Returns a page of the appeals that the caller may see.
pub async fn list(tx: &mut Tx, ctx: &Ctx, query: &ListQuery) -> Result<Page<Appeal>> {
    access::admit(&ctx.caller, Scope::Read)?;
    match query.view {
        Some(View::Queue) if !matches!(ctx.caller.role, Role::Operator | Role::Admin) => {
            return Err(Fault::forbidden("forbidden-operator"));
        }
        Some(View::Involved) if !ctx.caller.is_authority() => {
            return Err(Fault::forbidden("forbidden-queue"));
        }
        Some(View::Escalated | View::Reviews)
            if !matches!(ctx.caller.role, Role::Supervisor | Role::Admin) =>
        {
            return Err(Fault::forbidden("forbidden-supervisor"));
        }
        _ => {}
    }
    let mut findings = Vec::new();
    let filter = Filter {
        view: query.view,
        statuses: words(&query.status, "status", &mut findings),
        kinds: words(&query.kind, "kind", &mut findings),
        categories: categories(tx, &query.category, &mut findings).await?,
        since: time(&query.since, "since", &mut findings),
        until: time(&query.until, "until", &mut findings),
        regions: texts(&query.region),
        organizations: texts(&query.organization),
        priorities: words(&query.priority, "priority", &mut findings),
        overdue: query.overdue,
        reviews: words(&query.review, "review", &mut findings),
        responsible: responsible(tx, ctx, query, &mut findings).await?,
        departments: departments(tx, &query.department, &mut findings).await?,
        search: query.search.clone().filter(|s| !s.trim().is_empty()),
    };
    let order = order(query, &mut findings);
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let after = match &query.after {
        None => None,
        Some(text) => {
            Some(Cursor::read(text, order).ok_or_else(|| Fault::from(Fault::refuse(400, code::BAD_CURSOR)))?)
        }
    };
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let (wanted, next) = lists::page(tx, &ctx.caller, &filter, order, after, limit, ctx.now).await?;
    let items = cards::build(tx, wanted, Depth::Row, ctx.now).await?;
    Ok(Page { items, next: next.map(|c| c.text(order)) })
}

fn texts(given: &Option<String>) -> Vec<String> {
    given
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Parses words of a vocabulary, in any accepted spelling.
fn words<T: std::str::FromStr<Err = UnknownWord>>(
    given: &Option<String>,
    field: &str,
    findings: &mut Vec<Finding>,
) -> Vec<T> {
    let mut all = Vec::new();
    for part in texts(given) {
        match part.parse::<T>() {
            Ok(word) => all.push(word),
            Err(unknown) => findings.push(
                Finding::error("word-unknown", field)
                    .arg("given", unknown.given)
                    .arg("allowed", unknown.allowed.join(", ")),
            ),
        }
    }
    all
}

async fn categories(tx: &mut Tx, given: &Option<String>, findings: &mut Vec<Finding>) -> Result<Vec<String>> {
    let codes = texts(given);
    for code in &codes {
        if catalogue::category(tx, code).await?.is_none() {
            findings.push(Finding::error("category-unknown", "category").arg("given", code));
        }
    }
    Ok(codes)
}

/// Resolves logins of operators; `none` stands for appeals without one.
async fn responsible(
    tx: &mut Tx,
    ctx: &Ctx,
    query: &ListQuery,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Option<String>>> {
    let mut all = Vec::new();
    for login in texts(&query.responsible) {
        // Only the authority's staff learn which logins do not exist.
        if login != "none"
            && ctx.caller.is_authority()
            && catalogue::person_by_login(tx, &login).await?.is_none()
        {
            findings.push(Finding::error("login-unknown", "responsible").arg("given", &login));
        }
        all.push(Some(login).filter(|login| login != "none"));
    }
    Ok(all)
}

async fn departments(
    tx: &mut Tx,
    given: &Option<String>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<String>> {
    let codes = texts(given);
    for code in &codes {
        if catalogue::department(tx, code).await?.is_none() {
            findings.push(Finding::error("department-unknown", "department").arg("given", code));
        }
    }
    Ok(codes)
}

fn time(given: &Option<String>, field: &str, findings: &mut Vec<Finding>) -> Option<Timestamp> {
    let text = given.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
    match text.parse() {
        Ok(time) => Some(time),
        Err(_) => {
            findings.push(Finding::error("time-invalid", field).arg("given", text));
            None
        }
    }
}

/// Returns the requested order; by default the newest first, in a queue the earliest due first.
fn order(query: &ListQuery, findings: &mut Vec<Finding>) -> Order {
    let Some(text) = query.sort.as_deref().map(str::trim).filter(|t| !t.is_empty()) else {
        return match query.view {
            Some(View::Queue | View::Escalated | View::Involved) => {
                Order { field: SortField::DueAt, reversed: false }
            }
            Some(View::Reviews) => Order { field: SortField::UpdatedAt, reversed: false },
            Some(View::Mine) | None => Order { field: SortField::CreatedAt, reversed: true },
        };
    };
    let (name, direction) = text.split_once(':').unwrap_or((text, "asc"));
    let field = SortField::ALL.into_iter().find(|f| f.as_str() == name);
    let reversed = match direction {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => None,
    };
    match (field, reversed) {
        (Some(field), Some(reversed)) => Order { field, reversed },
        _ => {
            findings.push(
                Finding::error("sort-unknown", "sort")
                    .arg("given", text)
                    .arg("allowed", SORT_FIELDS.join(", ")),
            );
            Order { field: SortField::CreatedAt, reversed: true }
        }
    }
}
