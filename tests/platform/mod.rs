//! The platform behind the commands.

mod calendar;
mod concurrency;
mod data;
mod examination;
mod life_cycle;
mod openapi;
mod serving;
