//! Archives of a whole platform (O4): a backup or an export arrives in a temporary file beside its place, and gets its
//! name only when whoever asked for it has checked it.

use std::path::Path;

use ::http::Method;
use http_body_util::BodyExt;
use tempfile::NamedTempFile;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::retry::{Attempts, Call, Fault, Payload};
use super::source::Source;
use super::transport::causes;
use super::uploads::Progress;
use super::{Change, Client, Empty, Error, Result};
use appeal_api::{BackupVerified, Imported};

impl Client {
    /// Receives a backup (`backup`) or an export (`export`) into a temporary file in `dir`, which is readable by its
    /// owner alone; gives the id that the platform knows it by. `progress` is told how many bytes are there.
    pub async fn admin_archive(
        &self,
        what: &str,
        dir: &Path,
        progress: Progress<'_>,
    ) -> Result<(NamedTempFile, String)> {
        let at = |path: &Path| {
            let path = path.display().to_string();
            move |error| Error::File { path, error }
        };
        let temporary =
            tempfile::Builder::new().prefix(".appeal-").suffix(".part").tempfile_in(dir).map_err(at(dir))?;
        let mut file =
            tokio::fs::File::from_std(temporary.as_file().try_clone().map_err(at(temporary.path()))?);
        let call = Call::new(Method::GET, format!("/v1/admin/{what}")).header("accept", "*/*")?;
        let mut attempts = Attempts::new(self);
        loop {
            file.set_len(0).await.map_err(at(temporary.path()))?;
            file.rewind().await.map_err(at(temporary.path()))?;
            let response = self.open(&call, &mut attempts).await?;
            let (parts, mut body) = response.into_parts();
            let id = parts.headers.get("x-backup-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
            let mut done = 0;
            let broken = loop {
                match body.frame().await {
                    None => break None,
                    Some(Err(error)) => break Some(Fault::broken(causes(error.as_ref()))),
                    Some(Ok(frame)) => {
                        let Ok(bytes) = frame.into_data() else { continue };
                        file.write_all(&bytes).await.map_err(at(temporary.path()))?;
                        done += bytes.len() as u64;
                        progress(done);
                    }
                }
            };
            match broken {
                None => {
                    file.flush().await.map_err(at(temporary.path()))?;
                    file.sync_all().await.map_err(at(temporary.path()))?;
                    return Ok((temporary, id.to_owned()));
                }
                Some(fault) => attempts.again(fault, true).await?,
            }
        }
    }

    /// Tells the platform that a backup was received and checked.
    pub fn admin_backup_verified(&self, id: &str, key: &str) -> Change<BackupVerified> {
        self.post(&format!("/v1/admin/backups/{}/verified", super::paths::encode(id)), &Empty {}, key)
    }

    /// Sends an export into a platform that has no appeals. It is sent once: what came of an attempt whose answer was
    /// lost shows in the state of the platform.
    pub async fn admin_import(&self, path: &Path, sha256: &str, size: u64) -> Result<Imported> {
        let source = std::sync::Arc::new(Source::of(path.to_owned(), size, sha256));
        let call = Call::new(Method::PUT, "/v1/admin/import")
            .header("content-type", "application/zip")?
            .header("content-length", &size.to_string())?
            .payload(Payload::File(source));
        self.json(&call).await.0
    }
}
