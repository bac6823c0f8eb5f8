//! Use cases: one transaction each, permission checked first.

pub mod access;
pub mod applicant;
pub mod catalogue;
pub mod change;
pub mod context;
pub mod deadline_cards;
pub mod deadlines;
pub mod disagreement;
pub mod edit;
pub mod enclosures;
pub mod explain;
pub mod files;
pub mod filing;
pub mod lists;
pub mod operator;
pub mod paper;
pub mod reading;
pub mod rules;
pub mod reports;
pub mod revision;
pub mod sharing;
pub mod supervisor;
pub mod timing;
pub mod tokens;
pub mod uploads;
pub mod versions;
