//! Detection of the kind of a file from its first bytes.

use super::kinds::{ExecutableKind, Sniffed};

/// Number of bytes examined: enough to get past leading blank lines and comments of a web page.
pub(super) const HEAD: usize = 16 * 1024;

/// A PDF header may be anywhere in the first 1024 bytes.
const PDF_HEADER_WITHIN: usize = 1024;

/// The start of an OLE compound file (MS-CFB 2.2).
const OLE_MAGIC: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The result of examining the head: the kind itself, or a container that must be opened.
pub(super) enum Guess {
    Known(Sniffed),
    /// Something else, unless it is followed by a whole PDF document.
    MaybePdf(Sniffed),
    Zip,
    Ole,
}

/// Detects the kind from the first bytes (up to [`HEAD`]; fewer if the file is shorter). Dangerous kinds and magic
/// numbers at the very start take precedence over patterns further in: a program that contains a PDF header is a
/// program.
pub(super) fn head(bytes: &[u8]) -> Guess {
    if bytes.is_empty() {
        return Guess::Known(Sniffed::Empty);
    }
    if let Some(kind) = executable(bytes) {
        return Guess::Known(Sniffed::Executable(kind));
    }
    if bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"PK\x05\x06")
        || bytes.starts_with(b"PK\x07\x08")
    {
        return Guess::Zip;
    }
    if bytes.starts_with(OLE_MAGIC) {
        return Guess::Ole;
    }
    simple(bytes)
}

fn simple(bytes: &[u8]) -> Guess {
    let kind = plain(bytes);
    if matches!(kind, Sniffed::Html | Sniffed::Xml | Sniffed::Text | Sniffed::Unknown | Sniffed::Mhtml)
        && bytes.windows(5).any(|w| w == b"%PDF-")
    {
        return Guess::MaybePdf(kind);
    }
    Guess::Known(kind)
}

