//! Archives of a whole platform. A backup or an export is received into a temporary file next to its destination, and
//! is renamed only after the caller has verified it.

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
    /// Receives a backup (`backup`) or an export (`export`) into a temporary file in `dir`, readable by its owner only;
    /// returns its id on the platform. `progress` receives the number of bytes so far.
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
        let temporary = appeal_files::parts::create(dir).map_err(at(dir))?;
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

    /// Records on the platform that a backup was received and verified.
    pub fn admin_backup_verified(&self, id: &str, key: &str) -> Change<BackupVerified> {
        self.post(&format!("/v1/admin/backups/{}/verified", super::paths::encode(id)), &Empty {}, key)
    }

    /// Imports an export into a platform without appeals. The request is not retried; if the response is lost, the
    /// state of the platform shows the result.
    pub async fn admin_import(&self, path: &Path, sha256: &str, size: u64) -> Result<Imported> {
        let source = std::sync::Arc::new(Source::of(path.to_owned(), size, sha256));
        let call = Call::new(Method::PUT, "/v1/admin/import")
            .header("content-type", "application/zip")?
            .header("content-length", &size.to_string())?
            .payload(Payload::File(source));
        self.json(&call).await.0
    }
}
