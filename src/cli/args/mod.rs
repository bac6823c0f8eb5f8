//! Groups of arguments that commands share.

pub mod fields;
pub mod filters;
pub mod secrets;
pub mod texts;
pub mod values;
