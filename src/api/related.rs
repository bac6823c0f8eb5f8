//! Parts of a card beyond the appeal itself: co-executors, likely duplicates, versions, and the chain of repeats.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use appeal_domain::{Status, Word};

/// A co-executor of an appeal: sees everything and comments, but does not decide.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Involved {
    /// Code of the department, if the co-executor is a department.
    pub department: Option<String>,
    /// Login of the expert, if the co-executor is a person.
    pub login: Option<String>,
    pub at: Timestamp,
    /// Login of the operator who added the co-executor.
    pub by: String,
}

/// An undecided appeal with a similar text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Similar {
    pub number: String,
    /// Similarity from 0.6 to 1 (the same words), rounded to hundredths.
    pub score: f64,
    pub status: Word<Status>,
    pub subject: String,
    pub created_at: Timestamp,
}

/// Likely duplicates of an appeal, the most similar first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SimilarAppeals {
    pub number: String,
    pub similar: Vec<Similar>,
}

/// A version of the content of an appeal. The first version is the appeal as filed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppealVersion {
    /// From 1, without gaps.
    pub version: u32,
    pub at: Timestamp,
    /// Login of the author.
    pub actor: String,
    /// The action, as named in the journal.
    pub action: String,
    /// Fields that differ from the previous version, such as `text` or `contacts.phone`.
    pub fields: Vec<String>,
    /// Values before and after, for each of these fields.
    #[schema(value_type = Object)]
    pub changes: Value,
}

/// The chain of repeats an appeal belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Chain {
    /// Number of appeals in the chain.
    pub count: u32,
    /// Position of this appeal, from 1.
    pub position: u32,
    /// Numbers of the appeals in the order of filing.
    pub numbers: Vec<String>,
}
