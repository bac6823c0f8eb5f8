//! What the authority's side asks for besides moves of the life cycle (F10–F12, O1): registering for a
//! person, co-executors, extensions, merges, classification.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::{FileRef, NewAppeal};
use appeal_domain::*;

/// An appeal that an operator registers for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterAppeal {
    /// Login of the applicant.
    #[serde(rename = "for")]
    pub applicant: String,
    /// How it came: `phone`, `email`, `chat` or `in-person`. The deadlines of that channel apply.
    pub channel: Channel,
    /// What is filed. Contacts and organization come from the applicant's profile where they are absent; it is never
    /// a draft.
    pub appeal: NewAppeal,
}

/// Who becomes, or is no more, a co-executor: exactly one of `department` and `expert`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Involve {
    /// Code of a department, all of whose operators take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Login of an operator or supervisor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expert: Option<String>,
    /// Ends the part instead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remove: bool,
}

/// A later date for the decision. The applicant sees the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// RFC 3339; later than now and than the present date.
    pub due_at: Timestamp,
    pub reason: String,
}

/// The appeal that a duplicate is merged into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Its number. One that was merged itself stands for the one it went into.
    pub into: String,
}

/// Another category or priority: at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Classify {
    /// Code of the category. An undecided appeal is routed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

/// What is done about a review. Without a text it is taken into revision, with one it is completed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Revise {
    /// What was changed because of the review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The final document; only with a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}
