//! PDF: whether a reader finds the contents of a file without repairing it (ISO 32000-1, 7.5), and whether it opens
//! without a password. Objects are not parsed, except for two dictionaries: the trailer and the one on encryption.

use std::io::{BufReader, Read, Seek};

use memchr::memmem;

use super::damage::{Damage, Oddity, Stop};
use super::pdf_lock;
use super::pdf_search::{DICTIONARY, find, objects, read, rfind};
use super::pdf_syntax::{Dictionary, reference};
use super::zipped::content_end;

/// Number of bytes searched for the header. Readers search the first 1024 bytes.
const HEADER_WITHIN: u64 = 4096;

/// Number of bytes searched for the linearization dictionary, which is within the first 1024 bytes.
const LINEARIZED_WITHIN: u64 = 2048;

/// Maximum distance of `startxref` before `%%EOF`.
const XREF_WITHIN: u64 = 1024;

/// Maximum white space before an object that a pointer names.
const LEADING: u64 = 64;

/// Checks a file that has a PDF header. Returns what is unusual.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<Vec<Oddity>, Stop> {
    let mut oddities = Vec::new();
    let head = read(file, 0, length.min(HEADER_WITHIN))?;
    let header = memmem::find(&head, b"%PDF").unwrap_or(0);
    let blank = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let before = head[..header].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head[..header]);
    if !before.iter().all(blank) {
        oddities.push(Oddity::PdfBefore);
    }

    let end = content_end(file, length, |byte| blank(&byte))?;
    let eof = rfind(file, end, b"%%EOF")?;
    let Some(pointer) = rfind(file, end, b"startxref")? else {
        return Err(if eof.is_some() { Damage::PdfNoXref } else { Damage::PdfCut }.into());
    };
    match eof {
        Some(eof) if eof > pointer => {
            if eof - pointer > XREF_WITHIN {
                return Err(Damage::PdfNoXref.into());
            }
            // Bytes behind the end are ignored by readers, but an object there belongs to a revision that is cut.
            if rfind(file, end, b" obj")?.is_some_and(|object| object > eof) {
                return Err(Damage::PdfCut.into());
            }
            if eof + 5 < end {
                oddities.push(Oddity::PdfBehind);
            }
        }
        _ => oddities.push(Oddity::PdfNoEnd),
    }

    let stated = stated_length(&head[..head.len().min(LINEARIZED_WITHIN as usize)]);
    let target = number(&read(file, pointer + 9, 64)?);
    let trailer = match target {
        // The first section of a linearized file points to 0; the last one never does.
        Some(0) if stated.is_some() => return Err(Damage::PdfShort.into()),
        Some(target) => match trailer_at(file, target, end)? {
            None if header > 0 => trailer_at(file, target.saturating_add(header as u64), end)?,
            found => found,
        },
        None => None,
    };
    if stated.is_some_and(|stated| stated != length) {
        oddities.push(Oddity::PdfLength);
    }
    let trailer = match trailer {
        Some(trailer) => trailer,
        None if oddities.contains(&Oddity::PdfNoEnd) => return Err(Damage::PdfCut.into()),
        // Readers rebuild the table of contents from the objects, as long as something names the first of them.
        None => {
            oddities.push(Oddity::PdfPointer);
            rebuilt(file, end)?.ok_or(Damage::PdfStructure)?
        }
    };
    let trailer = Dictionary::parse(&trailer);
    pdf_lock::check(file, &trailer, length)?;
    if !has_pages(file, &trailer, length)? {
        return Err(Damage::PdfNoPages.into());
    }
    Ok(oddities)
}

/// Returns whether the root leads to pages. An object that is not found may be in a compressed stream, and an object
/// may occur in embedded files too; so only a document none of whose objects fits has no pages.
fn has_pages<R: Read + Seek>(
    file: &mut BufReader<R>,
    trailer: &Dictionary<'_>,
    length: u64,
) -> Result<bool, Stop> {
    let Some(root) = trailer.get(b"Root").and_then(reference) else { return Ok(true) };
    let roots = objects(file, length, root)?;
    for text in &roots {
        let Some(pages) = Dictionary::parse(text).get(b"Pages").and_then(reference) else { continue };
        let trees = objects(file, length, pages)?;
        let kids = |text: &Vec<u8>| {
            let tree = Dictionary::parse(text);
            tree.get(b"Kids").is_some_and(|kids| kids.contains(&b'R')) && tree.number(b"Count") != Some(0)
        };
        if trees.is_empty() || trees.iter().any(kids) {
            return Ok(true);
        }
    }
    Ok(roots.is_empty())
}

/// Returns the text of the trailer dictionary that belongs to the table of contents at `target`, if one is there.
fn trailer_at<R: Read + Seek>(
    file: &mut BufReader<R>,
    target: u64,
    end: u64,
) -> Result<Option<Vec<u8>>, Stop> {
    if target >= end {
        return Ok(None);
    }
    let start = read(file, target, LEADING)?;
    let text = start.trim_ascii_start();
    if text.starts_with(b"xref") {
        return Ok(match find(file, target, end, b"trailer")? {
            Some(at) => dictionary(file, at)?,
            None => None,
        });
    }
    let object = text.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).take(3);
    let object: Vec<&[u8]> = object.collect();
    match object[..] {
        [number, generation, keyword]
            if digits(number) && digits(generation) && keyword.starts_with(b"obj") =>
        {
            dictionary(file, target)
        }
        _ => Ok(None),
    }
}

/// Returns the last dictionary in the file that names the root of the document.
fn rebuilt<R: Read + Seek>(file: &mut BufReader<R>, end: u64) -> Result<Option<Vec<u8>>, Stop> {
    if let Some(at) = rfind(file, end, b"trailer")?
        && let Some(trailer) = dictionary(file, at)?
        && Dictionary::parse(&trailer).get(b"Root").is_some()
    {
        return Ok(Some(trailer));
    }
    let Some(root) = rfind(file, end, b"/Root")? else {
        // Some readers find the catalogue by its type.
        return Ok(rfind(file, end, b"/Catalog")?.map(|_| Vec::new()));
    };
    let start = rfind(file, root, b" obj")?.unwrap_or(root.saturating_sub(DICTIONARY / 2));
    dictionary(file, start)
}

/// Reads the dictionary that begins within a short distance.
fn dictionary<R: Read + Seek>(file: &mut BufReader<R>, at: u64) -> Result<Option<Vec<u8>>, Stop> {
    let text = read(file, at, DICTIONARY)?;
    let near = &text[..text.len().min(256)];
    Ok(memmem::find(near, b"<<").map(|start| text[start..].to_vec()))
}

fn digits(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_digit)
}

/// Returns the number at the start of the text.
fn number(text: &[u8]) -> Option<u64> {
    let digits: String = text
        .trim_ascii_start()
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    digits.parse().ok()
}

/// Returns `/L` in the linearization dictionary: the length of the whole file.
fn stated_length(head: &[u8]) -> Option<u64> {
    let at = memmem::find(head, b"/Linearized")?;
    // The dictionary is one small object.
    let dictionary = head[at..].split(|byte| *byte == b'>').next()?;
    let mut keys = dictionary.windows(3).enumerate();
    let (key, _) =
        keys.find(|(_, w)| w.starts_with(b"/L") && (w[2].is_ascii_digit() || w[2].is_ascii_whitespace()))?;
    number(&dictionary[key + 2..])
}
