//! Archives of a whole platform (O4): a ZIP file whose last entry, `manifest.json`, lists every other entry with its
//! SHA-256. A backup holds a snapshot of the database and the files it refers to; an export holds the same as JSON
//! Lines.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::read::ZipArchive;

/// Name of the manifest entry.
pub const MANIFEST: &str = "manifest.json";
/// Name of the database entry in a backup.
pub const DATABASE: &str = "appeal.db";
/// Prefix of stored files; followed by the digest.
pub const FILES: &str = "files/";
/// Prefix of tables in an export; followed by the name of the table.
pub const TABLES: &str = "data/";
/// Maximum size of a manifest, in bytes.
const MANIFEST_MAX: u64 = 1 << 30;

/// The kind of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveKind {
    /// The database file.
    Backup,
    /// The rows as JSON Lines.
    Export,
}

/// The manifest of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Backup or export.
    pub kind: ArchiveKind,
    /// Version of the archive format; this program supports 1.
    pub format: u32,
    /// Id of the archive on the platform.
    pub id: String,
    /// When the archive was made.
    pub made_at: Timestamp,
    /// Version of the program that made the archive.
    pub version: String,
    /// Number of the newest migration.
    pub schema: i64,
    /// The epoch of the platform's cursors; a restored platform gets a new one.
    pub epoch: String,
    /// Number of rows by table.
    pub rows: BTreeMap<String, u64>,
    /// All other entries.
    pub entries: BTreeMap<String, EntryDigest>,
    /// Files that were damaged or missing when the archive was made, and are not included.
    #[serde(default)]
    pub broken: Vec<String>,
}

/// Expected digest and size of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDigest {
    /// Hexadecimal SHA-256 digest.
    pub sha256: String,
    /// In bytes.
    pub bytes: u64,
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// An archive opened for reading.
pub struct Archive {
    zip: ZipArchive<io::BufReader<std::fs::File>>,
    /// The manifest.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens an archive and reads its manifest.
    ///
    /// # Errors
    /// The file cannot be read, or is not an archive of a platform (`InvalidData`).
    pub fn open(path: &Path) -> io::Result<Archive> {
        let mut zip = ZipArchive::new(io::BufReader::new(std::fs::File::open(path)?)).map_err(invalid)?;
        let manifest = {
            let entry = zip.by_name(MANIFEST).map_err(invalid)?;
            serde_json::from_reader::<_, Manifest>(entry.take(MANIFEST_MAX)).map_err(invalid)?
        };
        if manifest.format != 1 {
            return Err(invalid(format!("the form {} of the archive is not known", manifest.format)));
        }
        Ok(Archive { zip, manifest })
    }

    /// Copies an entry and verifies it.
    ///
    /// # Errors
    /// The entry is missing, cannot be read, or does not match the manifest (`InvalidData`).
    pub fn copy(&mut self, name: &str, to: &mut dyn Write) -> io::Result<()> {
        let wanted =
            self.manifest.entries.get(name).cloned().ok_or_else(|| invalid(format!("{name}: unknown")))?;
        let mut entry = self.zip.by_name(name).map_err(|e| invalid(format!("{name}: {e}")))?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut bytes = 0;
        loop {
            let read = entry.read(&mut buffer).map_err(|e| invalid(format!("{name}: {e}")))?;
            if read == 0 {
                break;
            }
            let chunk = buffer.get(..read).unwrap_or_default();
            bytes += read as u64;
            if bytes > wanted.bytes {
                break;
            }
            digest.update(chunk);
            to.write_all(chunk)?;
        }
        if bytes != wanted.bytes || hex::encode(digest.finalize()) != wanted.sha256 {
            return Err(invalid(format!("{name}: its bytes are not what the manifest says")));
        }
        Ok(())
    }

    /// Returns the names of all entries in the manifest.
    pub fn names(&self) -> Vec<String> {
        self.manifest.entries.keys().cloned().collect()
    }

    /// Verifies every entry and returns the problems found.
    ///
    /// # Errors
    /// The archive cannot be read at all.
    pub fn verify(&mut self) -> io::Result<Vec<String>> {
        let mut problems = Vec::new();
        for name in self.names() {
            if let Err(error) = self.copy(&name, &mut io::sink()) {
                problems.push(error.to_string());
            }
        }
        for name in self.zip.file_names() {
            let name = name.map_err(invalid)?;
            if name != MANIFEST && !self.manifest.entries.contains_key(&*name) {
                problems.push(format!("{name}: the manifest does not name it"));
            }
        }
        Ok(problems)
    }
}

/// Returns the digest in the entry name of a stored file: `files/` followed by hexadecimal digits only.
pub fn digest_of_entry(name: &str) -> Option<&str> {
    let digest = name.strip_prefix(FILES)?;
    (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digest)
}
