//! What a batch has to remember of every row, in a file without a name and not in memory: a million rows need no more
//! memory than a thousand.

use redb::backends::FileBackend;
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use sha2::{Digest, Sha256};

use super::journal::Filed;
use crate::cli::base::{Exit, Failure};

/// Bytes of it that are kept in memory.
const CACHE: usize = 4 * 1024 * 1024;

/// Counts and rows by a digest.
const NUMBERS: TableDefinition<(u8, u128), u64> = TableDefinition::new("numbers");
/// Appeals by the digest of their row's key: number, digest of the content, and its files as JSON.
const FILED: TableDefinition<u128, (&str, &str, &str)> = TableDefinition::new("filed");
/// Places in the journal, by row and digest of the key.
const LINES: TableDefinition<(u64, u128), u64> = TableDefinition::new("lines");

/// What a number is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How often a content has come.
    Content = 0,
    /// The row that has a key of its own.
    Named = 1,
    /// The row that a key was last seen with.
    Row = 2,
    /// An appeal that was filed, by its number.
    Filed = 3,
}

/// The index. Gone when it is dropped.
pub struct Index {
    // Never committed: nothing of it has to outlive the process. Before the database, to be dropped first.
    work: WriteTransaction,
    _database: Database,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

/// The digest by which a key is known here.
pub fn digest(key: &str) -> u128 {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

impl Index {
    /// An empty one.
    ///
    /// # Errors
    /// The folder for temporary files cannot be used.
    pub fn new() -> Result<Index, Failure> {
        let file = tempfile::tempfile()?;
        let database = Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(FileBackend::new(file).map_err(broken)?)
            .map_err(broken)?;
        let work = database.begin_write().map_err(broken)?;
        Ok(Index { work, _database: database })
    }

    /// The number kept under a digest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn number(&self, kind: Kind, of: u128) -> Result<Option<u64>, Failure> {
        let table = self.work.open_table(NUMBERS).map_err(broken)?;
        let found = table.get((kind as u8, of)).map_err(broken)?;
        Ok(found.map(|value| value.value()))
    }

    /// Keeps a number under a digest; gives the one from before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put_number(&mut self, kind: Kind, of: u128, number: u64) -> Result<Option<u64>, Failure> {
        let mut table = self.work.open_table(NUMBERS).map_err(broken)?;
        let before = table.insert((kind as u8, of), number).map_err(broken)?;
        Ok(before.map(|value| value.value()))
    }

    /// What was filed under a key.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn filed(&self, key: &str) -> Result<Option<Filed>, Failure> {
        let table = self.work.open_table(FILED).map_err(broken)?;
        let found = table.get(digest(key)).map_err(broken)?;
        Ok(found.map(|value| {
            let (number, digest, files) = value.value();
            let files = serde_json::from_str(files).unwrap_or_default();
            Filed { number: number.to_owned(), digest: digest.to_owned(), files }
        }))
    }

    /// Keeps what was filed under a key.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put_filed(&mut self, key: &str, filed: &Filed) -> Result<(), Failure> {
        let mut table = self.work.open_table(FILED).map_err(broken)?;
        let files = if filed.files.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&filed.files).map_err(broken)?
        };
        let value = (filed.number.as_str(), filed.digest.as_str(), files.as_str());
        table.insert(digest(key), value).map_err(broken)?;
        Ok(())
    }

    /// Keeps where the last line about a row is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put_line(&mut self, row: u64, key: &str, place: u64) -> Result<(), Failure> {
        let of = digest(key);
        let before = self.put_number(Kind::Row, of, row)?;
        let mut table = self.work.open_table(LINES).map_err(broken)?;
        if let Some(before) = before.filter(|before| *before != row) {
            table.remove((before, of)).map_err(broken)?;
        }
        table.insert((row, of), place).map_err(broken)?;
        Ok(())
    }

    /// The places of the last lines, in the order of the rows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn each_line(&self, mut each: impl FnMut(u64) -> Result<(), Failure>) -> Result<(), Failure> {
        let table = self.work.open_table(LINES).map_err(broken)?;
        for entry in table.iter().map_err(broken)? {
            let (_, place) = entry.map_err(broken)?;
            each(place.value())?;
        }
        Ok(())
    }
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::told(Exit::Failed, "index", "batch-index", &[("error", &error.to_string())])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// It remembers what a map in memory would.
        #[test]
        fn it_is_a_map(steps in prop::collection::vec(("[a-e]{1,2}", 0u64..9), 1..80)) {
            let mut index = Index::new().unwrap();
            let (mut numbers, mut filed, mut lines) = (HashMap::new(), HashMap::new(), HashMap::new());
            for (place, (key, row)) in steps.into_iter().enumerate() {
                let place = place as u64;
                prop_assert_eq!(index.put_number(Kind::Content, digest(&key), row).unwrap(), numbers.insert(key.clone(), row));
                let value = Filed { number: row.to_string(), digest: key.clone(), files: Vec::new() };
                prop_assert_eq!(index.filed(&key).unwrap(), filed.get(&key).cloned());
                index.put_filed(&key, &value).unwrap();
                filed.insert(key.clone(), value);
                index.put_line(row, &key, place).unwrap();
                lines.insert(key, (row, place));
            }
            let mut wanted: Vec<u64> = lines.values().map(|(_, place)| *place).collect();
            wanted.sort_unstable();
            let mut found = Vec::new();
            index.each_line(|place| { found.push(place); Ok(()) }).unwrap();
            found.sort_unstable();
            prop_assert_eq!(found, wanted);
            for (key, row) in numbers {
                prop_assert_eq!(index.number(Kind::Content, digest(&key)).unwrap(), Some(row));
                prop_assert_eq!(index.number(Kind::Named, digest(&key)).unwrap(), None);
            }
        }
    }
}
