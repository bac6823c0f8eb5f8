//! The platform behind the commands.

mod concurrency;
mod life_cycle;
mod openapi;
