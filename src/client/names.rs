//! Safe names for received files: a name must not act as a path and must look like what it is.

use unicode_segmentation::UnicodeSegmentation;

/// Maximum length in bytes: file systems support 255, and ` (1234)` or the suffix of a temporary file may be added.
const LONGEST: usize = 230;
/// Longer extensions are not preserved when a name is shortened.
const LONGEST_ENDING: usize = 20;

/// Returns a name that can be created in any folder on any system and stays in it: no separators, no control,
/// bidirectional or invisible characters, no leading dot or hyphen, no device name, not empty, not too long. A valid
/// name is returned unchanged.
pub fn safe_name(given: &str) -> String {
    let plain: String = given.chars().map(|c| if is_harmful(c) { '_' } else { c }).collect();
    let mut name = trimmed_end(plain.trim_start()).to_owned();
    if name.is_empty() {
        return "file".to_owned();
    }
    // A leading dot hides a file or makes it `..`, a leading hyphen an option, `~` a home directory.
    if name.starts_with(['.', '-', '~']) {
        name.replace_range(..1, "_");
    }
    if is_device(&name) {
        name.insert(0, '_');
    }
    let mut cut = shorten(&name, LONGEST);
    // What is left of a name can be a device although the name was not.
    if is_device(&cut) {
        cut.insert(0, '_');
    }
    cut
}

/// Windows drops dots and spaces at the end of a name.
fn trimmed_end(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Returns the name with a counter before its extension: `act (2).pdf`.
pub fn numbered(name: &str, counter: u32) -> String {
    match split(name) {
        (stem, "") => format!("{stem} ({counter})"),
        (stem, ending) => format!("{stem} ({counter}).{ending}"),
    }
}

/// Splits a name into stem and extension; the extension may be empty.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.is_empty() && ending.len() <= LONGEST_ENDING => {
            (stem, ending)
        }
        _ => (name, ""),
    }
}

/// Shortens the stem at a grapheme boundary.
fn shorten(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    let room = if ending.is_empty() { most } else { most - ending.len() - 1 };
    let mut kept = String::new();
    for grapheme in stem.graphemes(true) {
        if kept.len() + grapheme.len() > room {
            break;
        }
        kept.push_str(grapheme);
    }
    let kept = trimmed_end(&kept);
    // A single grapheme of a thousand combining marks leaves nothing.
    let kept = if kept.is_empty() { "file" } else { kept };
    if ending.is_empty() { kept.to_owned() } else { format!("{kept}.{ending}") }
}

/// Separators and other characters that some system forbids; characters that are invisible or change how others look.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        // Characters that some fonts or file systems treat as separators.
        || matches!(c, '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{FF0F}' | '\u{FF3C}')
        || matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}' | '\u{E0000}'..='\u{E007F}')
}

/// Names of devices on Windows, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        other => other.strip_prefix("COM").or_else(|| other.strip_prefix("LPT")).is_some_and(|n| {
            matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attacks_become_names() {
        for (given, expected) in [
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            ("   ", "file"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
            (".bashrc", "_bashrc"),
            ("-rf", "_rf"),
            ("nul.pdf", "_nul.pdf"),
            ("Com1", "_Com1"),
            ("act\u{202E}fdp.exe", "act_fdp.exe"),
            ("a\0b\u{1b}[2J.pdf", "a_b_[2J.pdf"),
            ("act.pdf. . ", "act.pdf"),
            ("act\u{a0}.", "act"),
        ] {
            assert_eq!(safe_name(given), expected, "{given:?}");
        }
    }

    #[test]
    fn good_names_stay() {
        for name in [
            "act.pdf",
            "Акт осмотра №3 (копия).DOCX",
            "фото 1.jpeg",
            "archive.tar.gz",
            "console.pdf",
            "é.png",
        ] {
            assert_eq!(safe_name(name), name);
        }
    }

    #[test]
    fn a_cut_name_keeps_its_ending() {
        let name = safe_name(&format!("{}.pdf", "щ".repeat(300)));
        assert!(name.len() <= LONGEST && name.ends_with("щ.pdf"), "{name}");
        assert_eq!(numbered("act.pdf", 2), "act (2).pdf");
        assert_eq!(numbered("README", 3), "README (3)");
    }

    #[test]
    fn a_cut_name_is_no_device() {
        let name = safe_name(&format!("cone{}.pdf", "\u{301}".repeat(200)));
        assert_eq!(name, "_con.pdf");
    }

    fn nasty() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[./\\\\: ~-]{0,12}[a-zа-я.]{0,6}",
            "(con|NUL|com1|lpt9|aux)[. ]?[a-z./]{0,4}",
            "\\PC{200,400}",
            "[a.]{0,3}\u{0301}{0,300}(\\.[a-z]{0,30})?",
            "(con)?[a-z]\u{0301}{100,300}(\\.[a-z]{0,5})?[. \u{a0}]{0,3}",
            Just("\u{202E}".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn a_safe_name_is_one_plain_component(given in nasty(), counter in 2u32..10_000) {
            let name = safe_name(&given);
            for name in [name.clone(), numbered(&name, counter)] {
                prop_assert!(name.len() <= 255 && !name.is_empty());
                let parts: Vec<_> = Path::new(&name).components().collect();
                prop_assert!(matches!(parts.as_slice(), [Component::Normal(part)] if *part == name.as_str()), "{name:?}");
                prop_assert!(!name.chars().any(is_harmful), "{name:?}");
                prop_assert!(!name.starts_with(['.', '-', '~', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
                prop_assert!(!is_device(&name), "{name:?}");
            }
            prop_assert_eq!(safe_name(&name), name.clone(), "a safe name is safe already");
        }
    }
}
