//! Makes control and bidi characters visible, so that text from a platform or a file cannot move the cursor, change
//! colors, or reorder text on the terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns whether a terminal would interpret the character or it reorders text: C0, DEL, C1, bidi controls, line
/// separators.
pub const fn is_control(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}')
}

fn replaced(
    text: &str,
    special: impl Fn(char) -> bool,
    keep: impl Fn(char, &mut String) -> bool,
) -> Cow<'_, str> {
    if !text.contains(&special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !special(c) {
            out.push(c);
        } else if !keep(c, &mut out) {
            // Writing to a String cannot fail.
            let _ = write!(out, "<U+{:04X}>", u32::from(c));
        }
    }
    Cow::Owned(out)
}

/// A text for several lines of a screen: newlines stay, a tab becomes spaces, everything else is made visible.
pub fn lines(text: &str) -> Cow<'_, str> {
    // A text whose only control characters are newlines needs no copy.
    replaced(
        text,
        |c| c != '\n' && is_control(c),
        |c, out| {
            if c == '\t' {
                out.push_str("    ");
            }
            // Only tabs are replaced here; other control characters are made visible.
            c == '\t'
        },
    )
}

/// As [`lines`], with CR LF read as one line end.
pub fn paragraphs(text: &str) -> String {
    lines(&text.replace("\r\n", "\n")).into_owned()
}

/// A text for one field of one line: line ends and tabs become `\n`, `\r`, `\t`.
pub fn cell(text: &str) -> Cow<'_, str> {
    replaced(text, is_control, |c, out| {
        out.push_str(match c {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ => return false,
        });
        true
    })
}
