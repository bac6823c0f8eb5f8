//! PNG: a sequence of chunks from `IHDR` to `IEND`, each with a checksum, and the compressed rows of pixels in them.

use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};

use super::buffer::BUFFER;
use super::damage::{Damage, Oddity, Stop};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Unpacked bytes after which the rows are no longer verified; limits the time spent on one file.
const VERIFY_AT_MOST: u64 = 512 * 1024 * 1024;

/// Start and step of the columns and rows of each pass of an interlaced image: `(column, row, columns, rows)`.
const PASSES: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

/// Reads all chunks of a file that starts like a PNG, and unpacks the pixels without keeping them. Returns what is
/// unusual: readers show an image whose pixels are all there, even if something else is wrong.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<Vec<Oddity>, Stop> {
    let mut oddities = Vec::new();
    let mut pixels = None;
    let end = match chunks(file, length, &mut pixels, &mut oddities) {
        Err(Stop::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => Err(Damage::PngCut.into()),
        other => other,
    };
    match end {
        Ok(end) => {
            if super::zipped::content_end(file, length, |byte| byte == 0 || byte.is_ascii_whitespace())? > end
            {
                oddities.push(Oddity::PngBehind);
            }
        }
        Err(Stop::Damage(Damage::PngCut)) if pixels.is_some_and(|p: Pixels| p.complete() && !p.open) => {
            oddities.push(Oddity::PngNoEnd);
        }
        Err(stop) => return Err(stop),
    }
    Ok(oddities)
}

/// Returns the position after `IEND`.
fn chunks<R: Read + Seek>(
    file: &mut BufReader<R>,
    length: u64,
    pixels: &mut Option<Pixels>,
    oddities: &mut Vec<Oddity>,
) -> Result<u64, Stop> {
    file.seek(SeekFrom::Start(0))?;
    let mut signature = [0; 8];
    file.read_exact(&mut signature)?;
    // Transfer as text changes the line ends, which the signature detects.
    if signature != *SIGNATURE {
        return Err(Damage::PngHeader.into());
    }
    let mut at: u64 = 8;
    let mut data = false;
    let mut palette = false;
    let mut buffer = vec![0; BUFFER];
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let size = u32::from_be_bytes([a, b, c, d]);
        if size > i32::MAX as u32 || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(Damage::PngChunk.into());
        }
        if pixels.is_none() && (&kind != b"IHDR" || size != 13) {
            return Err(Damage::PngHeader.into());
        }
        at += 12 + u64::from(size);
        if at > length && &kind != b"IDAT" {
            return Err(Damage::PngCut.into());
        }
        let mut sum = crc32fast::Hasher::new();
        sum.update(&kind);
        let mut left = size as usize;
        let mut header = [0; 13];
        if let Some(pixels) = pixels {
            pixels.open = &kind == b"IDAT";
        }
        // Errors in the rows are reported after the checksum, which names the cause better.
        let mut rows = Ok(());
        while left > 0 {
            let n = left.min(BUFFER);
            file.read_exact(&mut buffer[..n])?;
            sum.update(&buffer[..n]);
            match pixels {
                None => header.copy_from_slice(&buffer[..13]),
                Some(pixels) if &kind == b"IDAT" && rows.is_ok() => rows = pixels.add(&buffer[..n]),
                Some(_) => {}
            }
            left -= n;
        }
        let mut stored = [0; 4];
        file.read_exact(&mut stored)?;
        if u32::from_be_bytes(stored) != sum.finalize() {
            // Readers skip a chunk that they do not need for the picture.
            if kind[0].is_ascii_uppercase() {
                return Err(Damage::PngChecksum.into());
            }
            if !oddities.contains(&Oddity::PngChecksum) {
                oddities.push(Oddity::PngChecksum);
            }
        }
        rows?;
        let Some(pixels) = pixels else {
            *pixels = Some(Pixels::new(&header).ok_or(Damage::PngHeader)?);
            continue;
        };
        pixels.open = false;
        match &kind {
            b"PLTE" => palette = true,
            b"IDAT" if pixels.needs_palette && !palette => return Err(Damage::PngChunk.into()),
            b"IDAT" => data |= size > 0,
            b"IEND" if !data => return Err(Damage::PngNoPicture.into()),
            b"IEND" if !pixels.complete() => return Err(Damage::PngData.into()),
            b"IEND" => return Ok(at),
            // No reader may ignore an unknown chunk with a capital letter.
            _ if kind[0].is_ascii_uppercase() => return Err(Damage::PngChunk.into()),
            _ => {}
        }
    }
}

