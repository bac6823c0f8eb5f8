//! Batches: filing many appeals from a file, again after failures, and through kills.

mod again;
mod kills;
mod rows;
mod submit;
