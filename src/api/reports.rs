//! Reports of an authority: `GET /v1/reports/summary`. See [`domain::report`](appeal_domain::report) for how each
//! number is calculated.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use appeal_domain::{ReportBy, Titles, Word};

/// Parameters of a report.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ReportQuery {
    /// First day of the period, for example `2026-11-01`, in the platform's time zone; or an RFC 3339 time. By default
    /// 30 days before `to`.
    pub from: Option<String>,
    /// Last day of the period, inclusive; or an RFC 3339 time, exclusive. By default today.
    pub to: Option<String>,
    /// `category` (default), `department`, `region`, `kind`, `organization`, `day`, `week` or `month`.
    pub by: Option<String>,
}

/// Statistics on appeals that were filed in a period and that the caller is responsible for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Start of the period, inclusive.
    pub from: Timestamp,
    /// End of the period, exclusive.
    pub to: Timestamp,
    /// IANA name of the time zone of the period.
    pub time_zone: String,
    /// When the report was made.
    pub at: Timestamp,
    pub by: Word<ReportBy>,
    /// Groups, the largest first; days, weeks and months in chronological order.
    pub groups: Vec<ReportGroup>,
    pub total: ReportNumbers,
}

/// A group of appeals with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportGroup {
    /// Code of the category or department, kind, INN, region, `2026-11-30`, `2026-W48` or `2026-11`. `null` for appeals
    /// without a region or organization.
    pub key: Option<String>,
    pub title: Titles,
    #[serde(flatten)]
    pub numbers: ReportNumbers,
}

/// The numbers of a group, or the totals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportNumbers {
    pub filed: u64,
    /// Appeals with an official answer.
    pub answered: u64,
    /// Decided by the due date.
    pub in_time: u64,
    /// Decided late, or undecided after the due date.
    pub overdue: u64,
    pub time_to_first_status: ReportTimes,
    /// Time until the first official answer.
    pub time_to_decision: ReportTimes,
    /// Completed, closed or rejected; excludes cancelled and merged appeals.
    pub outcomes: u64,
    /// Completed: the applicant confirmed the solution.
    pub solved: u64,
    /// `solved` divided by `outcomes`, from 0 to 1.
    pub share_solved: Option<f64>,
    /// Appeals that repeat an earlier one.
    pub repeated: u64,
    /// `repeated` divided by `filed`, from 0 to 1.
    pub share_repeated: Option<f64>,
    /// Appeals escalated at least once.
    pub escalated: u64,
    /// `escalated` divided by `filed`, from 0 to 1.
    pub share_escalated: Option<f64>,
    pub satisfaction: Satisfaction,
}

/// Durations since the filing, in seconds, excluding time spent waiting for the applicant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportTimes {
    /// Number of durations.
    pub count: u64,
    /// Median by nearest rank: the lower of the two middle values.
    pub median: Option<u64>,
    /// 95th percentile by nearest rank.
    pub p95: Option<u64>,
}

/// Ratings of decisions by applicants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Satisfaction {
    /// Number of ratings.
    pub count: u64,
    /// Mean score, from 1 to 5.
    pub mean: Option<f64>,
}
