//! Archives of a whole platform (O4): a ZIP whose last entry, `manifest.json`, names every other one with its SHA-256.
//! A backup has the database as it was at one moment and the files it names; an export has the same as JSON Lines.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::read::ZipArchive;

/// Name of the manifest's entry.
pub const MANIFEST: &str = "manifest.json";
/// Name of the database's entry in a backup.
pub const DATABASE: &str = "appeal.db";
/// Before the digest that names a stored file.
pub const FILES: &str = "files/";
/// Before the name of a table in an export.
pub const TABLES: &str = "data/";
/// A manifest is no longer than this, in bytes.
const MANIFEST_MAX: u64 = 1 << 30;

/// What kind of archive it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveKind {
    /// The database itself.
    Backup,
    /// Its rows as JSON Lines.
    Export,
}

/// What an archive has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Backup or export.
    pub kind: ArchiveKind,
    /// Form of the archive; this program knows 1.
    pub format: u32,
    /// Id under which the platform knows it.
    pub id: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Version of the program that made it.
    pub version: String,
    /// Number of the newest migration.
    pub schema: i64,
    /// The word that cursors of the platform carried; a restored one gets another.
    pub epoch: String,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Every other entry.
    pub entries: BTreeMap<String, EntryDigest>,
    /// Files that were damaged or lost when it was made, and are not in it.
    #[serde(default)]
    pub broken: Vec<String>,
}

/// What an entry has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDigest {
    /// Hexadecimal SHA-256.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// An archive that is open for reading.
pub struct Archive {
    zip: ZipArchive<io::BufReader<std::fs::File>>,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens an archive and reads its manifest.
    ///
    /// # Errors
    /// It cannot be read, or is no archive of a platform (`InvalidData`).
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

    /// Copies an entry and checks it.
    ///
    /// # Errors
    /// It is not there, cannot be read, or is not what the manifest says (`InvalidData`).
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

    /// Every entry that the manifest names.
    pub fn names(&self) -> Vec<String> {
        self.manifest.entries.keys().cloned().collect()
    }

    /// Checks every entry; gives what is wrong.
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

/// The entry of a stored file: `files/` and its digest, which is nothing but hexadecimal digits.
pub fn digest_of_entry(name: &str) -> Option<&str> {
    let digest = name.strip_prefix(FILES)?;
    (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digest)
}
