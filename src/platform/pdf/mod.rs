//! PDFs (S7) of an official answer, or of the whole card of an appeal, for archives and for people who read, search and
//! copy from them.
//!
//! Pure functions from what the API shows to bytes: the same card gives the same file, and nothing here reads a clock,
//! a system font or a disk. The files are PDF/A-2a: tagged, with subsets of the fonts inside, and every character that
//! is drawn maps back to the text it stands for. A rule of the standard that a document breaks is an error, never a
//! worse file.

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
