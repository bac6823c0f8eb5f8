//! What every command works with.

pub mod connect;
pub mod context;
pub mod durations;
pub mod exit;
pub mod failure;
pub mod gateways;
pub mod globals;
pub mod plan;
pub mod unsent;

pub use context::Context;
pub use exit::Exit;
pub use failure::Failure;
pub use globals::Globals;
