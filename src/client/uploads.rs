//! Files go up first, under their digest; a request names them afterwards (T3). A file is read while it is sent, so
//! memory does not grow with its size.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;

use super::retry::{Attempts, Call, Failed, Payload};
use super::transport::RequestBody;
use super::{Client, Error, Result};
use appeal_api::FileRef;
use appeal_files::Checked;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Is told how many bytes are done, of everything the call is about; it may go back when an attempt is repeated.
pub type Progress<'a> = &'a (dyn Fn(u64) + Send + Sync);

impl Client {
    /// Uploads one file, unless the platform has it. `progress` is told how much of it is done.
    ///
    /// Fails with [`Error::FileChanged`] when the file is no longer the one that was checked.
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
                    // Only the answer may have been lost: nothing is sent twice.
                    if arrived && self.has_upload(call.path()).await? {
                        break;
                    }
                }
            }
        }
        progress(file.size);
        Ok(())
    }

    /// Uploads files one after the other, the same content once, and gives the references that a request names them
    /// by, in the same order. `progress` is told how much of all of them is done.
    /// Where nothing is to be changed, nothing is sent.
    pub async fn upload_all(&self, files: &[Checked], progress: Progress<'_>) -> Result<Vec<FileRef>> {
        let mut done = 0;
        let mut there = std::collections::HashSet::new();
        let mut references = Vec::with_capacity(files.len());
        for file in files {
            if !self.rehearses && there.insert(file.sha256.as_str()) {
                self.upload(file, &|bytes| progress(done + bytes)).await?;
            }
            done += file.size;
            progress(done);
            references.push(FileRef { sha256: file.sha256.clone(), name: file.name.clone(), document: None });
        }
        Ok(references)
    }

    /// Asks whether the bytes are there. An answer that only HEAD could explain is left to the PUT that follows.
    async fn has_upload(&self, path: &str) -> Result<bool> {
        let call = Call::new(Method::HEAD, path).any_status();
        let response = self.open(&call, &mut Attempts::new(self)).await?;
        Ok(matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT))
    }
}

/// A hexadecimal SHA-256 in base64, as `Content-Digest` has it (RFC 9530).
fn header_value(hexadecimal: &str) -> Option<String> {
    let bytes = hex::decode(hexadecimal).ok().filter(|bytes| bytes.len() == 32)?;
    Some(STANDARD.encode(bytes))
}

/// A file to send, as often as it takes.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    size: u64,
    sha256: String,
    /// Bytes of the present attempt.
    sent: watch::Sender<u64>,
    trouble: Mutex<Option<Trouble>>,
}

#[derive(Debug)]
enum Trouble {
    Changed,
    Unreadable(io::Error),
}

/// Where the reading of a file is.
struct Reading {
    source: Arc<Source>,
    file: File,
    digest: Sha256,
    done: u64,
}

impl Source {
    fn new(file: &Checked) -> Self {
        Self::of(file.path.clone(), file.size, &file.sha256)
    }

    /// The file at this path, as long as it has this size and SHA-256.
    pub(crate) fn of(path: PathBuf, size: u64, sha256: &str) -> Self {
        Self {
            path,
            size,
            sha256: sha256.to_ascii_lowercase(),
            sent: watch::Sender::new(0),
            trouble: Mutex::new(None),
        }
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// What went wrong on this side, once.
    pub(crate) fn trouble(&self) -> Option<Error> {
        match self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()? {
            Trouble::Changed => Some(Error::FileChanged { path: self.name() }),
            Trouble::Unreadable(error) => Some(Error::File { path: self.name(), error }),
        }
    }

    fn fail(
        &self,
        trouble: Trouble,
    ) -> Result<Option<(Frame<bytes::Bytes>, Reading)>, super::transport::BoxError> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        Err("the file could not be sent".into())
    }

    /// A body that reads the file from its start, and breaks off before its end if it is not the file that was
    /// checked: the platform never sees a whole body that is wrong.
    pub(crate) async fn body(self: &Arc<Self>) -> Result<RequestBody> {
        let unreadable = |error| Error::File { path: self.name(), error };
        let file = File::open(&self.path).await.map_err(unreadable)?;
        if file.metadata().await.map_err(unreadable)?.len() != self.size {
            return Err(Error::FileChanged { path: self.name() });
        }
        self.sent.send_replace(0);
        let reading = Reading { source: Arc::clone(self), file, digest: Sha256::new(), done: 0 };
        let frames = stream::try_unfold(reading, |mut at| async move {
            if at.done == at.source.size {
                return Ok(None);
            }
            let mut chunk = BytesMut::with_capacity(CHUNK);
            match at.file.read_buf(&mut chunk).await {
                Ok(0) => return at.source.fail(Trouble::Changed),
                Ok(_) => {}
                Err(error) => return at.source.fail(Trouble::Unreadable(error)),
            }
            at.done += chunk.len() as u64;
            at.digest.update(&chunk);
            let whole = at.done == at.source.size;
            if at.done > at.source.size
                || whole && hex::encode(at.digest.finalize_reset()) != at.source.sha256
            {
                return at.source.fail(Trouble::Changed);
            }
            at.source.sent.send_replace(at.done);
            Ok(Some((Frame::data(chunk.freeze()), at)))
        });
        Ok(StreamBody::new(frames).boxed())
    }
}
