//! The columns of a token.

use crate::output::{Cell, Column, Shape};

/// A token, without its secret.
pub const TOKENS: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("scopes", Cell::Join),
        Column::new("created_at", Cell::Time).optional(),
        Column::new("expires_at", Cell::Time),
        Column::new("last_used_at", Cell::Time),
        Column::new("revoked_at", Cell::Time),
    ],
    more: &[
        Column::new("login", Cell::Text),
        Column::new("session", Cell::Bool),
        Column::new("current", Cell::Bool),
    ],
    key: "id",
};
