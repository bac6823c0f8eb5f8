//! What a card tells besides the appeal itself: its co-executors, likely duplicates, earlier versions, and the chain of
//! repeats it belongs to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use appeal_domain::{Status, Word};

/// A co-executor of an appeal: sees everything, comments, does not decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Involved {
    /// Code of the department, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Login of the expert, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    pub at: Timestamp,
    /// Login of the operator who involved them.
    pub by: String,
}

/// An undecided appeal whose text is much like another's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Similar {
    pub number: String,
    /// From 0.6 to 1, which is the same words; rounded to hundredths.
    pub score: f64,
    pub status: Word<Status>,
    pub subject: String,
    pub created_at: Timestamp,
}

/// The likely duplicates of an appeal, the likeliest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SimilarAppeals {
    pub number: String,
    pub similar: Vec<Similar>,
}

/// A version of what an appeal says. The first one is the appeal as it was filed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppealVersion {
    /// From 1, without gaps.
    pub version: u32,
    pub at: Timestamp,
    /// Login of who made it.
    pub actor: String,
    /// What was done, as the journal names it.
    pub action: String,
    /// The fields that differ from the version before, such as `text` or `contacts.phone`.
    pub fields: Vec<String>,
    /// Each of them with its value before and after.
    #[schema(value_type = Object)]
    pub changes: Value,
}

/// The chain of repeats an appeal belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Chain {
    /// How many appeals it has.
    pub count: u32,
    /// The place of this one, from 1.
    pub position: u32,
    /// Their numbers in the order of filing.
    pub numbers: Vec<String>,
}
