//! JPEG: marker segments and entropy-coded scans up to the end of the image (ITU-T T.81, annex B).

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

use super::buffer::BUFFER;
use super::damage::{Damage, Oddity, Stop};
use super::jpeg_scan::{Frame, Scan, Tables};
use super::zipped::content_end;

/// Reads the segments of a file that starts with a start-of-image marker, up to the end-of-image marker of that image;
/// a thumbnail within a segment is skipped with it. Returns what is unusual: data after the end, or no end although
/// every pixel is there.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<Vec<Oddity>, Stop> {
    let mut picture = Picture::default();
    match picture.read(file) {
        Ok(()) => Ok(behind(file, length)?.into_iter().collect()),
        Err(Stop::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            if picture.is_complete(file)? {
                Ok(vec![Oddity::JpegNoEnd])
            } else {
                Err(Damage::JpegCut.into())
            }
        }
        Err(stop) => Err(stop),
    }
}

/// Looks at what follows the end of the image: further pictures (as phones and cameras store them) and padding are
/// usual, anything else is not.
fn behind<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> io::Result<Option<Oddity>> {
    let end = file.stream_position()?;
    let padding = |byte: u8| matches!(byte, 0 | 0xff) || byte.is_ascii_whitespace();
    if content_end(file, length, padding)? <= end {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(end))?;
    let mut bytes = Vec::new();
    file.by_ref().take(BUFFER as u64).read_to_end(&mut bytes)?;
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    Ok((!bytes[start..].starts_with(&[0xff, 0xd8, 0xff])).then_some(Oddity::JpegBehind))
}

/// What is known of the image while its segments are read.
#[derive(Default)]
struct Picture {
    frame: Option<Frame>,
    tables: Tables,
    /// The last scan.
    scan: Option<Scan>,
    scans: usize,
}

impl Picture {
    fn read<R: Read + Seek>(&mut self, file: &mut BufReader<R>) -> Result<(), Stop> {
        file.seek(SeekFrom::Start(2))?;
        loop {
            let marker = next_marker(file)?;
            match marker {
                // End of image.
                0xd9 if self.scans > 0 => return Ok(()),
                0xd9 => return Err(Damage::JpegNoPicture.into()),
                // A second start of image means that the end of the first image is missing.
                0xd8 => return Err(Damage::JpegCut.into()),
                // Restart markers and TEM have no payload. A stuffed zero or a restart marker belongs to the scan data.
                0x00 | 0x01 | 0xd0..=0xd7 => {}
                // Reserved; not used by any encoder.
                0x02..=0xbf => return Err(Damage::JpegSegment.into()),
                _ => self.segment(file, marker)?,
            }
        }
    }

    fn segment<R: Read + Seek>(&mut self, file: &mut BufReader<R>, marker: u8) -> Result<(), Stop> {
        let mut size = [0; 2];
        file.read_exact(&mut size)?;
        let Some(content) = u16::from_be_bytes(size).checked_sub(2) else {
            return Err(Damage::JpegSegment.into());
        };
        match marker {
            // Frame headers are C0…CF except for tables (C4), an extension (C8) and arithmetic conditioning (CC).
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let frame = Frame::new(marker, &payload(file, content)?).ok_or(Damage::JpegSegment)?;
                self.frame = Some(frame);
            }
            0xc4 => self.tables.define(&payload(file, content)?).ok_or(Damage::JpegSegment)?,
            0xdd => self.tables.restart_every(&payload(file, content)?),
            0xda => {
                let Some(frame) = &self.frame else { return Err(Damage::JpegNoPicture.into()) };
                let header = payload(file, content)?;
                let start = file.stream_position()?;
                self.scan = Some(Scan::new(frame, &header, start).ok_or(Damage::JpegSegment)?);
                self.scans += 1;
            }
            _ => skip(file, u64::from(content))?,
        }
        Ok(())
    }

    /// Returns whether every pixel is there although the end is missing. Only a sequential image in one scan, as
    /// cameras and phones write it, can be judged without decoding.
    fn is_complete<R: Read + Seek>(&self, file: &mut BufReader<R>) -> io::Result<bool> {
        match (&self.frame, &self.scan) {
            (Some(frame), Some(scan)) if self.scans == 1 => {
                file.seek(SeekFrom::Start(scan.start))?;
                scan.is_complete(frame, &self.tables, file)
            }
            _ => Ok(false),
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

fn payload(file: &mut impl BufRead, size: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(size)];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Skips bytes that must be present.
fn skip(file: &mut impl BufRead, bytes: u64) -> io::Result<()> {
    let stepped = io::copy(&mut file.take(bytes), &mut io::sink())?;
    if stepped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
