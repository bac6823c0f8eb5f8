//! People's own accounts: profile, identity confirmation (P4, P5).

pub use super::passwords::password_hash;
