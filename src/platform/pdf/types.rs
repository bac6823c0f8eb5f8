//! What is printed besides the card, and why there is no document.

use jiff::tz::TimeZone;

/// What is printed besides the card: the words behind its codes.
#[derive(Debug, Clone)]
pub struct Around {
    /// The authority that answers, in the reader's language.
    pub authority: Option<String>,
    /// Its department.
    pub department: Option<String>,
    /// Title of the category.
    pub category: Option<String>,
    /// The department's time zone: that of all times in the document.
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