/// Unpacks the rows of an image and counts them.
struct Pixels {
    needs_palette: bool,
    inflate: Decompress,
    out: Vec<u8>,
    unpacked: u64,
    /// Rows still to come, last pass first: bytes of a row without its filter byte, and the number of rows.
    passes: Vec<(u64, u32)>,
    /// The file ended within a chunk of pixels: readers show none of it.
    open: bool,
    /// Bytes missing in the current row; 0 before the filter byte of the next one.
    left: u64,
}

impl Pixels {
    /// Reads the header; `None` if no reader can know what it means.
    fn new(header: &[u8; 13]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, depth, colour, compression, filter, interlace] = *header;
        let (width, height) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        let samples: u64 = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
            (2, 8 | 16) => 3,
            (4, 8 | 16) => 2,
            (6, 8 | 16) => 4,
            _ => return None,
        };
        let sane = |side: u32| (1..=i32::MAX as u32).contains(&side);
        if !sane(width) || !sane(height) || compression != 0 || filter != 0 || interlace > 1 {
            return None;
        }
        let row = |columns: u32| (u64::from(columns) * samples * u64::from(depth)).div_ceil(8);
        let mut passes = Vec::new();
        if interlace == 0 {
            passes.push((row(width), height));
        } else {
            for (column, first, columns, rows) in PASSES.into_iter().rev() {
                let columns = width.saturating_sub(column).div_ceil(columns);
                let rows = height.saturating_sub(first).div_ceil(rows);
                if columns > 0 && rows > 0 {
                    passes.push((row(columns), rows));
                }
            }
        }
        Some(Self {
            needs_palette: colour == 3,
            inflate: Decompress::new(true),
            out: vec![0; BUFFER],
            unpacked: 0,
            passes,
            open: false,
            left: 0,
        })
    }

    /// Returns whether every pixel was there, as far as verified.
    fn complete(&self) -> bool {
        self.passes.is_empty() || self.unpacked >= VERIFY_AT_MOST
    }

    /// Unpacks further data. What follows the last row is ignored, as readers do.
    fn add(&mut self, mut data: &[u8]) -> Result<(), Damage> {
        while !self.complete() {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(data, &mut self.out, FlushDecompress::None)
                .map_err(|_| Damage::PngData);
            // Neither is larger than its buffer.
            let used = (self.inflate.total_in() - read) as usize;
            let made = (self.inflate.total_out() - written) as usize;
            self.count(made)?;
            data = &data[used.min(data.len())..];
            let ended = status
                .or_else(|damage| if self.complete() { Ok(Status::StreamEnd) } else { Err(damage) })?
                == Status::StreamEnd;
            if ended || used == 0 && made == 0 {
                break;
            }
        }
        Ok(())
    }

    fn count(&mut self, made: usize) -> Result<(), Damage> {
        self.unpacked += made as u64;
        let mut at = 0;
        while at < made {
            let Some((row, rows)) = self.passes.last_mut() else { return Ok(()) };
            if self.left == 0 {
                // The filter of the row.
                if self.out[at] > 4 {
                    return Err(Damage::PngData);
                }
                self.left = *row;
                at += 1;
                continue;
            }
            let step = self.left.min((made - at) as u64);
            self.left -= step;
            at += step as usize;
            if self.left == 0 {
                *rows -= 1;
                if *rows == 0 {
                    self.passes.pop();
                }
            }
        }
        Ok(())
    }
}
