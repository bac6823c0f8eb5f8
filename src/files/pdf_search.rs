//! PDF: searching a file from either end, with a buffer of fixed size.

use std::io::{BufReader, Read, Seek, SeekFrom};

use memchr::memmem;

use super::buffer::BUFFER;
use super::damage::Stop;

/// Maximum size of a dictionary that is read.
pub(super) const DICTIONARY: u64 = 16 * 1024;

/// Maximum number of objects of one number that are read: a file may have many revisions, and embedded files.
const REVISIONS: usize = 16;

/// Returns the texts of the objects with this number, the last one first; at most [`REVISIONS`].
pub(super) fn objects<R: Read + Seek>(
    file: &mut BufReader<R>,
    length: u64,
    (number, generation): (u32, u32),
) -> Result<Vec<Vec<u8>>, Stop> {
    let wanted = format!("{number} {generation} obj");
    let mut found = Vec::new();
    let mut end = length;
    while found.len() < REVISIONS
        && let Some(at) = rfind(file, end, wanted.as_bytes())?
    {
        let before = read(file, at.saturating_sub(1), 1)?;
        if at == 0 || !before.first().is_some_and(u8::is_ascii_digit) {
            found.push(read(file, at + wanted.len() as u64, DICTIONARY)?);
        }
        end = at + wanted.len() as u64 - 1;
    }
    Ok(found)
}

/// Reads at most `size` bytes.
pub(super) fn read<R: Read + Seek>(file: &mut BufReader<R>, at: u64, size: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.by_ref().take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the first place of `wanted` between two positions.
pub(super) fn find<R: Read + Seek>(
    file: &mut BufReader<R>,
    mut start: u64,
    end: u64,
    wanted: &[u8],
) -> std::io::Result<Option<u64>> {
    while start < end {
        let block = read(file, start, (BUFFER as u64).min(end - start))?;
        if let Some(at) = memmem::find(&block, wanted) {
            return Ok(Some(start + at as u64));
        }
        if block.len() < BUFFER {
            break;
        }
        // A match may begin at the end of a block.
        start += (block.len() - wanted.len()) as u64;
    }
    Ok(None)
}

/// Returns the last place of `wanted` before `end`.
pub(super) fn rfind<R: Read + Seek>(
    file: &mut BufReader<R>,
    mut end: u64,
    wanted: &[u8],
) -> std::io::Result<Option<u64>> {
    loop {
        let start = end.saturating_sub(BUFFER as u64);
        let block = read(file, start, end - start)?;
        if let Some(at) = memmem::rfind(&block, wanted) {
            return Ok(Some(start + at as u64));
        }
        if start == 0 {
            return Ok(None);
        }
        end = start + wanted.len() as u64;
    }
}
