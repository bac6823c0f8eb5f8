//! Paper (S7): an official answer, or the whole card of an appeal, as a PDF that archives keep and people can read,
//! search and copy from.
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
mod words;

use jiff::tz::TimeZone;

pub use answer::answer;
pub use card::card;

/// What is printed besides the card: the words behind its codes.
#[derive(Debug, Clone)]
pub struct Around {
    /// The authority that answers, in the reader's language.
    pub authority: Option<String>,
    /// Its department.
    pub department: Option<String>,
    /// Title of the category.
    pub category: Option<String>,
    /// The department's time zone: that of all times on the paper.
    pub zone: TimeZone,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A font of the program's own cannot be used.
    #[error("a built-in font cannot be used")]
    Font,
    /// The number is too long for a QR code.
    #[error("no QR code: {0}")]
    Code(String),
    /// A size is not a size.
    #[error("a page or a shape has no size")]
    Geometry,
    /// The document breaks a rule of PDF/A, or of PDF.
    #[error("not a valid document: {0}")]
    Invalid(String),
}

/// What comes of laying out a document.
pub type Result<T, E = Error> = std::result::Result<T, E>;
