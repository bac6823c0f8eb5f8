//! A setting as it is printed.

use crate::cli::base::{Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_i18n::message;

/// A setting.
pub const SETTING: Shape = Shape {
    columns: &[Column::new("key", Cell::Text), Column::new("value", Cell::Text)],
    more: &[],
    key: "value",
};

#[derive(serde::Serialize)]
pub struct Setting {
    pub key: String,
    /// None if it was removed.
    pub value: Option<String>,
}

/// The failure of a setting that has no value.
pub fn not_set(key: &str) -> Failure {
    Failure::from_message(Exit::NotFound, "not_set", message!("config-not-set", key))
}
