//! Groups of arguments that commands share.

pub mod change;
pub mod due;
pub mod fields;
pub mod filters;
pub mod secrets;
pub mod texts;
pub mod values;
