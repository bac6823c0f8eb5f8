//! Deadlines of an appeal with how each was counted (N1, N2), and what would be due of one that is not filed yet.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::*;

/// A step that is due, with the arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadlineDetail {
    pub kind: Word<DeadlineKind>,
    /// Number and unit: `12wh` and `30wm` are hours and minutes in which people work, `5wd` working days, `30d` calendar
    /// days, `24h` and `5m` run round the clock.
    pub term: String,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub state: Word<DeadlineState>,
    pub met_at: Option<Timestamp>,
    /// The clock has stood still since then: it waits for the applicant.
    pub paused_at: Option<Timestamp>,
    /// Code of the department.
    pub department: Option<String>,
    /// IANA name of the zone in which it is counted.
    pub zone: String,
    /// It lies in a year whose moved days off are not decreed yet.
    pub provisional: bool,
    /// Minutes until it is due, below zero when it is past; none of a step that is done or whose clock stands still.
    pub left_minutes: Option<i64>,
    /// Of them those in which people work, never below zero; none where the term runs round the clock as well.
    pub left_working_minutes: Option<i64>,
    /// Time that waited for the applicant.
    pub pauses: Vec<PauseSpan>,
    /// When it was due before it was extended.
    pub extended_from: Option<Timestamp>,
    /// Why it was extended.
    pub reason: Option<String>,
    pub steps: Vec<DeadlineStep>,
}

/// Time that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PauseSpan {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// One line of the arithmetic. `from` and `to` are local to the zone of the deadline: dates, or dates with times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadlineStep {
    /// `start`, `day_zero`, `free`, `worked`, `day`, `days`, `clock`, `waited`, `waited_days`, `set`, `extended`,
    /// `moved`, `short`, `paused`, `end`, `kept`, `provisional`, `met`.
    pub code: String,
    /// The moment that the line is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Which working day it is, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Minutes that the line counts, or takes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    /// Days that the line counts, or takes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Minutes still to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_minutes: Option<i64>,
    /// The line in words.
    pub text: String,
}

/// What to count without an appeal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ForecastQuery {
    /// How the appeal would come; by default through the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Code of its category; without one the policies that hold everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its region, which decides on the department of the category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Code of the department, in place of the one of category and region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// When it would be filed; by default now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}
