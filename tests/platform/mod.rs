//! The platform behind the commands.

mod concurrency;
mod examination;
mod life_cycle;
mod openapi;
