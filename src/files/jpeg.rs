//! JPEG: marker segments and entropy-coded scans up to the end of the image (ITU-T T.81, annex B).

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::damage::{Damage, Stop};

/// Reads the segments of a file that starts with a start-of-image marker, up to the end-of-image marker of that image;
/// a thumbnail within a segment is skipped with it. Data after the end is ignored, because cameras store further images
/// and their own data there.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>) -> Result<(), Stop> {
    file.seek(SeekFrom::Start(2))?;
    let (mut frame, mut scan) = (false, false);
    loop {
        let marker = next_marker(file)?;
        match marker {
            // End of image.
            0xd9 if frame && scan => return Ok(()),
            0xd9 => return Err(Damage::JpegNoPicture.into()),
            // A second start of image means that the end of the first image is missing.
            0xd8 => return Err(Damage::JpegCut.into()),
            // Restart markers and TEM have no payload. A stuffed zero or a restart marker belongs to the scan data.
            0x00 | 0x01 | 0xd0..=0xd7 => {}
            // Reserved; not used by any encoder.
            0x02..=0xbf => return Err(Damage::JpegSegment.into()),
            _ => {
                let mut size = [0; 2];
                file.read_exact(&mut size)?;
                let size = u16::from_be_bytes(size);
                let Some(content) = size.checked_sub(2) else {
                    return Err(Damage::JpegSegment.into());
                };
                // Frame headers are C0…CF except for tables (C4), an extension (C8) and arithmetic conditioning (CC).
                frame |= matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
                if marker == 0xda {
                    if !frame {
                        return Err(Damage::JpegNoPicture.into());
                    }
                    scan = true;
                }
                skip(file, u64::from(content))?;
            }
        }
    }
}

/// Returns the code of the next marker. Bytes before it are scan data, or stray bytes that decoders skip too; fill
/// bytes (FF) may be repeated.
fn next_marker(file: &mut impl BufRead) -> io::Result<u8> {
    let mut after_ff = false;
    loop {
        let buffer = file.fill_buf()?;
        if buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut used = buffer.len();
        let mut found = None;
        let mut at = 0;
        while at < buffer.len() {
            let byte = buffer[at];
            at += 1;
            if after_ff && byte != 0xff {
                found = Some(byte);
                used = at;
                break;
            }
            after_ff = byte == 0xff;
        }
        file.consume(used);
        if let Some(marker) = found {
            return Ok(marker);
        }
    }
}

/// Skips bytes that must be present.
fn skip(file: &mut impl BufRead, bytes: u64) -> io::Result<()> {
    let stepped = io::copy(&mut file.take(bytes), &mut io::sink())?;
    if stepped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
