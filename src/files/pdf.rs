//! PDF: the trailer of a complete file (ISO 32000-1, 7.5.5), and the length stated by a linearized file.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::damage::{Damage, Stop};
use super::zipped::content_end;

/// Maximum distance of `%%EOF` from the end of the content. Readers search 1024 bytes; web servers and mail programs
/// are known to append slightly more.
const EOF_WITHIN: u64 = 4096;

/// Maximum distance of `startxref` before `%%EOF`.
const XREF_WITHIN: usize = 1024;

/// Number of bytes searched for the linearization dictionary, which is within the first 1024 bytes.
const LINEARIZED_WITHIN: u64 = 2048;

/// Checks the end of a file that has a PDF header. Trailing zero bytes and white space are ignored. The target of the
/// cross-reference is not checked: readers repair it, and many writers get it wrong.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<(), Stop> {
    let end = content_end(file, length, |byte| byte == 0 || byte.is_ascii_whitespace())?;
    let start = end.saturating_sub(EOF_WITHIN + XREF_WITHIN as u64);
    let tail = read(file, start, end - start)?;
    let from = tail.len().saturating_sub(EOF_WITHIN as usize);
    let Some(eof) = rfind(&tail[from..], b"%%EOF").map(|at| from + at) else {
        return Err(Damage::PdfCut.into());
    };
    if rfind(&tail[eof.saturating_sub(XREF_WITHIN)..eof], b"startxref").is_none() {
        return Err(Damage::PdfNoXref.into());
    }
    // A linearized file has an `%%EOF` near its start too, so a file truncated there is detected only by its stated
    // length.
    let head = read(file, 0, length.min(LINEARIZED_WITHIN))?;
    match stated_length(&head) {
        Some(stated) if stated > length => Err(Damage::PdfShort.into()),
        _ => Ok(()),
    }
}

/// Returns `/L` in the linearization dictionary: the length of the whole file.
fn stated_length(head: &[u8]) -> Option<u64> {
    let at = head.windows(11).position(|w| w == b"/Linearized")?;
    // The dictionary is one small object.
    let dictionary = head[at..].split(|byte| *byte == b'>').next()?;
    let mut keys = dictionary.windows(3).enumerate();
    let (key, _) =
        keys.find(|(_, w)| w.starts_with(b"/L") && (w[2].is_ascii_digit() || w[2].is_ascii_whitespace()))?;
    let digits: String = dictionary[key + 2..]
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    digits.parse().ok()
}

fn read<R: Read + Seek>(file: &mut BufReader<R>, at: u64, size: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.by_ref().take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|w| w == wanted)
}
