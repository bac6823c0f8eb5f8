//! Additional content of documents, and errors.

use jiff::tz::TimeZone;

/// Content of a document besides the card: the titles behind its codes.
#[derive(Debug, Clone)]
pub struct Around {
    /// The answering authority, in the reader's language.
    pub authority: Option<String>,
    /// Its department.
    pub department: Option<String>,
    /// Title of the category.
    pub category: Option<String>,
    /// The department's time zone, used for all times in the document.
    pub zone: TimeZone,
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An embedded font cannot be used.
    #[error("a built-in font cannot be used")]
    Font,
    /// The number is too long for a QR code.
    #[error("no QR code: {0}")]
    Code(String),
    /// An invalid size.
    #[error("a page or a shape has no size")]
    Geometry,
    /// The document violates a rule of PDF/A, or of PDF.
    #[error("not a valid document: {0}")]
    Invalid(String),
}

/// Result of rendering.
pub type Result<T, E = Error> = std::result::Result<T, E>;
