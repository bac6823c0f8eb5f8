//! The rules for appeals, shared by the command line and the platform. Pure: no I/O, no async, no clock; the time is an
//! argument.

pub mod calendar;
pub mod deadline;
pub mod escalation;
pub mod event;
pub mod examine;
pub mod fields;
pub mod finding;
pub mod journal;
pub mod lifecycle;
pub mod lockout;
pub mod number;
pub mod policies;
pub mod policy;
pub mod report;
pub mod requisites;
pub mod rules;
pub mod similarity;
pub mod status;
pub mod stock;
pub mod term;
pub mod vocab;
pub mod word;
pub mod writing;

pub use calendar::{Calendar, CalendarError};
pub use deadline::{Due, Step};
pub use event::Event;
pub use examine::{AccountDefaults, Examined, Given, examine, examine_edit};
pub use fields::*;
pub use finding::Finding;
pub use lifecycle::{Action, Forbidden, OpenMove, Situation, Who};
pub use number::{AppealNumber, AppealRef, DraftId, NumberError};
pub use policies::{Policies, Policy};
pub use policy::AttachmentPolicy;
pub use requisites::{Email, Inn, Ogrn, Passport, Phone, Snils};
pub use rules::{CategoryRules, DocumentSpec, FieldSpec, Rules, Titles};
pub use status::Status;
pub use term::Term;
pub use vocab::*;
pub use word::{Vocabulary, Word};
