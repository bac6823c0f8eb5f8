//! Use cases: one transaction each, permission checked first.
pub mod context;
