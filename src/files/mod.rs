//! (room)

use std::path::PathBuf;

/// A local file that passed its checks (T1, T2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where it is.
    pub path: PathBuf,
    /// The name it gets in the appeal.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal, lower case.
    pub sha256: String,
    /// What its content is.
    pub media_type: String,
}
