//! ZIP containers: the kind of document inside (OPC, OpenDocument, Java…), and whether it is complete.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;

use super::buffer::BUFFER;
use super::damage::{Damage, Oddity, Stop};
use super::kinds::{Sniffed, ZipKind};

/// Maximum number of parts of a ZIP container. A document of 10 MB has a few hundred; an archive of a hundred thousand
/// empty parts would only use memory.
pub const MAX_ZIP_PARTS: u64 = 4096;

/// Maximum size of the central directory of a ZIP container, in bytes.
pub const MAX_ZIP_DIRECTORY: u64 = 2 * 1024 * 1024;

/// Unpacked bytes after which checksums are no longer verified; limits the cost of a "zip bomb".
const VERIFY_AT_MOST: u64 = 128 * 1024 * 1024;

/// Maximum size of `[Content_Types].xml`, in bytes.
const MAX_TYPES: u64 = 1024 * 1024;

/// Size of the end record (22 bytes), its longest comment, and the ZIP64 record and locator before it.
const TAIL: u64 = 22 + 65_535 + 56 + 20;

/// Maximum number of zero bytes skipped after the end of the archive.
const PADDING_AT_MOST: u64 = 16 * 1024 * 1024;

type Archive<'a, R> = ZipArchive<Section<&'a mut BufReader<R>>>;

/// Detects the content of the container, and what is unusual in it.
pub(super) fn identify<R: Read + Seek>(
    file: &mut BufReader<R>,
    length: u64,
) -> Result<(Sniffed, Vec<Oddity>), Stop> {
    let mut archive = open(file, length)?;
    // Some writers use the separator of Windows.
    let backslashes = archive.file_names_raw().any(|name| name.contains(&b'\\'));
    let oddities = if backslashes { vec![Oddity::ZipBackslashes] } else { Vec::new() };
    let names: Vec<String> = archive
        .file_names_raw()
        .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase().replace('\\', "/"))
        .collect();
    let has = |name: &str| names.iter().any(|n| n == name);

    if let Some(types) = names.iter().position(|name| name == "[content_types].xml") {
        // Usually UTF-8. UTF-16 reads the same without its zero bytes, and only ASCII is searched for.
        let mut text = read_part(&mut archive, types, MAX_TYPES)?;
        text.retain(|byte| *byte != 0);
        let kind = office(&String::from_utf8_lossy(&text).to_ascii_lowercase(), &has)?;
        return Ok((kind, oddities));
    }
    if let Some(at) = names.iter().position(|name| name == "mimetype") {
        let kind = match read_part(&mut archive, at, 256)?.trim_ascii() {
            b"application/vnd.oasis.opendocument.text" => Some(ZipKind::Odt),
            b"application/vnd.oasis.opendocument.spreadsheet" => Some(ZipKind::Ods),
            b"application/vnd.oasis.opendocument.presentation" => Some(ZipKind::Odp),
            b"application/epub+zip" => Some(ZipKind::Epub),
            _ => None,
        };
        if let Some(kind) = kind {
            return Ok((Sniffed::OtherZip(kind), oddities));
        }
    }
    let kind = if has("androidmanifest.xml") {
        ZipKind::Apk
    } else if has("meta-inf/manifest.mf") {
        ZipKind::Jar
    } else {
        ZipKind::Plain
    };
    Ok((Sniffed::OtherZip(kind), oddities))
}

/// Returns the Office document announced by the content types (in lower case). The type of the main part decides: a
/// DOCX may contain whole spreadsheets as embedded parts.
fn office(types: &str, has: &dyn Fn(&str) -> bool) -> Result<Sniffed, Stop> {
    const WORD: &str = "wordprocessingml.document.main+xml";
    let kind = if types.contains("ms-word.document.macroenabled")
        || types.contains("ms-word.template.macroenabled")
    {
        ZipKind::Docm
    } else if types.contains(WORD) {
        // Word calls the main part `word/document.xml`, sometimes `word/document2.xml`; the content type names it.
        let named = types
            .split('<')
            .filter(|tag| tag.contains(WORD))
            .find_map(|tag| attribute(tag, "partname"))
            .map(|part| part.trim_start_matches('/').to_owned());
        let there = named.is_some_and(|part| has(&part)) || has("word/document.xml");
        return if there { Ok(Sniffed::Docx) } else { Err(Damage::ZipDirectory.into()) };
    } else if types.contains("wordprocessingml.template.main+xml") {
        ZipKind::Dotx
    } else if types.contains("spreadsheetml.sheet.main+xml")
        || types.contains("spreadsheetml.template.main+xml")
        || types.contains("ms-excel.sheet.")
    {
        ZipKind::Xlsx
    } else if types.contains("presentationml.") && types.contains(".main+xml")
        || types.contains("ms-powerpoint.")
    {
        ZipKind::Pptx
    } else if has("word/document.xml") {
        return Ok(Sniffed::Docx);
    } else if has("xl/workbook.xml") {
        ZipKind::Xlsx
    } else if has("ppt/presentation.xml") {
        ZipKind::Pptx
    } else {
        ZipKind::Plain
    };
    Ok(Sniffed::OtherZip(kind))
}

