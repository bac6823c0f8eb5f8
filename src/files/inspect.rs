//! Looking at bytes: digest and size while they stream, their kind and wholeness once they can be sought in.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::buffer::BUFFER;
use super::damage::{Damage, verdict};
use super::kinds::{OleKind, Sniffed};
use super::{jpeg, ole, pdf, png, sniff, zipped};

/// Everything there is to know about a file but its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
    /// What it really is.
    pub sniffed: Sniffed,
    /// Whether it is whole. Only PDF, JPEG, PNG, DOC and DOCX are walked to their end; what else there is counts
    /// as whole.
    pub intact: Result<(), Damage>,
}

/// Counts and digests bytes as they arrive, in chunks of any size. Its memory is constant: the bytes themselves go to
/// a temporary file, over which [`Inspector::finish`] tells what they are. Formats such as DOCX and DOC keep their
/// table of contents at their end or anywhere, so no look at a passing stream could tell.
#[derive(Debug, Clone, Default)]
pub struct Inspector {
    digest: Sha256,
    size: u64,
}

impl Inspector {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, chunk: &[u8]) {
        self.digest.update(chunk);
        self.size = self.size.saturating_add(chunk.len() as u64);
    }

    /// Bytes seen so far: a receiver stops reading as soon as it is over the limit.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Looks at the stored bytes and tells everything.
    ///
    /// # Errors
    /// When `stored` cannot be read, or is not as long as what was seen.
    pub fn finish<R: Read + Seek>(self, mut stored: R) -> io::Result<Inspected> {
        let length = stored.seek(SeekFrom::End(0))?;
        if length != self.size {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} bytes were received and {length} are stored", self.size),
            ));
        }
        let (sniffed, intact) = inspect_seek(stored)?;
        Ok(Inspected { size: self.size, sha256: hex::encode(self.digest.finalize()), sniffed, intact })
    }
}

/// Digests and looks at a whole file: an [`Inspector`] fed from the file itself.
///
/// # Errors
/// When it cannot be read.
pub fn inspect<R: Read + Seek>(mut file: R) -> io::Result<Inspected> {
    let mut inspector = Inspector::new();
    let mut buffer = vec![0; BUFFER];
    file.seek(SeekFrom::Start(0))?;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => inspector.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    inspector.finish(file)
}

/// What a finished file is, and whether it is whole. Memory is bounded as the room's description says; time grows
/// with the size, so keep the file within the policy's limit.
///
/// # Errors
/// When it cannot be read. A damaged file is no error but a verdict.
pub fn inspect_seek<R: Read + Seek>(file: R) -> io::Result<(Sniffed, Result<(), Damage>)> {
    let mut file = BufReader::with_capacity(BUFFER, file);
    let (sniffed, container) = identify(&mut file)?;
    let length = file.seek(SeekFrom::End(0))?;
    let intact = match sniffed {
        Sniffed::Png => verdict(png::walk(&mut file, length), Damage::PngCut)?,
        Sniffed::Jpeg => verdict(jpeg::walk(&mut file), Damage::JpegCut)?,
        Sniffed::Pdf => verdict(pdf::walk(&mut file, length), Damage::PdfCut)?,
        Sniffed::Docx => match container {
            Ok(()) => verdict(zipped::verify_parts(&mut file), Damage::ZipCut)?,
            damaged => damaged,
        },
        _ => container,
    };
    Ok((sniffed, intact))
}

/// Only what a file is, at a cost that does not grow with its size, and what came to light on the way about the
/// container it is in.
pub(super) fn identify<R: Read + Seek>(file: &mut BufReader<R>) -> io::Result<(Sniffed, Result<(), Damage>)> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(sniff::HEAD);
    file.by_ref().take(sniff::HEAD as u64).read_to_end(&mut head)?;
    match sniff::head(&head) {
        sniff::Guess::Known(sniffed) => Ok((sniffed, Ok(()))),
        sniff::Guess::Zip => match verdict(zipped::identify(file, length), Damage::ZipCut)? {
            Ok(sniffed) => Ok((sniffed, Ok(()))),
            Err(damage) => Ok((zipped::guess_from_head(&head), Err(damage))),
        },
        sniff::Guess::Ole => match verdict(ole::walk(file, length), Damage::OleCut)? {
            Ok((kind, intact)) => Ok((kind, intact)),
            Err(damage) => Ok((Sniffed::OleOther(OleKind::Unknown), Err(damage))),
        },
    }
}
