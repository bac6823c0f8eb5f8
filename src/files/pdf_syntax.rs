//! PDF: the entries of one dictionary, as far as its text goes (ISO 32000-1, 7.3).

/// The entries of a dictionary: names without the slash, and values as written.
pub(super) struct Dictionary<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Dictionary<'a> {
    /// Reads the dictionary at the start of the text; without one, the result has no entries.
    pub(super) fn parse(text: &'a [u8]) -> Self {
        let mut entries = Vec::new();
        let mut at = 0;
        if token(text, &mut at) == Some(b"<<") {
            while let Some([b'/', name @ ..]) = token(text, &mut at) {
                let Some(value) = value(text, &mut at) else { break };
                entries.push((name, value));
            }
        }
        Self(entries)
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    pub(super) fn number(&self, name: &[u8]) -> Option<i64> {
        std::str::from_utf8(self.get(name)?).ok()?.parse().ok()
    }

    pub(super) fn string(&self, name: &[u8]) -> Option<Vec<u8>> {
        string(self.get(name)?)
    }

    /// Returns the first string of an array.
    pub(super) fn first_string(&self, name: &[u8]) -> Option<Vec<u8>> {
        let array = self.get(name)?;
        let mut at = 0;
        (token(array, &mut at) == Some(b"[")).then(|| token(array, &mut at))?.and_then(string)
    }
}

/// Reads `N G R`.
pub(super) fn reference(value: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(value).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (number, generation) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next() == Some("R")).then_some((number, generation))
}

/// Reads a value: a whole array or dictionary, a reference, or one token.
fn value<'a>(text: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let first = token(text, at)?;
    let start = *at - first.len();
    if matches!(first, b"<<" | b"[") {
        let mut depth = 1;
        while depth > 0 {
            match token(text, at)? {
                b"<<" | b"[" => depth += 1,
                b">>" | b"]" => depth -= 1,
                _ => {}
            }
        }
    } else if first.iter().all(u8::is_ascii_digit) {
        let mut ahead = *at;
        let generation = token(text, &mut ahead);
        if generation.is_some_and(|word| word.iter().all(u8::is_ascii_digit))
            && token(text, &mut ahead) == Some(b"R")
        {
            *at = ahead;
        }
    }
    Some(&text[start..*at])
}

/// Returns the next token and moves behind it.
fn token<'a>(text: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let blank = |byte: u8| byte == 0 || byte.is_ascii_whitespace();
    loop {
        match *text.get(*at)? {
            byte if blank(byte) => *at += 1,
            b'%' => *at += text[*at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'))?,
            _ => break,
        }
    }
    let rest = &text[*at..];
    let length = match rest {
        [b'<', b'<', ..] | [b'>', b'>', ..] => 2,
        [b'<', ..] => rest.iter().position(|byte| *byte == b'>')? + 1,
        [b'(', ..] => literal(rest)?,
        [b'[' | b']' | b'{' | b'}' | b')' | b'>', ..] => 1,
        _ => {
            1 + rest[1..]
                .iter()
                .take_while(|byte| {
                    !blank(**byte)
                        && !matches!(
                            byte,
                            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
                        )
                })
                .count()
        }
    };
    *at += length;
    Some(&rest[..length])
}

/// Returns the length of a literal string with its parentheses.
fn literal(text: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Returns the bytes that a literal or hexadecimal string means.
fn string(text: &[u8]) -> Option<Vec<u8>> {
    match text {
        [b'(', inner @ .., b')'] => Some(unescaped(inner)),
        [b'<', inner @ .., b'>'] => {
            let mut digits: Vec<u8> = inner.iter().copied().filter(u8::is_ascii_hexdigit).collect();
            if digits.len() % 2 == 1 {
                digits.push(b'0');
            }
            hex::decode(digits).ok()
        }
        _ => None,
    }
}

fn unescaped(inner: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(inner.len());
    let mut at = 0;
    while let Some(byte) = inner.get(at) {
        at += 1;
        if *byte == b'\r' {
            at += usize::from(inner.get(at) == Some(&b'\n'));
            out.push(b'\n');
            continue;
        }
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some(escape) = inner.get(at) else { break };
        at += 1;
        match escape {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\r' => at += usize::from(inner.get(at) == Some(&b'\n')),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(escape - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = inner.get(at) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    at += 1;
                }
                // The high bit of a code above 255 is ignored.
                out.push((code & 0xff) as u8);
            }
            other => out.push(*other),
        }
    }
    out
}
