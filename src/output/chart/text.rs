//! Text in a chart: its width, wrapping and escaping.

use crate::output::visible;

/// Escapes text for XML and HTML.
pub fn escaped(text: &str) -> String {
    let text = visible::cell(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Characters that XML cannot contain.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Estimates the width of a text at this size, in pixels. The font is unknown, so the estimate is rather too large.
pub fn width(text: &str, size: f64) -> f64 {
    let ems: f64 =
        text.chars()
            .map(|c| match c {
                ' ' | '\u{a0}' | 'i' | 'j' | 'l' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|'
                | '!' => 0.38,
                'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
                'ш' | 'щ' | 'ж' | 'ю' | 'ы' | 'ф' | 'м' | 'Ш' | 'Щ' | 'Ж' | 'Ю' | 'Ы' | 'Ф' | 'М' | 'Д'
                | '–' | '—' => 0.92,
                c if c.is_uppercase() => 0.76,
                c if c.is_ascii() || ('а'..='ё').contains(&c) => 0.64,
                c => 0.62 * unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) as f64,
            })
            .sum();
    ems * size
}

/// The text in at most `lines` lines of this width, broken between words; what is left ends in an ellipsis.
pub fn fitted(text: &str, most: f64, size: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest: Vec<&str> = text.split_whitespace().collect();
    rest.reverse();
    while let Some(word) = rest.pop() {
        let line = match out.last() {
            Some(line) if !line.is_empty() => format!("{line} {word}"),
            _ => word.to_owned(),
        };
        if width(&line, size) <= most || out.is_empty() && rest.is_empty() {
            match out.last_mut() {
                Some(last) => *last = line,
                None => out.push(line),
            }
        } else if out.len() < lines.max(1) {
            out.push(word.to_owned());
        } else {
            // The last line takes as much of the word as fits.
            if let Some(last) = out.last_mut() {
                *last = cut(&format!("{last} {word}"), most, size, true);
            }
            return out;
        }
    }
    out.into_iter().map(|line| cut(&line, most, size, false)).collect()
}

/// The text cut to this width, with an ellipsis if it was cut or `more` follows.
fn cut(text: &str, most: f64, size: f64, more: bool) -> String {
    use unicode_segmentation::UnicodeSegmentation as _;
    if !more && width(text, size) <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    for part in text.graphemes(true) {
        if width(&out, size) + width(part, size) + width("–", size) > most {
            break;
        }
        out.push_str(part);
    }
    format!("{}…", out.trim_end_matches([' ', ',', '.', '–', '-']))
}
