//! JPEG: marker segments and entropy-coded scans up to the end of the image (ITU-T T.81, annex B).

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::damage::{Damage, Stop};

/// Walks the segments of a file that starts with the start-of-image marker, to the end-of-image marker of this very
/// picture: a thumbnail within a segment is stepped over with it. What follows is left alone, since cameras put
/// further pictures and their own data there.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>) -> Result<(), Stop> {
    file.seek(SeekFrom::Start(2))?;
    let (mut frame, mut scan) = (false, false);
    loop {
        let marker = next_marker(file)?;
        match marker {
            // End of image.
            0xd9 if frame && scan => return Ok(()),
            0xd9 => return Err(Damage::JpegNoPicture.into()),
            // A second start of image here means that the end of the first was lost.
            0xd8 => return Err(Damage::JpegCut.into()),
            // Restart markers and TEM stand alone. A stuffed zero or a restart belongs to the scan's data.
            0x00 | 0x01 | 0xd0..=0xd7 => {}
            // Reserved: nothing writes these.
            0x02..=0xbf => return Err(Damage::JpegSegment.into()),
            _ => {
                let mut size = [0; 2];
                file.read_exact(&mut size)?;
                let size = u16::from_be_bytes(size);
                let Some(content) = size.checked_sub(2) else {
                    return Err(Damage::JpegSegment.into());
                };
                // Frame headers: all of C0…CF but tables (C4), an extension (C8) and arithmetic conditioning (CC).
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

/// The code of the next marker. Bytes before it are a scan's data, or strays that decoders step over as well; fill
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

/// Steps over bytes that must be there.
fn skip(file: &mut impl BufRead, bytes: u64) -> io::Result<()> {
    let stepped = io::copy(&mut file.take(bytes), &mut io::sink())?;
    if stepped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
