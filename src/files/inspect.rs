//! Inspection of bytes: digest and size while they are streamed, kind and integrity once they can be read at random.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::buffer::BUFFER;
use super::damage::{Damage, Oddity, Outcome, verdict};
use super::kinds::{OleKind, Sniffed};
use super::{jpeg, ole, pdf, png, sniff, zipped};

/// Everything known about a file except its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// In bytes.
    pub size: u64,
    /// SHA-256 digest in lower-case hexadecimal digits.
    pub sha256: String,
    /// The kind, detected from the content.
    pub sniffed: Sniffed,
    /// Whether the file is complete and opens without a password. Only PDF, JPEG, PNG, DOC and DOCX are read to their
    /// end; other files count as complete.
    pub intact: Result<(), Damage>,
    /// What is unusual in a complete file.
    #[serde(default)]
    pub oddities: Vec<Oddity>,
}

/// Counts and digests bytes as they arrive, in chunks of any size. Uses constant memory: the bytes themselves go to a
/// temporary file, which [`Inspector::finish`] reads. A single pass would not be enough, because formats such as DOCX
/// and DOC keep their directory at the end or anywhere.
#[derive(Debug, Clone, Default)]
pub struct Inspector {
    digest: Sha256,
    size: u64,
}

impl Inspector {
    /// Creates an inspector that has seen no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes.
    pub fn update(&mut self, chunk: &[u8]) {
        self.digest.update(chunk);
        self.size = self.size.saturating_add(chunk.len() as u64);
    }

    /// Returns the number of bytes seen so far, so that a receiver can stop at a limit.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Inspects the stored bytes.
    ///
    /// # Errors
    /// `stored` cannot be read, or its length differs from the number of bytes seen.
    pub fn finish<R: Read + Seek>(self, mut stored: R) -> io::Result<Inspected> {
        let length = stored.seek(SeekFrom::End(0))?;
        if length != self.size {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} bytes were received and {length} are stored", self.size),
            ));
        }
        let (sniffed, outcome) = inspect_seek(stored)?;
        let (intact, oddities) = match outcome {
            Ok(oddities) => (Ok(()), oddities),
            Err(damage) => (Err(damage), Vec::new()),
        };
        let sha256 = hex::encode(self.digest.finalize());
        Ok(Inspected { size: self.size, sha256, sniffed, intact, oddities })
    }
}

/// Digests and inspects a whole file.
///
/// # Errors
/// The file cannot be read.
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

/// Detects the kind of a complete file and whether it is damaged. Memory is bounded (see the crate documentation); time
/// grows with the size, so limit the size first.
///
/// # Errors
/// The file cannot be read. Damage is not an error but a result.
pub fn inspect_seek<R: Read + Seek>(file: R) -> io::Result<(Sniffed, Outcome)> {
    let mut file = BufReader::with_capacity(BUFFER, file);
    let (sniffed, container) = identify(&mut file)?;
    let length = file.seek(SeekFrom::End(0))?;
    let outcome = match sniffed {
        Sniffed::Png => verdict(png::walk(&mut file, length), Damage::PngCut)?,
        Sniffed::Jpeg => verdict(jpeg::walk(&mut file, length), Damage::JpegCut)?,
        Sniffed::Pdf => verdict(pdf::walk(&mut file, length), Damage::PdfCut)?,
        Sniffed::Docx => match container {
            Ok(oddities) => verdict(zipped::verify_parts(&mut file), Damage::ZipCut)?.map(|()| oddities),
            damaged => damaged,
        },
        _ => container,
    };
    Ok((sniffed, outcome))
}

/// Detects only the kind of a file, in time independent of its size, along with damage of its container noticed on the
/// way.
pub(super) fn identify<R: Read + Seek>(file: &mut BufReader<R>) -> io::Result<(Sniffed, Outcome)> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(sniff::HEAD);
    file.by_ref().take(sniff::HEAD as u64).read_to_end(&mut head)?;
    match sniff::head(&head) {
        sniff::Guess::Known(sniffed) => Ok((sniffed, Ok(Vec::new()))),
        // A page that a provider puts before a document does not prevent readers from opening it.
        sniff::Guess::MaybePdf(other) => match verdict(pdf::walk(file, length), Damage::PdfCut)? {
            Err(damage) if damage.protection().is_none() => Ok((other, Ok(Vec::new()))),
            outcome => Ok((Sniffed::Pdf, outcome)),
        },
        sniff::Guess::Zip => match verdict(zipped::identify(file, length), Damage::ZipCut)? {
            Ok((sniffed, oddities)) => Ok((sniffed, Ok(oddities))),
            Err(damage) => Ok((zipped::guess_from_head(&head), Err(damage))),
        },
        sniff::Guess::Ole => match verdict(ole::walk(file, length), Damage::OleCut)? {
            Ok(found) => Ok(found),
            Err(damage) => Ok((Sniffed::OleOther(OleKind::Unknown), Err(damage))),
        },
    }
}
