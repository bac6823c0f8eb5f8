//! Files are uploaded first, under their digest; requests then refer to them. A file is read while it is sent, so
//! memory does not grow with its size.

use std::sync::Arc;

use ::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::retry::{Attempts, Call, Failed, Payload};
use super::source::Source;
use super::{Client, Error, Result};
use appeal_api::FileRef;
use appeal_files::Checked;

/// Receives the number of bytes done, of all files of the call; may decrease when an attempt is repeated.
pub type Progress<'a> = &'a (dyn Fn(u64) + Send + Sync);

impl Client {
    /// Uploads one file, unless the platform already has it. `progress` receives the number of bytes done.
    ///
    /// Fails with [`Error::FileChanged`] if the file changed since it was checked.
    pub async fn upload(&self, file: &Checked, progress: Progress<'_>) -> Result<()> {
        let digest = header_value(&file.sha256)
            .ok_or_else(|| Error::Protocol(format!("{}: not a SHA-256 digest", file.sha256)))?;
        let path = format!("/v1/uploads/{}", file.sha256);
        if self.has_upload(&path).await? {
            progress(file.size);
            return Ok(());
        }
        let source = Arc::new(Source::new(file));
        let call = Call::new(Method::PUT, path)
            .header("content-type", "application/octet-stream")?
            .header("content-length", &file.size.to_string())?
            .header("content-digest", &format!("sha-256=:{digest}:"))?
            .payload(Payload::File(Arc::clone(&source)));
        let mut sent = source.sent.subscribe();
        let mut attempts = Attempts::new(self);
        loop {
            let outcome = {
                let mut work = std::pin::pin!(self.once(&call));
                loop {
                    tokio::select! {
                        biased;
                        outcome = &mut work => break outcome,
                        Ok(()) = sent.changed() => progress(*sent.borrow_and_update()),
                    }
                }
            };
            match outcome {
                Ok(_) => break,
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Fault(fault)) => {
                    let arrived = fault.may_have_arrived();
                    attempts.again(fault, true).await?;
                    // Maybe only the response was lost; nothing is sent twice.
                    if arrived && self.has_upload(call.path()).await? {
                        break;
                    }
                }
            }
        }
        progress(file.size);
        Ok(())
    }

    /// Uploads files one after the other, each distinct content once, and returns references to them in the same order.
    /// `progress` receives the number of bytes done over all files.
    pub async fn upload_all(&self, files: &[Checked], progress: Progress<'_>) -> Result<Vec<FileRef>> {
        let mut done = 0;
        let mut there = std::collections::HashSet::new();
        for file in files {
            if there.insert(file.sha256.as_str()) {
                self.upload(file, &|bytes| progress(done + bytes)).await?;
            }
            done += file.size;
            progress(done);
        }
        Ok(references(files))
    }

    /// Asks whether the platform has the bytes. Other responses to HEAD are ignored, because the following PUT explains
    /// them.
    async fn has_upload(&self, path: &str) -> Result<bool> {
        let call = Call::new(Method::HEAD, path).any_status();
        let response = self.open(&call, &mut Attempts::new(self)).await?;
        Ok(matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT))
    }
}

/// Returns references to these files, in the same order.
pub fn references(files: &[Checked]) -> Vec<FileRef> {
    let reference =
        |file: &Checked| FileRef { sha256: file.sha256.clone(), name: file.name.clone(), document: None };
    files.iter().map(reference).collect()
}

/// Converts a hexadecimal SHA-256 to base64, for `Content-Digest` (RFC 9530).
fn header_value(hexadecimal: &str) -> Option<String> {
    let bytes = hex::decode(hexadecimal).ok().filter(|bytes| bytes.len() == 32)?;
    Some(STANDARD.encode(bytes))
}