fn plain(bytes: &[u8]) -> Sniffed {
    // The rest of the signature shows transfer as text, which is reported as damage.
    if bytes.starts_with(b"\x89PNG") {
        return Sniffed::Png;
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Sniffed::Jpeg;
    }
    if bytes.starts_with(b"%PDF") {
        return Sniffed::Pdf;
    }
    if bytes.starts_with(b"{\\rtf") {
        return Sniffed::Rtf;
    }
    let text = as_text(bytes);
    if let Some(kind) = text.as_deref().and_then(|text| mhtml(text).or_else(|| markup(text))) {
        return kind;
    }
    if bytes.windows(5).take(PDF_HEADER_WITHIN).any(|w| w == b"%PDF-") {
        return Sniffed::Pdf;
    }
    if let Some(kind) = infer::get(bytes) {
        return inferred(&kind);
    }
    let printable = |c: char| {
        c != char::REPLACEMENT_CHARACTER && (!c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\x0c'))
    };
    if text.is_some_and(|t| t.chars().all(printable)) {
        return Sniffed::Text;
    }
    Sniffed::Unknown
}

fn executable(bytes: &[u8]) -> Option<ExecutableKind> {
    // A byte order mark before `#!` hides a script from the kernel, but not from a shell.
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let word = bytes.first_chunk::<4>().map(|w| u32::from_be_bytes(*w));
    match word {
        Some(0x7f45_4c46) => return Some(ExecutableKind::Elf),
        Some(0xfeed_face | 0xfeed_facf | 0xcefa_edfe | 0xcffa_edfe | 0xbeba_feca) => {
            return Some(ExecutableKind::MachO);
        }
        // Universal Mach-O programs and Java classes share a magic number; it is followed by the number of
        // architectures in the former and by a version of at least 45 in the latter.
        Some(0xcafe_babe) => {
            let next = bytes.get(4..8).map_or(0, |w| u32::from_be_bytes([w[0], w[1], w[2], w[3]]));
            return Some(if next < 45 { ExecutableKind::MachO } else { ExecutableKind::Java });
        }
        Some(0x0061_736d) => return Some(ExecutableKind::Wasm),
        Some(0x4c00_0000) if bytes.get(4..8) == Some(&[0x01, 0x14, 0x02, 0x00]) => {
            return Some(ExecutableKind::Shortcut);
        }
        Some(0x6465_780a) => return Some(ExecutableKind::Dex),
        _ => {}
    }
    if bytes.starts_with(b"MZ") || bytes.starts_with(b"ZM") {
        return Some(ExecutableKind::Windows);
    }
    let script = unmarked.starts_with(b"#!")
        || starts_with_ignore_case(unmarked, b"@echo off")
        || starts_with_ignore_case(unmarked, b"<?php");
    script.then_some(ExecutableKind::Script)
}

fn starts_with_ignore_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Returns the head as text if it is UTF-8 or UTF-16, with or without a byte order mark. A character cut off at the end
/// of the head is tolerated.
fn as_text(bytes: &[u8]) -> Option<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Some(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Some(utf16(rest, u16::from_be_bytes));
    }
    // Without a byte order mark: ASCII markup in UTF-16 has a zero beside every character.
    match bytes {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => return Some(utf16(bytes, u16::from_le_bytes)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => return Some(utf16(bytes, u16::from_be_bytes)),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.error_len().is_none() => {
            Some(String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned())
        }
        // Markup is ASCII in every other encoding too (such as windows-1251), so its start can be recognised; the
        // replacement characters prevent such a head from being treated as text.
        Err(_) if bytes.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c)) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        Err(_) => {
            let readable = bytes.iter().take_while(|b| b.is_ascii() && **b != 0).count();
            let start = &bytes[..readable];
            markup(std::str::from_utf8(start).ok()?)
                .is_some()
                .then(|| String::from_utf8_lossy(start).into_owned())
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Detects a web page saved as a mail message, as office programs save it under the name of a document.
fn mhtml(text: &str) -> Option<Sniffed> {
    let head: String =
        text.lines().take(30).flat_map(|line| [line, "\n"]).collect::<String>().to_ascii_lowercase();
    let header = |name: &str| head.starts_with(name) || head.contains(&format!("\n{name}"));
    (header("mime-version:") && head.contains("multipart/related")).then_some(Sniffed::Mhtml)
}

/// Elements that a web page or a fragment of one starts with. The first two make an XML file a web page too.
const HTML_TAGS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "script",
    "title",
    "meta",
    "link",
    "style",
    "table",
    "div",
    "iframe",
    "h1",
    "h2",
    "p",
    "a",
    "br",
    "b",
    "font",
    "center",
    "span",
    "form",
    "img",
    "ul",
    "ol",
];

/// Detects HTML or XML by what follows white space, comments and processing instructions.
fn markup(text: &str) -> Option<Sniffed> {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let mut xml = false;
    loop {
        let (end, opened) = if rest.starts_with("<!--") {
            ("-->", 4)
        } else if rest.starts_with("<?") {
            xml |= rest.starts_with("<?xml");
            ("?>", 2)
        } else {
            break;
        };
        match rest[opened..].find(end) {
            Some(at) => rest = rest[opened + at + end.len()..].trim_start(),
            None => break,
        }
    }
    if let Some(tag) = rest.strip_prefix('<') {
        // Other XML vocabularies have elements called `a` or `table` too.
        let tags = if xml { &HTML_TAGS[..2] } else { HTML_TAGS };
        let html = tags.iter().any(|name| {
            starts_with_ignore_case(tag.as_bytes(), name.as_bytes())
                && tag[name.len()..]
                    .chars()
                    .next()
                    .is_none_or(|c| c.is_whitespace() || matches!(c, '>' | '/'))
        });
        if html {
            return Some(Sniffed::Html);
        }
    }
    xml.then_some(Sniffed::Xml)
}

/// Converts a result of the `infer` crate.
fn inferred(kind: &infer::Type) -> Sniffed {
    let ext = kind.extension().to_owned();
    match kind.matcher_type() {
        infer::MatcherType::Image => Sniffed::Image(ext),
        infer::MatcherType::Archive => Sniffed::Archive(ext),
        infer::MatcherType::Audio | infer::MatcherType::Video => Sniffed::Media(ext),
        infer::MatcherType::Text if ext == "html" => Sniffed::Html,
        infer::MatcherType::Text if ext == "xml" => Sniffed::Xml,
        _ => Sniffed::Other(ext),
    }
}
