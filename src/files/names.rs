//! Sanity of an attachment's name. Another person will download the file under it, on any system.

use appeal_domain::{AttachmentPolicy, Finding};

/// The field that every finding about a file is reported under.
pub const FIELD: &str = "attach";

/// The longest name in bytes: what the common file systems take.
const MAX_NAME_BYTES: usize = 255;

/// Names that Windows keeps for devices, whatever the extension.
const RESERVED: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The extension of a name: what follows its last dot, in lower case, or an empty string.
pub fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ext)| ext.to_lowercase()).unwrap_or_default()
}

/// The media type that a name promises, for a file nobody has looked into yet.
pub fn media_type_of_name(name: &str) -> &'static str {
    mime_guess::from_ext(&extension(name)).first_raw().unwrap_or("application/octet-stream")
}

/// Sanity of a name: not empty, no path separators, no control or direction-changing characters, no dots or spaces
/// that some systems drop, not a device's name, at most 255 bytes, an allowed extension. Cyrillic letters and
/// spaces within are fine. The findings' place is the name.
pub fn check_name(name: &str, policy: &AttachmentPolicy) -> Vec<Finding> {
    check_name_at(name, name, policy)
}

/// The same, with another place (the path the person gave).
pub(super) fn check_name_at(name: &str, at: &str, policy: &AttachmentPolicy) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(reason) = invalid(name) {
        findings.push(Finding::error("file-name-invalid", FIELD).at(at).arg("reason", reason));
    }
    if name.len() > MAX_NAME_BYTES {
        findings.push(
            Finding::error("file-name-too-long", FIELD)
                .at(at)
                .arg("bytes", name.len())
                .arg("limit", MAX_NAME_BYTES),
        );
    }
    // A name without letters to speak of has no extension to complain about as well.
    if !name.trim_matches(['.', ' ']).is_empty() {
        let ext = extension(name);
        if !policy.extensions.contains(&ext) {
            findings.push(
                Finding::error("file-extension", FIELD)
                    .at(at)
                    .arg("has_extension", if ext.is_empty() { "no" } else { "yes" })
                    .arg("extension", ext)
                    .arg("allowed", policy.extensions.join(", ")),
            );
        }
    }
    findings
}

/// The first reason for which a name cannot be used: a word that the message chooses its text by.
fn invalid(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("empty");
    }
    if name.chars().any(|c| matches!(c, '/' | '\\')) {
        return Some("separator");
    }
    if name.contains(char::REPLACEMENT_CHARACTER) {
        return Some("encoding");
    }
    if name.chars().any(char::is_control) {
        return Some("control");
    }
    if name.chars().any(misleads) {
        return Some("invisible");
    }
    if name.starts_with('.') || name.ends_with('.') {
        return Some("dots");
    }
    if name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace) {
        return Some("spaces");
    }
    if reserved(name) {
        return Some("reserved");
    }
    None
}

/// Characters that are not seen but change what is seen: `gpj.exe` can be made to look like `exe.jpg`. Joiners
/// (U+200C, U+200D) stay allowed, since several scripts are written with them.
fn misleads(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    if RESERVED.contains(&stem.as_str()) {
        return true;
    }
    // COM1…COM9 and LPT1…LPT9; the superscript digits count as digits there.
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    numbered.is_some_and(|rest| {
        let mut chars = rest.chars();
        matches!((chars.next(), chars.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
    })
}
