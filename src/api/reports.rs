//! Reports of an authority (O3): `GET /v1/reports/summary`. How each number is reckoned is told in
//! [`domain::report`](appeal_domain::report).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::{ReportBy, Titles, Word};

/// What a report is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ReportQuery {
    /// The first day, `2026-11-01`, in the platform's home zone; or a time, RFC 3339. 30 days before `to` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, which counts to its end; or a time, which is not in the period any more. Today where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `category` (where absent), `department`, `region`, `kind`, `organization`, `day`, `week` or `month`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Numbers on the appeals that were filed in a period and that the reader answers for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Filed at this time or later.
    pub from: Timestamp,
    /// Filed before this time.
    pub to: Timestamp,
    /// IANA name of the zone whose days the period is in.
    pub time_zone: String,
    /// When the numbers were true.
    pub at: Timestamp,
    pub by: Word<ReportBy>,
    /// The largest first; days, weeks and months in their order.
    pub groups: Vec<ReportGroup>,
    pub total: ReportNumbers,
}

/// A group of appeals with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportGroup {
    /// Code of the category or department, kind, INN, region, `2026-11-30`, `2026-W48` or `2026-11`. None for those
    /// that have no region or were filed for no organization.
    pub key: Option<String>,
    pub title: Titles,
    #[serde(flatten)]
    pub numbers: ReportNumbers,
}

/// The numbers of a group, or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportNumbers {
    pub filed: u64,
    /// With an official answer.
    pub answered: u64,
    /// Decided by the date it was due.
    pub in_time: u64,
    /// Decided late, or undecided past the date.
    pub overdue: u64,
    pub time_to_first_status: ReportTimes,
    /// To the first official answer.
    pub time_to_decision: ReportTimes,
    /// Completed, closed or rejected; not cancelled or merged.
    pub outcomes: u64,
    /// Completed: the applicant confirmed that it is solved.
    pub solved: u64,
    /// `solved` of `outcomes`, 0 to 1.
    pub share_solved: Option<f64>,
    /// Repeats of an earlier appeal.
    pub repeated: u64,
    /// `repeated` of `filed`, 0 to 1.
    pub share_repeated: Option<f64>,
    /// Escalated at some time.
    pub escalated: u64,
    /// `escalated` of `filed`, 0 to 1.
    pub share_escalated: Option<f64>,
    pub satisfaction: Satisfaction,
}

/// Durations since the filing, in seconds, without the time that waited for the applicant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportTimes {
    /// How many there are.
    pub count: u64,
    /// Nearest rank: the lower of the two in the middle.
    pub median: Option<u64>,
    /// 95th percentile, nearest rank.
    pub p95: Option<u64>,
}

/// What applicants said of the decisions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Satisfaction {
    /// How many rated.
    pub count: u64,
    /// Mean score, 1 to 5.
    pub mean: Option<f64>,
}
