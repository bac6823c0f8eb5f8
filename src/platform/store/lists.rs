//! Pages of appeals: filters in SQL, and a cursor with the row to continue after, so that rows added or removed in the
//! meantime neither repeat nor hide others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::appeals;
use super::cards::Wanted;
use super::db::{Arg, Tx};
use super::statuses::UNDECIDED;
use super::{catalogue, co_executors, search, visibility};
use crate::caller::Caller;
use crate::fault::Result;
use appeal_api::View;
use appeal_domain::*;

/// The filters of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub view: Option<View>,
    pub statuses: Vec<Status>,
    pub kinds: Vec<Kind>,
    /// Each includes its children.
    pub categories: Vec<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub regions: Vec<String>,
    pub organizations: Vec<String>,
    pub priorities: Vec<Priority>,
    pub overdue: Option<bool>,
    /// States of the revision requested by the latest review.
    pub reviews: Vec<ReviewState>,
    /// Logins; `None` for appeals without a responsible operator.
    pub responsible: Vec<Option<String>>,
    pub departments: Vec<String>,
    pub search: Option<String>,
}

/// A field a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortField {
    CreatedAt,
    UpdatedAt,
    DueAt,
    Number,
    Status,
    Priority,
    Subject,
}

impl SortField {
    /// All fields, as in [`appeal_api::SORT_FIELDS`].
    pub const ALL: [SortField; 7] = [
        SortField::CreatedAt,
        SortField::UpdatedAt,
        SortField::DueAt,
        SortField::Number,
        SortField::Status,
        SortField::Priority,
        SortField::Subject,
    ];

    /// Returns the name used in queries.
    pub const fn as_str(self) -> &'static str {
        match self {
            SortField::CreatedAt => "created_at",
            SortField::UpdatedAt => "updated_at",
            SortField::DueAt => "due_at",
            SortField::Number => "number",
            SortField::Status => "status",
            SortField::Priority => "priority",
            SortField::Subject => "subject",
        }
    }

    /// Returns the SQL expression to compare; appeals without a due date come last.
    const fn expression(self) -> &'static str {
        match self {
            SortField::CreatedAt => "a.created_at",
            SortField::UpdatedAt => "a.updated_at",
            SortField::DueAt => "coalesce(a.due_at, 9223372036854775807)",
            SortField::Number => "a.number",
            SortField::Status => "a.status",
            SortField::Priority => "a.priority",
            SortField::Subject => "a.subject",
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, SortField::CreatedAt | SortField::UpdatedAt | SortField::DueAt)
    }
}

/// The order of a list; ties are broken by the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub field: SortField,
    pub reversed: bool,
}

/// The last row of a page. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The order it belongs to.
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "k")]
    key: Key,
    #[serde(rename = "i")]
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Int(i64),
    Text(String),
}

impl Order {
    fn name(self) -> String {
        format!("{}{}", self.field.as_str(), if self.reversed { "-" } else { "" })
    }
}

impl Cursor {
    /// Parses a cursor issued for this order.
    pub fn read(text: &str, order: Order) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let cursor: Cursor = serde_json::from_slice(&bytes).ok()?;
        let fits = matches!(cursor.key, Key::Int(_)) == order.field.is_number();
        (fits && cursor.order == order.name()).then_some(cursor)
    }

    /// Formats the cursor.
    pub fn text(&self, _order: Order) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Collects conditions and their values.
#[derive(Default)]
struct Where {
    conditions: Vec<String>,
    args: Vec<Arg>,
}

impl Where {
    fn bind(&mut self, value: impl Into<Arg>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn bind_all<T: Into<Arg>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        values.into_iter().map(|v| self.bind(v)).collect::<Vec<_>>().join(", ")
    }

    fn one_of<T: Into<Arg>>(&mut self, column: &str, values: Vec<T>) {
        if !values.is_empty() {
            let list = self.bind_all(values);
            self.conditions.push(format!("{column} IN ({list})"));
        }
    }
}

