//! PNG: a sequence of chunks from `IHDR` to `IEND`, each with a checksum.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::buffer::BUFFER;
use super::damage::{Damage, Stop};

/// Reads all chunks of a file that starts with the PNG signature. Data after `IEND` is not part of the image and is
/// ignored, as viewers do.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<(), Stop> {
    file.seek(SeekFrom::Start(8))?;
    let mut at: u64 = 8;
    let mut first = true;
    let mut picture = false;
    let mut buffer = vec![0; BUFFER];
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let size = u32::from_be_bytes([a, b, c, d]);
        if size > i32::MAX as u32 || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(Damage::PngChunk.into());
        }
        if first && (&kind != b"IHDR" || size != 13) {
            return Err(Damage::PngHeader.into());
        }
        at += 12 + u64::from(size);
        if at > length {
            return Err(Damage::PngCut.into());
        }
        let mut sum = crc32fast::Hasher::new();
        sum.update(&kind);
        let mut left = size as usize;
        let mut beginning = [0; 8];
        while left > 0 {
            let n = left.min(BUFFER);
            file.read_exact(&mut buffer[..n])?;
            if first {
                beginning.copy_from_slice(&buffer[..8]);
            }
            sum.update(&buffer[..n]);
            left -= n;
        }
        let mut stored = [0; 4];
        file.read_exact(&mut stored)?;
        if u32::from_be_bytes(stored) != sum.finalize() {
            return Err(Damage::PngChecksum.into());
        }
        // Width and height must not be 0.
        if first && (beginning[..4] == [0; 4] || beginning[4..] == [0; 4]) {
            return Err(Damage::PngHeader.into());
        }
        first = false;
        match &kind {
            b"IDAT" => picture |= size > 0,
            b"IEND" if picture => return Ok(()),
            b"IEND" => return Err(Damage::PngNoPicture.into()),
            _ => {}
        }
    }
}
