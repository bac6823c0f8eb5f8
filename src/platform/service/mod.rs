//! Use cases: one transaction each, permission checked first.

pub mod catalogue;
pub mod context;
pub mod tokens;
pub mod uploads;
