//! A local file as a request body, read while it is sent and verified against its digest.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;

use super::transport::{BoxError, RequestBody};
use super::{Error, Result};
use appeal_files::Checked;

/// Number of bytes read at once.
const CHUNK: usize = 64 * 1024;

/// A file that can be sent repeatedly.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    size: u64,
    sha256: String,
    /// Bytes sent in the current attempt.
    pub(crate) sent: watch::Sender<u64>,
    trouble: Mutex<Option<Trouble>>,
}

#[derive(Debug)]
enum Trouble {
    Changed,
    Unreadable(io::Error),
}

/// Position in a file.
struct Reading {
    source: Arc<Source>,
    file: File,
    digest: Sha256,
    done: u64,
}

impl Source {
    pub(crate) fn new(file: &Checked) -> Self {
        Self::of(file.path.clone(), file.size, &file.sha256)
    }

    /// Creates a source for the file at this path, as long as it has this size and SHA-256.
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

    /// Takes the local error, if there was one.
    pub(crate) fn trouble(&self) -> Option<Error> {
        match self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()? {
            Trouble::Changed => Some(Error::FileChanged { path: self.name() }),
            Trouble::Unreadable(error) => Some(Error::File { path: self.name(), error }),
        }
    }

    fn fail(&self, trouble: Trouble) -> Result<Option<(Frame<bytes::Bytes>, Reading)>, BoxError> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        Err("the file could not be sent".into())
    }

    /// Returns a body that reads the file from its start. It breaks off before the end if the file changed since it was
    /// checked, so that the platform never receives a complete but wrong body.
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
