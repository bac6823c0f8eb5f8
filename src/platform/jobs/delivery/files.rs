//! Messages as files, for a platform without gateways: one file per message, written atomically.

use std::path::{Path, PathBuf};

use crate::store::outbox::Outcome;
use crate::store::sqlite::create_dir;

/// Writes a message as `NAME` in the folder. A repeat replaces the first file.
pub async fn keep(folder: PathBuf, name: String, bytes: Vec<u8>) -> Outcome {
    let path = folder.join(name);
    let written = tokio::task::spawn_blocking(move || write(&folder, &path, &bytes).map(|()| path)).await;
    match written {
        Ok(Ok(path)) => Outcome::Delivered(path.display().to_string()),
        Ok(Err(error)) => Outcome::Later { detail: error.to_string(), after: None },
        Err(error) => Outcome::Unknown(error.to_string()),
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    create_dir(folder)?;
    let mut file = tempfile::Builder::new().prefix(".message-").tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
