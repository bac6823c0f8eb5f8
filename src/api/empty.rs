//! A body that says nothing.

use serde::{Deserialize, Serialize};

/// A body that says nothing: `{}` or no bytes at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Nothing)]
pub struct Empty {}