/// Returns one page, and the start of the next one, if any.
pub async fn page(
    tx: &mut Tx,
    caller: &Caller,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
    limit: u32,
    now: Timestamp,
) -> Result<(Vec<Wanted>, Option<Cursor>)> {
    let mut query = Where::default();
    let official = visibility::authority(caller, "a", &mut query.args);
    let alternatives = view(tx, caller, filter.view, &mut query).await?;
    narrow(tx, filter, now, &mut query).await?;
    let key = order.field.expression();
    let (beyond, direction) = if order.reversed { ("<", "DESC") } else { (">", "ASC") };
    if let Some(Cursor { key: value, id, .. }) = after {
        let value = match value {
            Key::Int(n) => query.bind(n),
            Key::Text(t) => query.bind(t),
        };
        let id = query.bind(id);
        query
            .conditions
            .push(format!("{key} {beyond}= {value} AND ({key} {beyond} {value} OR a.id {beyond} {id})"));
    }
    let rows = query.bind(limit + 1);
    let end = format!("ORDER BY {key} {direction}, a.id {direction} LIMIT {rows}");
    let narrowed: String = query.conditions.iter().map(|c| format!(" AND {c}")).collect();
    let conditions = match alternatives.as_slice() {
        [one] => format!("{one}{narrowed}"),
        several => {
            // The first rows of the union are among the first rows of each part, which an index returns in order.
            let parts: Vec<String> = several
                .iter()
                .enumerate()
                .map(|(n, one)| {
                    format!("SELECT id FROM (SELECT a.id FROM appeals a WHERE {one}{narrowed} {end}) part{n}")
                })
                .collect();
            format!("a.id IN ({})", parts.join(" UNION "))
        }
    };
    let sql = format!(
        "SELECT {columns}, {key} AS sort_key, CASE WHEN {official} THEN 1 ELSE 0 END AS official FROM appeals a \
         WHERE {conditions} {end}",
        columns = appeals::columns("a", false),
    );
    let mut rows = tx.all(&sql, query.args).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = match rows.last() {
        Some(row) if more => Some(Cursor {
            order: order.name(),
            key: if order.field.is_number() {
                Key::Int(row.int("sort_key")?)
            } else {
                Key::Text(row.text("sort_key")?)
            },
            id: row.text("id")?,
        }),
        _ => None,
    };
    let wanted = rows
        .iter()
        .map(|row| Ok(Wanted { row: appeals::read(row)?, internal: row.flag("official")? }))
        .collect::<Result<_>>()?;
    Ok((wanted, next))
}

/// Returns alternative conditions, at least one of which must hold. Never empty.
async fn view(tx: &mut Tx, caller: &Caller, view: Option<View>, query: &mut Where) -> Result<Vec<String>> {
    let admin = caller.role == Role::Admin;
    let mut any = match view {
        None if admin => {
            // One condition covers everything except drafts of others, so no alternatives are needed.
            vec![visibility::condition(caller, "a", &mut query.args)]
        }
        None => visibility::alternatives(caller, "a", &mut query.args),
        Some(View::Mine) => visibility::personal(caller, "a", &mut query.args),
        Some(View::Queue) => {
            let departments =
                if admin { catalogue::department_codes(tx).await? } else { caller.departments.clone() };
            departments
                .iter()
                .map(|code| {
                    let code = query.bind(code);
                    format!("(a.department = {code} AND a.status IN {UNDECIDED} AND a.escalated IS NULL)")
                })
                .collect()
        }
        Some(View::Reviews) if admin || visibility::sees_reviews(caller) => {
            vec!["a.id IN (SELECT appeal_id FROM reviews)".to_owned()]
        }
        Some(View::Reviews) => {
            let list = query.bind_all(caller.levels.iter().map(|l| l.as_str()));
            vec![format!(
                "a.id IN (SELECT r.appeal_id FROM reviews r JOIN escalations e ON e.appeal_id = r.appeal_id \
                 WHERE e.level IN ({list}))"
            )]
        }
        Some(View::Involved) => {
            let mut subjects = co_executors::subjects(caller, &mut query.args);
            if admin {
                subjects = vec!["1 = 1".to_owned()];
            }
            subjects
                .into_iter()
                .map(|subject| {
                    format!(
                        "(a.id IN (SELECT appeal_id FROM co_executors WHERE {subject}) AND a.status IN {UNDECIDED})"
                    )
                })
                .collect()
        }
        Some(View::Escalated) if admin => vec!["a.escalated IS NOT NULL".to_owned()],
        Some(View::Escalated) => {
            let list = query.bind_all(caller.levels.iter().map(|l| l.as_str()));
            vec![format!("a.escalated IN ({list})")]
        }
    };
    if any.is_empty() {
        any.push("1 = 0".to_owned());
    }
    Ok(any)
}

