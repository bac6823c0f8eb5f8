//! The attachment policy (T1): which files an appeal may have. The platform publishes it and may make it stricter for a
//! category. The default is built in, so that files can be checked offline.

use serde::{Deserialize, Serialize};

/// Limits on the files of one appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttachmentPolicy {
    /// Maximum size of one file, in bytes.
    pub max_file_bytes: u64,
    /// Maximum number of files of an appeal.
    pub max_files: u32,
    /// Maximum total size of the files of an appeal, in bytes.
    pub max_total_bytes: u64,
    /// Allowed extensions, lower case, without the dot.
    pub extensions: Vec<String>,
}

impl Default for AttachmentPolicy {
    fn default() -> Self {
        Self {
            max_file_bytes: 10 * 1024 * 1024,
            max_files: 10,
            max_total_bytes: 50 * 1024 * 1024,
            extensions: ["pdf", "jpg", "jpeg", "png", "doc", "docx"].map(str::to_owned).to_vec(),
        }
    }
}

impl AttachmentPolicy {
    /// Returns the stricter of two policies, limit by limit.
    pub fn tightened(&self, other: &Self) -> Self {
        Self {
            max_file_bytes: self.max_file_bytes.min(other.max_file_bytes),
            max_files: self.max_files.min(other.max_files),
            max_total_bytes: self.max_total_bytes.min(other.max_total_bytes),
            extensions: self.extensions.iter().filter(|e| other.extensions.contains(e)).cloned().collect(),
        }
    }
}
