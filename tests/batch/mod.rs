//! Batches: filing many appeals from a file, repeating after failures, and being killed.

mod again;
mod kills;
mod rows;
mod submit;