/// Returns the value of an attribute within the text of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let after = &tag[tag.find(name)? + name.len()..];
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// Unpacks every part and verifies its checksum, up to [`VERIFY_AT_MOST`] unpacked bytes.
pub(super) fn verify_parts<R: Read + Seek>(file: &mut BufReader<R>) -> Result<(), Stop> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut archive = open(file, length)?;
    let mut buffer = vec![0; BUFFER];
    let mut left = VERIFY_AT_MOST;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| stop(error, Damage::ZipPart))?;
        loop {
            let n = part.read(&mut buffer).map_err(|error| stop(error.into(), Damage::ZipPart))?;
            if n == 0 {
                break;
            }
            left = left.saturating_sub(n as u64);
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Guesses the kind of a container without a readable directory, by the names of the parts at its start.
pub(super) fn guess_from_head(head: &[u8]) -> Sniffed {
    let starts = |prefix: &[u8]| {
        head.windows(30 + prefix.len()).any(|w| w.starts_with(b"PK\x03\x04") && w[30..] == *prefix)
    };
    if starts(b"word/") {
        return Sniffed::Docx;
    }
    Sniffed::OtherZip(if starts(b"xl/") {
        ZipKind::Xlsx
    } else if starts(b"ppt/") {
        ZipKind::Pptx
    } else if starts(b"META-INF/") {
        ZipKind::Jar
    } else {
        ZipKind::Plain
    })
}

fn read_part<R: Read + Seek>(
    archive: &mut Archive<'_, R>,
    index: usize,
    limit: u64,
) -> Result<Vec<u8>, Stop> {
    let part = archive.by_index(index).map_err(|error| stop(error, Damage::ZipPart))?;
    let mut bytes = Vec::new();
    part.take(limit).read_to_end(&mut bytes).map_err(|error| stop(error.into(), Damage::ZipPart))?;
    Ok(bytes)
}

/// A read error of the disk is not damage of the file; any other error of the reader is.
fn stop(error: ZipError, damage: Damage) -> Stop {
    match error {
        ZipError::Io(error) if error.raw_os_error().is_some() => Stop::Io(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Stop::Damage(Damage::ZipPassword),
        _ => Stop::Damage(damage),
    }
}

/// Opens the archive after checking that its directory is present and not too large.
fn open<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<Archive<'_, R>, Stop> {
    let end = find_end(file, length)?;
    let section = Section { inner: file, end, at: 0 };
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    ZipArchive::with_config(config, section).map_err(|error| stop(error, Damage::ZipDirectory))
}

/// Returns the end of the archive: after its end record and the comment that belongs to it. Checks the size of every
/// directory that a record near the end points to, so that it does not matter which of them a reader uses.
fn find_end<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<u64, Stop> {
    // Zero padding that some systems add after a file is not part of the archive. The record itself may end in zeros.
    let padded = content_end(file, length, |byte| byte == 0)?;
    let stop_at = padded.saturating_add(22 + 65_535).min(length);
    let start = padded.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.by_ref().take(stop_at - start).read_to_end(&mut tail)?;

    let mut end = None;
    for at in 0..tail.len().saturating_sub(3) {
        let rest = &tail[at..];
        if rest.starts_with(b"PK\x06\x06") {
            // The ZIP64 end record: counts at 24 and 32, size of the directory at 40.
            if let (Some(count), Some(size)) = (u64_at(rest, 32), u64_at(rest, 40)) {
                bearable(count, size)?;
            }
        } else if rest.starts_with(b"PK\x05\x06") {
            let (Some(count), Some(size), Some(comment)) =
                (u16_at(rest, 10), u32_at(rest, 12), u16_at(rest, 20))
            else {
                continue;
            };
            let past = start + at as u64 + 22 + u64::from(comment);
            if past > length {
                continue;
            }
            // All ones mean that the ZIP64 record, directly before this one, has the number.
            let zip64 = count == u16::MAX || size == u32::MAX;
            if zip64 && !tail[..at].windows(4).any(|w| w == b"PK\x06\x06") {
                return Err(Damage::ZipDirectory.into());
            }
            if !zip64 {
                bearable(u64::from(count), u64::from(size))?;
            }
            end = Some(past);
        }
    }
    end.ok_or_else(|| Damage::ZipCut.into())
}

fn bearable(count: u64, directory: u64) -> Result<(), Damage> {
    if count > MAX_ZIP_PARTS || directory > MAX_ZIP_DIRECTORY { Err(Damage::ZipTooManyParts) } else { Ok(()) }
}

/// Returns the end of the content without padding at the end of the file, searching at most [`PADDING_AT_MOST`] bytes.
pub(super) fn content_end<R: Read + Seek>(
    file: &mut BufReader<R>,
    length: u64,
    padding: impl Fn(u8) -> bool,
) -> std::io::Result<u64> {
    let mut end = length;
    let mut block = vec![0; BUFFER];
    while end > 0 && length - end < PADDING_AT_MOST {
        let n = end.min(BUFFER as u64);
        file.seek(SeekFrom::Start(end - n))?;
        // Fits, because `n` is at most the length of the buffer.
        let part = &mut block[..n as usize];
        file.read_exact(part)?;
        match part.iter().rposition(|byte| !padding(*byte)) {
            Some(last) => return Ok(end - n + last as u64 + 1),
            None => end -= n,
        }
    }
    Ok(end)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|b| u64::from_le_bytes(*b))
}

/// The file up to a given end.
struct Section<R> {
    inner: R,
    end: u64,
    at: u64,
}

impl<R: Read + Seek> Read for Section<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let n = self.inner.read(&mut buffer[..wanted])?;
        self.at += n as u64;
        Ok(n)
    }
}

impl<R: Read + Seek> Seek for Section<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let target = target.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        // An offset larger than the system can seek to is damage of the archive, not a disk error.
        if target > i64::MAX as u64 {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        // Relative where possible, so that the buffer is kept.
        match target.checked_signed_diff(self.at) {
            Some(0) => {}
            _ => {
                self.inner.seek(SeekFrom::Start(target))?;
            }
        }
        self.at = target;
        Ok(target)
    }
}
