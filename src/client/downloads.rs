//! Downloads: a file is saved in the chosen folder under a safe name, never replaces another file, and appears only
//! when it is complete and its digest matches.

use std::io;
use std::path::{Path, PathBuf};

use ::http::{HeaderMap, Method, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::names::{numbered, safe_name};
use super::paths::{encode, path};
use super::retry::{Attempts, Call, Failed, Fault};
use super::transport::{ResponseBody, causes};
use super::uploads::Progress;
use super::{Client, Error, Result};
use appeal_api::{Attachment, FileVersion};

/// Maximum number of files with the same name in a folder.
const MOST_OF_A_NAME: u32 = 9_999;

/// Expected properties of a download.
struct Expected<'a> {
    name: &'a str,
    /// In bytes, if known.
    size: Option<u64>,
    /// Hexadecimal digest; if it is not known, the response must state it.
    sha256: Option<&'a str>,
}

/// Properties of a completed download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// In bytes.
    pub size: u64,
    /// Hexadecimal digest.
    pub sha256: String,
}

/// A PDF rendered by the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pdf<'a> {
    /// The card with its history.
    Card,
    /// The official answer with this id.
    Answer(&'a str),
}

/// Creates a temporary file in a folder, which is created if necessary. A download is stored there until it is
/// complete.
///
/// # Errors
/// The folder cannot be created or written.
pub async fn temporary(dir: &Path) -> Result<NamedTempFile> {
    tokio::fs::create_dir_all(dir).await.map_err(at(dir))?;
    appeal_files::parts::create(dir).map_err(at(dir))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.display().to_string();
    move |error| Error::File { path, error }
}

impl Client {
    /// Downloads an attachment, in the given or the current version, into `dir` (created if necessary); returns its
    /// path. `progress` receives the number of bytes so far.
    ///
    /// The name is sanitized so that it cannot lead out of the folder; if the name is taken, it becomes `name (2).pdf`.
    /// Fails with [`Error::Digest`] and leaves no file if the content does not match its digest.
    pub async fn download(
        &self,
        number: &str,
        attachment: &Attachment,
        version: Option<&FileVersion>,
        dir: &Path,
        progress: Progress<'_>,
    ) -> Result<PathBuf> {
        let file = temporary(dir).await?;
        self.download_into(number, attachment, version, &file, progress).await?;
        let name = safe_name(version.map_or(&attachment.name, |v| &v.name));
        keep(file, dir, &name).map_err(at(&dir.join(&name)))
    }

    /// As [`Client::download`], into a file of the caller, which is truncated first.
    pub async fn download_into(
        &self,
        number: &str,
        attachment: &Attachment,
        version: Option<&FileVersion>,
        into: &NamedTempFile,
        progress: Progress<'_>,
    ) -> Result<Arrived> {
        let (name, size, sha256) = match version {
            Some(v) => (&v.name, v.size, &v.sha256),
            None => (&attachment.name, attachment.size, &attachment.sha256),
        };
        let expected = Expected { name, size: Some(size), sha256: Some(sha256) };
        let wanted = version.map_or(attachment.version, |v| v.version);
        let place = path(number, &format!("attachments/{}?version={wanted}", encode(&attachment.id)));
        let call = Call::new(Method::GET, place).header("accept", "*/*")?;
        self.fetch(&call, &expected, into, progress).await
    }

    /// Downloads a PDF into a file of the caller, which is truncated first. The content must match its digest.
    pub async fn pdf(&self, number: &str, pdf: Pdf<'_>, into: &NamedTempFile) -> Result<Arrived> {
        let (place, name) = match pdf {
            Pdf::Card => (path(number, "pdf"), format!("{number}.pdf")),
            Pdf::Answer(id) => (path(number, &format!("answers/{}/pdf", encode(id))), format!("{id}.pdf")),
        };
        let call =
            Call::new(Method::GET, place).header("accept", "application/pdf, application/problem+json")?;
        let expected = Expected { name: &name, size: None, sha256: None };
        self.fetch(&call, &expected, into, &|_| ()).await
    }

    async fn fetch(
        &self,
        call: &Call,
        expected: &Expected<'_>,
        into: &NamedTempFile,
        progress: Progress<'_>,
    ) -> Result<Arrived> {
        let mut file = tokio::fs::File::from_std(into.as_file().try_clone().map_err(at(into.path()))?);
        let mut attempts = Attempts::new(self);
        let arrived = loop {
            file.set_len(0).await.map_err(at(into.path()))?;
            file.rewind().await.map_err(at(into.path()))?;
            let response = self.open(call, &mut attempts).await?;
            match receive(response, expected, &mut file, into.path(), progress).await {
                Ok(arrived) => break arrived,
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Fault(fault)) => attempts.again(fault, call.repeatable()).await?,
            }
        };
        file.sync_all().await.map_err(at(into.path()))?;
        Ok(arrived)
    }
}

