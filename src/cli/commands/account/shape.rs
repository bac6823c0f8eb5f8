//! The columns of an account.

use crate::output::{Cell, Column, Shape};

/// The user's own account.
pub const SHAPE: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("role", Cell::Word("role")),
        Column::new("state", Cell::Word("account state")),
        Column::new("next_step", Cell::Text),
        Column::new("snils", Cell::Text),
        Column::new("inn", Cell::Text),
        Column::new("passport", Cell::Text),
        Column::new("email", Cell::Text),
        Column::new("email_confirmed", Cell::Bool),
        Column::new("phone", Cell::Text),
        Column::new("phone_confirmed", Cell::Bool),
        Column::new("preferred", Cell::Word("contact way")),
        Column::new("region", Cell::Text),
        Column::new("organizations.name", Cell::Join),
        Column::new("organizations.inn", Cell::Join),
        Column::new("organizations.ogrn", Cell::Join),
        Column::new("organizations.address", Cell::Join),
        Column::new("totp", Cell::Bool),
    ],
    more: &[Column::new("password", Cell::Bool), Column::new("created_at", Cell::Time)],
    key: "login",
};
