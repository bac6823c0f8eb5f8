//! Filing many appeals in one request, as JSON Lines.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::problem::Problem;
use super::related::Similar;
use appeal_domain::{Vocabulary, Word};

/// Media type of JSON Lines.
pub const JSON_LINES: &str = "application/jsonl";
/// Maximum number of lines in a request.
pub const BULK_LINES_MAX: usize = 500;
/// Maximum size of a request, in bytes.
pub const BULK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One line of a request: an appeal and its idempotency key. The key makes filing safe to repeat, in the same request,
/// in another bulk request or in a single one.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkLine {
    /// Idempotency key of this appeal, with the same scope as for `POST /v1/appeals`.
    pub key: String,
    /// The appeal, as for `POST /v1/appeals`. The key is bound to these exact bytes.
    #[schema(value_type = super::requests::NewAppeal)]
    pub appeal: Box<RawValue>,
}

/// The result for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    /// Filed, by this request or by an earlier one with the same key.
    Filed,
    /// Not filed.
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

/// One line of the response. Lines are in the order of the request and are sent after the commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BulkResult {
    /// The idempotency key of the line; absent if the line could not be read.
    pub key: Option<String>,
    pub status: Word<BulkStatus>,
    /// Number of the appeal.
    pub number: Option<String>,
    /// Whether an earlier request had already filed it.
    pub replayed: bool,
    /// Why the appeal was not filed.
    pub error: Option<Problem>,
    /// Similar undecided appeals of the same applicant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Similar>,
}
