//! Flags to filter, sort and limit a list of appeals.

use crate::cli::args::values::{whole, word};
use crate::cli::base::durations::{outside, when};
use crate::cli::base::failure::lang;
use crate::cli::base::{Context, Failure};
use appeal_api::{ListQuery, SORT_FIELDS};
use appeal_domain::*;
use appeal_i18n::t;

/// Default number of rows of a list.
pub const ROWS: u32 = 30;

/// Filters of a list.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Filters {
    /// Filter by status, in English or Russian; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = word::<Status>(), value_delimiter = ',')]
    pub status: Vec<Status>,
    /// Filter by kind; can be repeated
    #[arg(long, value_name = "KIND", value_parser = word::<Kind>(), value_delimiter = ',')]
    pub kind: Vec<Kind>,
    /// Filter by category, including its subcategories; can be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub category: Vec<String>,
    /// Filed at or after: a date (`2026-11-01`), a time, a word (`yesterday`), or a duration before now (`7d`)
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub since: Option<When>,
    /// Filed before this time; a date or a month includes its last day
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub until: Option<When>,
    /// Filter by region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Filed on behalf of the organization with this INN
    #[arg(long, value_name = "INN")]
    pub organization: Option<String>,
    /// Filter by priority
    #[arg(long, value_name = "PRIORITY", value_parser = word::<Priority>())]
    pub priority: Option<Priority>,
    /// Only overdue appeals
    #[arg(long)]
    pub overdue: bool,
    /// Search the subject and text, matching Russian words in any form, or find a number
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub search: Option<String>,
}

/// Order and length of a list.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Paging {
    /// Sort by created_at, updated_at, due_at, number, status, priority or subject; add `:desc` to reverse
    #[arg(long, value_name = "FIELD[:desc]", value_parser = sort)]
    pub sort: Option<String>,
    /// Maximum number of rows [default: 30]
    #[arg(long, value_name = "N", value_parser = whole(1..=u32::MAX), conflicts_with = "all")]
    pub limit: Option<u32>,
    /// Show every row
    #[arg(long)]
    pub all: bool,
}

/// Reads `FIELD`, `FIELD:asc` or `FIELD:desc`.
///
/// # Errors
/// The field or the direction is unknown.
pub fn sort(text: &str) -> Result<String, String> {
    let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
    let field = field.trim().to_lowercase().replace('-', "_");
    if !SORT_FIELDS.contains(&field.as_str()) {
        return Err(t!(lang(), "value-sort", fields = SORT_FIELDS.join(", ")));
    }
    match direction.trim().to_lowercase().as_str() {
        "asc" => Ok(field),
        "desc" => Ok(format!("{field}:desc")),
        _ => Err(t!(lang(), "value-sort-direction")),
    }
}

/// Values of a repeated filter, as query parameters; empty if the filter is not given.
pub fn joined<T: ToString>(words: &[T]) -> Option<String> {
    Some(words.iter().map(T::to_string).collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}

impl Filters {
    /// Returns the query with these filters.
    ///
    /// # Errors
    /// A time outside the calendar (exit 2); an INN whose check digits do not fit (exit 3).
    pub fn query(&self, ctx: &Context) -> Result<ListQuery, Failure> {
        let (now, zone) = (ctx.now(), ctx.zone());
        let since = self.since.as_ref().map(|when| when.start(Direction::Back, now, &zone));
        let since = since.transpose().map_err(|e| Failure::usage("--since", outside(e)))?;
        let until = self.until.as_ref().map(|when| when.end(Direction::Back, now, &zone));
        let until = until.transpose().map_err(|e| Failure::usage("--until", outside(e)))?;
        let organization = match &self.organization {
            None => None,
            Some(inn) => Some(inn.parse::<Inn>().map_err(|invalid| {
                Failure::invalid(appeal_i18n::findings(ctx.lang, &[invalid.finding("organization")]))
            })?),
        };
        Ok(ListQuery {
            status: joined(&self.status),
            kind: joined(&self.kind),
            category: joined(&self.category),
            since: since.map(|at| at.to_string()),
            until: until.map(|at| at.to_string()),
            region: self.region.clone(),
            organization: organization.map(|inn| inn.to_string()),
            priority: self.priority.map(|p| p.to_string()),
            overdue: self.overdue.then_some(true),
            search: self.search.clone().filter(|words| !words.trim().is_empty()),
            ..ListQuery::default()
        })
    }
}

impl Paging {
    /// Returns the number of rows to print; `None` for all.
    pub fn rows(&self) -> Option<u32> {
        if self.all { None } else { Some(self.limit.unwrap_or(ROWS)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read() {
        assert_eq!(sort("due_at"), Ok("due_at".into()));
        assert_eq!(sort("due-at:desc"), Ok("due_at:desc".into()));
        assert_eq!(sort("number:asc"), Ok("number".into()));
        assert!(sort("color").is_err() && sort("number:down").is_err());
    }

    #[test]
    fn a_list_has_thirty_rows_unless_told() {
        assert_eq!(Paging::default().rows(), Some(30));
        assert_eq!(Paging { limit: Some(5), ..Paging::default() }.rows(), Some(5));
        assert_eq!(Paging { all: true, ..Paging::default() }.rows(), None);
    }
}
