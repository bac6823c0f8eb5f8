//! An empty request body.

use serde::{Deserialize, Serialize};

/// An empty body: `{}` or no bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Nothing)]
pub struct Empty {}
