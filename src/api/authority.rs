//! Requests of the authority's staff other than moves of the life cycle: registering an appeal on an applicant's
//! behalf, co-executors, extensions, merges, classification.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::requests::{FileRef, NewAppeal};
use appeal_domain::*;

/// An appeal that an operator registers on an applicant's behalf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterAppeal {
    /// Login of the applicant.
    #[serde(rename = "for")]
    pub applicant: String,
    /// How the appeal was received: `phone`, `email`, `chat` or `in-person`. The deadlines of that channel apply.
    pub channel: Channel,
    /// The appeal. Absent contacts and organization are taken from the applicant's profile. It cannot be a draft.
    pub appeal: NewAppeal,
}

/// Adds or removes a co-executor: exactly one of `department` and `expert`.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Involve {
    /// Code of a department; all of its operators become co-executors.
    pub department: Option<String>,
    /// Login of an operator or supervisor.
    pub expert: Option<String>,
    /// Whether to remove the co-executor instead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remove: bool,
}

/// Extends the decision deadline. The applicant sees the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// RFC 3339; later than now and than the current due date.
    pub due_at: Timestamp,
    pub reason: String,
}

/// The appeal into which a duplicate is merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Number of the target appeal. If that appeal was itself merged, the appeal it was merged into is used.
    pub into: String,
}

/// Changes category or priority; at least one is required.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Classify {
    /// Code of the category. An undecided appeal is routed again.
    pub category: Option<String>,
    pub priority: Option<Priority>,
}

/// Handles a review of the decision. Without a text the review is taken into revision; with a text the revision is
/// completed.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Revise {
    /// What was changed because of the review.
    pub text: Option<String>,
    /// Final documents; only together with a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}
