//! Stored files, named by their digest.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::sqlite::create_dir;
use appeal_files::backup::Archive;

/// Returns the path of the file with this digest; subdirectories keep each directory small.
pub fn path_of(files: &Path, sha256: &str) -> PathBuf {
    let (head, rest) = sha256.split_at_checked(2).unwrap_or((sha256, "_"));
    files.join(head).join(rest)
}

/// Returns the hexadecimal SHA-256 of a file, and its length.
pub fn digest_of_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex::encode(digest.finalize()), length));
        }
        length += read as u64;
        digest.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Extracts a stored file to its path, atomically.
pub fn unpack(archive: &mut Archive, name: &str, target: &Path) -> std::io::Result<()> {
    let dir = target.parent().unwrap_or(target);
    create_dir(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    archive.copy(name, &mut file)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|e| e.error)?;
    Ok(())
}
