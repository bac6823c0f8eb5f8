//! Many appeals in one request: JSON Lines there and back, a line an appeal.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::problem::Problem;
use super::related::Similar;
use appeal_domain::{Vocabulary, Word};

/// Media type of JSON Lines.
pub const JSON_LINES: &str = "application/jsonl";
/// Most lines of one request.
pub const BULK_LINES_MAX: usize = 500;
/// Most bytes of one request.
pub const BULK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One line of a request: an appeal and the key that makes its filing safe to repeat, in one request or many, alone
/// or with others.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkLine {
    /// Idempotency key of this appeal, scoped as that of `POST /v1/appeals`.
    pub key: String,
    /// The appeal, as `POST /v1/appeals` takes it; its bytes are what the key stands for.
    #[schema(value_type = super::requests::NewAppeal)]
    pub appeal: Box<RawValue>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    /// It is filed, by this request or by an earlier one with the same key.
    Filed,
    /// It is not.
    Failed,
}

impl Vocabulary for BulkStatus {
    fn all() -> &'static [Self] {
        &[BulkStatus::Filed, BulkStatus::Failed]
    }

    fn spelling(self) -> &'static str {
        match self {
            BulkStatus::Filed => "filed",
            BulkStatus::Failed => "failed",
        }
    }
}

/// One line of an answer; the lines have the order of the request, and come after the commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BulkResult {
    /// The line's key; none where the line could not be read.
    pub key: Option<String>,
    pub status: Word<BulkStatus>,
    /// The number it has.
    pub number: Option<String>,
    /// True where an earlier request filed it.
    pub replayed: bool,
    /// Why it is not filed.
    pub error: Option<Problem>,
    /// Undecided appeals of the same applicant that say much the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Similar>,
}
