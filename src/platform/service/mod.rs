//! Use cases: one transaction each, permission checked first.

pub mod access;

pub mod accounts;
pub mod admin;
pub mod applicant;
pub mod authenticator;
pub mod catalogue;
pub mod change;
pub mod codes;
pub mod context;
pub mod deadline_cards;
pub mod deadlines;
pub mod edit;
pub mod enclosures;
pub mod explain;
pub mod files;
pub mod filing;
pub mod lists;
pub mod operator;
pub mod passwords;
pub mod reading;
pub mod rules;
pub mod sign_in;
pub mod supervisor;
pub mod timing;
pub mod tokens;
pub mod uploads;