async fn narrow(tx: &mut Tx, filter: &Filter, now: Timestamp, query: &mut Where) -> Result<()> {
    query.one_of("a.status", filter.statuses.iter().map(|s| s.as_str()).collect());
    query.one_of("a.kind", filter.kinds.iter().map(|k| k.as_str()).collect());
    query.one_of("a.priority", filter.priorities.iter().map(|p| p.as_str()).collect());
    query.one_of("a.region", filter.regions.iter().map(String::as_str).collect());
    query.one_of("a.organization", filter.organizations.iter().map(String::as_str).collect());
    query.one_of("a.department", filter.departments.iter().map(String::as_str).collect());
    if !filter.responsible.is_empty() {
        let any: Vec<String> = filter
            .responsible
            .iter()
            .map(|login| match login {
                None => "a.responsible_id IS NULL".to_owned(),
                Some(login) => {
                    format!("a.responsible_id = (SELECT id FROM people WHERE login = {})", query.bind(login))
                }
            })
            .collect();
        query.conditions.push(format!("({})", any.join(" OR ")));
    }
    if !filter.categories.is_empty() {
        // The code of a child is that of its parent with a dot and one more part; '/' is the character after the dot.
        let any: Vec<String> = filter
            .categories
            .iter()
            .map(|code| {
                let own = query.bind(code);
                let (from, to) = (query.bind(format!("{code}.")), query.bind(format!("{code}/")));
                format!("(a.category = {own} OR (a.category >= {from} AND a.category < {to}))")
            })
            .collect();
        query.conditions.push(format!("({})", any.join(" OR ")));
    }
    if let Some(since) = filter.since {
        let since = query.bind(since);
        query.conditions.push(format!("a.created_at >= {since}"));
    }
    if let Some(until) = filter.until {
        let until = query.bind(until);
        query.conditions.push(format!("a.created_at < {until}"));
    }
    if let Some(overdue) = filter.overdue {
        // Equivalent to `AppealRow::is_overdue`.
        let now = query.bind(now);
        if overdue {
            // Implied by the next condition, but supported by an index.
            query.conditions.push(format!("a.status IN {UNDECIDED} AND a.due_at < {now}"));
        }
        let not = if overdue { "" } else { "NOT " };
        query.conditions.push(format!(
            "{not}(a.status IN {UNDECIDED} AND a.due_at IS NOT NULL AND a.due_at < \
             CASE WHEN a.status = 'clarification_required' THEN a.status_since ELSE {now} END)"
        ));
    }
    if !filter.reviews.is_empty() {
        let list = query.bind_all(filter.reviews.iter().map(|s| s.as_str()));
        query.conditions.push(format!(
            "a.id IN (SELECT r.appeal_id FROM reviews r WHERE r.state IN ({list}) AND NOT EXISTS \
             (SELECT 1 FROM reviews n WHERE n.appeal_id = r.appeal_id AND (n.at > r.at OR n.at = r.at AND n.id > r.id)))"
        ));
    }
    if let Some(text) = &filter.search {
        let found = match text.parse::<AppealRef>() {
            Ok(number) => {
                let number = query.bind(number.to_string());
                vec![format!("(a.number = {number} OR a.draft_number = {number})")]
            }
            Err(_) => search::conditions(tx, text, &mut query.args).await?,
        };
        query.conditions.extend(found);
    }
    Ok(())
}
