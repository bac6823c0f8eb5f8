//! Deadlines of an appeal and how they were calculated, and forecasts for an appeal not filed yet.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use appeal_domain::*;

/// A deadline with its calculation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadlineDetail {
    pub kind: Word<DeadlineKind>,
    /// Number and unit: `12wh` and `30wm` are working hours and minutes, `5wd` working days, `30d` calendar days; `24h`
    /// and `5m` run around the clock.
    pub term: String,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    /// The day of `due_at` in `zone`; midnight ends the day before.
    #[serde(default)]
    pub due_on: Option<Date>,
    pub state: Word<DeadlineState>,
    pub met_at: Option<Timestamp>,
    /// When the clock was stopped; set while the platform waits for the applicant.
    pub paused_at: Option<Timestamp>,
    /// Code of the department.
    pub department: Option<String>,
    /// IANA name of the time zone used for the calculation.
    pub zone: String,
    /// Whether the deadline falls into a year for which the transfer of days off is not decreed yet.
    pub provisional: bool,
    /// Minutes left, negative if overdue; absent if the step is done or the clock is stopped.
    pub left_minutes: Option<i64>,
    /// Working minutes left, never negative; absent if the term runs around the clock.
    pub left_working_minutes: Option<i64>,
    /// Periods during which the platform waited for the applicant.
    pub pauses: Vec<PauseSpan>,
    /// The due date before the extension.
    pub extended_from: Option<Timestamp>,
    /// Reason of the extension.
    pub reason: Option<String>,
    pub steps: Vec<DeadlineStep>,
}

/// A period that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PauseSpan {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// One line of the calculation. `from` and `to` are local to the time zone of the deadline: dates, or dates with times.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadlineStep {
    /// `start`, `day_zero`, `free`, `worked`, `day`, `days`, `clock`, `waited`, `waited_days`, `set`, `extended`,
    /// `moved`, `short`, `paused`, `end`, `kept`, `provisional`, `met`.
    pub code: String,
    /// The moment the line refers to.
    pub at: Option<Timestamp>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Number of the working day, from 1.
    pub n: Option<u32>,
    /// Minutes added or subtracted.
    pub minutes: Option<i64>,
    /// Days added or subtracted.
    pub days: Option<u32>,
    /// Minutes left to count.
    pub left_minutes: Option<i64>,
    /// The line as text.
    pub text: String,
}

/// Parameters of a deadline forecast.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ForecastQuery {
    /// The channel; by default the account.
    pub channel: Option<Channel>,
    /// Code of the category; without it, only the general policies apply.
    pub category: Option<String>,
    /// The region; selects the department of the category.
    pub region: Option<String>,
    /// Code of the department; overrides the one selected by category and region.
    pub department: Option<String>,
    /// When the appeal would be filed; by default now.
    #[param(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}
