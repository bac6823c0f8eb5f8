//! Use cases: one transaction each, permission checked first.

pub mod access;
pub mod change;
pub mod context;
pub mod enclosures;
pub mod filing;
pub mod timing;
