//! The columns of the state of an authenticator.

use crate::output::{Cell, Column, Shape};

/// Whether an authenticator is set up.
pub const STATE: Shape = Shape { columns: &[Column::new("totp", Cell::Bool)], more: &[], key: "totp" };
