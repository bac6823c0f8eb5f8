//! PDFs of an official answer, or of the whole card of an appeal, for archiving, reading, searching and copying (S7).
//!
//! Pure functions from API objects to bytes: the same card gives the same file, and nothing reads a clock, a system
//! font or a disk. The files are PDF/A-2a: tagged, with embedded subsets of the fonts, and every drawn character maps
//! back to its text. A violation of the standard is an error, never a file of lower quality.

mod answer;
mod card;
mod draw;
mod fonts;
mod layout;
mod qr;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod words;

pub use answer::answer;
pub use card::card;
pub use types::{Around, Error, Result};
