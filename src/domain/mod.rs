//! What an appeal is. Pure: no I/O, no async, no clock (time is an argument). The command line and the platform both
//! use it, and nobody else decides what is decided here.

pub mod finding;
pub mod policy;
pub mod status;
pub mod vocab;

pub use finding::Finding;
pub use policy::AttachmentPolicy;
pub use status::Status;
pub use vocab::*;
