//! Preparation of users' texts for print: visible characters are kept, invisible ones are dropped if they are
//! meaningless and shown if they may be harmful.

/// Replacement of a tab at the start of a line.
const TAB: &str = "    ";
/// Maximum indentation, in spaces.
const INDENT_MAX: usize = 12;

/// Splits a text into lines without control characters. Words are separated by one space, because PDF readers take a
/// wider gap for a column border and move the text after it.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        if matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}') {
            lines.push(String::new());
            before = None;
            continue;
        }
        if let Some(line) = lines.last_mut() {
            printable(line, c, before, chars.peek().copied());
        }
        before = Some(c);
    }
    lines
}

/// Converts a text to one line.
pub fn line(text: &str) -> String {
    lines(text).into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn printable(line: &mut String, c: char, before: Option<char>, after: Option<char>) {
    match c {
        _ if c.is_whitespace() && !c.is_control() || c == '\t' => {
            if line.chars().all(|c| c == ' ') {
                line.push_str(if c == '\t' { TAB } else { " " });
                line.truncate(INDENT_MAX);
            } else if !line.ends_with(char::is_whitespace) {
                // Non-breaking and narrow spaces are kept.
                let kept = matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{2005}'..='\u{200a}');
                line.push(if kept { c } else { ' ' });
            }
        }
        // Invisible hints for line breaking, and for the appearance of adjacent characters.
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{34f}' | '\u{fe00}'..='\u{fe0f}' => {}
        // Joiners control how letters of some scripts are joined, and have no effect otherwise.
        '\u{200c}' | '\u{200d}' => {
            if before.is_some_and(joins) && after.is_some_and(joins) {
                line.push(c);
            }
        }
        _ if is_hidden(c) => line.push_str(&escaped(c)),
        _ => line.push(c),
    }
}

/// Returns whether a letter belongs to a script in which joiners matter.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' | '\u{7c0}'..='\u{7ff}')
}

/// Invisible characters that change how others look, or that have no meaning outside of one program.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{3164}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
        // Noncharacters of the other planes.
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Formats a character by its number, for characters that no face supports.
pub fn escaped(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_any_line_ends() {
        assert_eq!(lines("а\r\nб\nв\rг\u{2028}д\n"), ["а", "б", "в", "г", "д", ""]);
        assert_eq!(line("Улица\n\nЛенина\n"), "Улица Ленина");
    }

    #[test]
    fn what_is_not_seen_is_dropped_or_shown() {
        assert_eq!(line("ка\u{ad}че\u{200b}ство\u{feff}"), "качество");
        assert_eq!(line("a\u{202e}b\u{7}c\0"), "a[U+202E]b[U+0007]c[U+0000]");
        assert_eq!(line("\u{e001}"), "[U+E001]");
        assert_eq!(line("a\t b\u{2003}\u{a0}c"), "a b c");
        assert_eq!(lines("\ta\n  b")[..], ["    a", "  b"]);
        assert_eq!(line("№\u{a0}5 — «да» 100\u{202f}₽ и\u{306}"), "№\u{a0}5 — «да» 100\u{202f}₽ и\u{306}");
        assert_eq!(line("می\u{200c}خواهم a\u{200d}b"), "می\u{200c}خواهم ab");
    }
}
