//! The rows of a file that a run files.

use super::index::{self, Digests};
use super::keys::Key;

/// The rows that may be filed.
pub enum Selection {
    /// Every row.
    All,
    /// The rows with these keys.
    Keys(Digests),
}

impl Selection {
    /// True if the row with this key is selected.
    pub fn contains(&self, key: &Key) -> bool {
        match self {
            Selection::All => true,
            Selection::Keys(keys) => keys.get(index::digest(&key.key)).is_some(),
        }
    }
}