/// Writes the body into the file and verifies it.
async fn receive(
    response: Response<ResponseBody>,
    expected: &Expected<'_>,
    file: &mut tokio::fs::File,
    place: &Path,
    progress: Progress<'_>,
) -> Result<Arrived, Failed> {
    let unwritable = |error| Failed::Final(Error::File { path: place.display().to_string(), error });
    let (parts, mut body) = response.into_parts();
    let stated = content_digest(&parts.headers);
    let said: Vec<String> =
        [expected.sha256.map(str::to_ascii_lowercase), stated].into_iter().flatten().collect();
    let Some(first) = said.first() else {
        return Err(Failed::Final(Error::Protocol(format!("{}: no Content-Digest", expected.name))));
    };
    let mut digest = Sha256::new();
    let mut done = 0u64;
    progress(0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failed::Fault(Fault::broken(causes(error.as_ref()))))?;
        let Ok(bytes) = frame.into_data() else { continue };
        done += bytes.len() as u64;
        if let Some(size) = expected.size.filter(|size| done > *size) {
            // Stops here, because the body may never end.
            return Err(wrong(expected, first, format!("of more than {size} bytes")));
        }
        digest.update(&bytes);
        file.write_all(&bytes).await.map_err(unwritable)?;
        progress(done);
    }
    file.flush().await.map_err(unwritable)?;
    let actual = hex::encode(digest.finalize());
    match said.iter().find(|said| **said != actual) {
        Some(said) => Err(wrong(expected, said, actual)),
        None => Ok(Arrived { size: done, sha256: actual }),
    }
}

fn wrong(expected: &Expected<'_>, said: &str, actual: String) -> Failed {
    Failed::Final(Error::Digest { name: expected.name.to_owned(), expected: said.to_owned(), actual })
}

/// Returns the SHA-256 digest in `Content-Digest` (RFC 9530) as hexadecimal.
fn content_digest(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("content-digest")?.to_str().ok()?;
    value.split(',').find_map(|entry| {
        let encoded = entry.trim().strip_prefix("sha-256=:")?.split(':').next()?;
        Some(hex::encode(STANDARD.decode(encoded).ok()?))
    })
}

/// Moves a complete file to its name in a folder, or to the next free name, without replacing anything.
///
/// # Errors
/// All such names are taken, or the folder cannot be written.
pub fn keep(mut temporary: NamedTempFile, dir: &Path, name: &str) -> io::Result<PathBuf> {
    for counter in 1..=MOST_OF_A_NAME {
        let target = dir.join(if counter == 1 { name.to_owned() } else { numbered(name, counter) });
        match temporary.persist_noclobber(&target) {
            Ok(_) => return Ok(target),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => temporary = refused.file,
            Err(refused) => {
                // Some file systems support neither links nor renaming without replacement: reserve the name with an
                // empty file and replace that.
                temporary = refused.file;
                match std::fs::OpenOptions::new().write(true).create_new(true).open(&target) {
                    Ok(_) => {
                        return match temporary.persist(&target) {
                            Ok(_) => Ok(target),
                            Err(failed) => {
                                let _ = std::fs::remove_file(&target);
                                Err(failed.error)
                            }
                        };
                    }
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(_) => return Err(refused.error),
                }
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_digest_is_read() {
        let mut headers = HeaderMap::new();
        assert_eq!(content_digest(&headers), None);
        let value = format!("md5=:AAAA:, sha-256=:{}:", STANDARD.encode([1u8; 32]));
        headers.insert("content-digest", value.parse().unwrap());
        assert_eq!(content_digest(&headers), Some("01".repeat(32)));
    }

    #[test]
    fn a_taken_name_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("act.pdf"), "mine").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("act (2).pdf")).unwrap();
        let temporary = NamedTempFile::new_in(dir.path()).unwrap();
        std::fs::write(temporary.path(), "theirs").unwrap();
        let kept = keep(temporary, dir.path(), "act.pdf").unwrap();
        assert!(kept.file_name().unwrap().to_str().unwrap().starts_with("act ("));
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "theirs");
        assert_eq!(std::fs::read_to_string(dir.path().join("act.pdf")).unwrap(), "mine");
    }
}
