//! Checks of attachment names. Another person will download the file under this name, on any system.

use appeal_domain::{AttachmentPolicy, Finding};

/// Field name of findings about files.
pub const FIELD: &str = "attach";

/// Maximum length of a name in bytes, as supported by common file systems.
const MAX_NAME_BYTES: usize = 255;

/// Names that Windows reserves for devices, with any extension.
const RESERVED: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Returns the extension of a name: the part after the last dot, in lower case, or an empty string.
pub fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ext)| ext.to_lowercase()).unwrap_or_default()
}

/// Returns whether the policy allows an extension. Where JPEG pictures are allowed, so are their rarer extensions:
/// browsers save them as `.jfif`.
pub(super) fn allows(policy: &AttachmentPolicy, extension: &str) -> bool {
    let listed = |wanted: &str| policy.extensions.iter().any(|allowed| allowed == wanted);
    listed(extension) || matches!(extension, "jfif" | "jpe") && (listed("jpg") || listed("jpeg"))
}

/// Returns the media type for the extension of a name, for a file not inspected yet.
pub fn media_type_of_name(name: &str) -> &'static str {
    mime_guess::from_ext(&extension(name)).first_raw().unwrap_or("application/octet-stream")
}

/// Checks a name: not empty, no path separators, no control characters or characters that change the text direction, no
/// leading or trailing dots or spaces that some systems remove, not a device name, at most 255 bytes, an allowed
/// extension. Cyrillic letters and inner spaces are allowed. The place of the findings is the name.
pub fn check_name(name: &str, policy: &AttachmentPolicy) -> Vec<Finding> {
    check_name_at(name, name, policy)
}

/// As [`check_name`], with another place (the path as given).
pub(super) fn check_name_at(name: &str, at: &str, policy: &AttachmentPolicy) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(reason) = invalid(name) {
        findings.push(Finding::error("file-name-invalid", FIELD).at(at).arg("reason", reason));
    }
    if name.starts_with("~$") {
        findings.push(Finding::error("file-lock", FIELD).at(at));
        return findings;
    }
    if name.len() > MAX_NAME_BYTES {
        findings.push(
            Finding::error("file-name-too-long", FIELD)
                .at(at)
                .arg("bytes", name.len())
                .arg("limit", MAX_NAME_BYTES),
        );
    }
    // A name of dots and spaces only needs no second finding about its extension.
    if !name.trim_matches(['.', ' ']).is_empty() {
        let ext = extension(name);
        if !allows(policy, &ext) {
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

/// Returns the first reason why a name is invalid, as the variant of the message.
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

/// Invisible characters that change how a name is displayed: `gpj.exe` can be made to look like `exe.jpg`. Joiners
/// (U+200C, U+200D) are allowed, because several scripts require them.
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
    // COM1…COM9 and LPT1…LPT9; superscript digits count as digits.
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    numbered.is_some_and(|rest| {
        let mut chars = rest.chars();
        matches!((chars.next(), chars.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
    })
}
