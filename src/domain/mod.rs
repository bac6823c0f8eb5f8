//! What an appeal is. Pure: no I/O, no async, no clock (time is an argument). The command line and the platform both
//! use it, and nobody else decides what is decided here.

pub mod escalation;
pub mod finding;
pub mod lifecycle;
pub mod policy;
pub mod status;
pub mod vocab;

pub use finding::Finding;
pub use lifecycle::{Action, Forbidden, OpenMove, Situation, Who};
pub use policy::AttachmentPolicy;
pub use status::Status;
pub use vocab::*;
