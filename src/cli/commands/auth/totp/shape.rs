//! The state of the authenticator as it is printed.

use crate::output::{Cell, Column, Shape};

/// Whether there is one.
pub const STATE: Shape = Shape { columns: &[Column::new("totp", Cell::Bool)], more: &[], key: "totp" };
