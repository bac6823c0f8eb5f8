//! Types of the HTTP API under `/v1`: requests, responses and the source of `openapi.json`.
//!
//! Times are RFC 3339 in UTC. The JSON names are part of the public interface.

pub mod accounts;
pub mod admin;
pub mod appeal;
pub mod authority;
pub mod bulk;
pub mod catalogue;
pub mod deadlines;
pub mod empty;
pub mod events;
pub mod notices;
pub mod person;
pub mod problem;
pub mod received;
pub mod related;
pub mod reports;
pub mod requests;
pub mod sharing;

pub use accounts::*;
pub use admin::*;
pub use appeal::*;
pub use authority::*;
pub use bulk::*;
pub use catalogue::*;
pub use deadlines::*;
pub use empty::*;
pub use events::*;
pub use notices::*;
pub use person::*;
pub use problem::*;
pub use received::Received;
pub use related::*;
pub use reports::*;
pub use requests::*;
pub use sharing::*;

/// Header that makes a POST safe to repeat.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Header with the secret of a device on which somebody signed in before.
pub const DEVICE: &str = "appeal-device";
/// Maximum length of an idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_MAX: usize = 255;
/// Default page size, in rows.
pub const PAGE_DEFAULT: u32 = 100;
/// Maximum page size, in rows.
pub const PAGE_MAX: u32 = 500;

pub use appeal_domain::{Contacts, DocumentSpec, FieldSpec, Institution, Titles};
