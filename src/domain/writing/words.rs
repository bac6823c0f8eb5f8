//! Words in the writing rules: vague, informal, in capitals, abbreviated; facts and wishes.

use super::lists::{FACT_STEMS, FACT_WORDS, INFORMAL, KNOWN, LEGAL_FORMS, PLAIN, VAGUE, WISH_STEMS};

/// A word of a text: letters and digits, with inner hyphens and apostrophes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub at: usize,
    pub text: &'a str,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn letters(&self) -> usize {
        self.text.chars().filter(|c| c.is_alphabetic()).count()
    }

    /// `Я`, `В`, `I`.
    fn is_one_capital(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
    }

    /// Returns whether the word consists of capital letters only.
    fn is_capitals(&self) -> bool {
        self.letters() >= 2 && self.text.chars().all(|c| !c.is_alphabetic() || c.is_uppercase())
    }
}

/// Returns the number of vowels in a word in capitals.
fn vowels(word: &str) -> usize {
    word.chars().filter(|c| "АЕЁИОУЫЭЮЯAEIOUY".contains(*c)).count()
}

/// Folds to lower case; `ё` is read as `е`, and all apostrophes are equal.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('ё', "е").replace('’', "'")
}

pub(super) fn split(text: &str) -> Vec<Word<'_>> {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '\u{301}');
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, inner(c)) {
            (None, true) if c.is_alphanumeric() => start = Some(at),
            (Some(from), false) => {
                words.push(Word { at: from, text: text[from..at].trim_end_matches(['-', '\'', '’']) });
                start = None;
            }
            _ => {}
        }
    }
    words
}

pub(super) fn is_vague(subject: &str) -> bool {
    split(subject).iter().all(|word| VAGUE.has(&fold(word.text)))
}

/// Returns whether the text has something concrete: a number, a date, a name.
pub(super) fn has_fact(text: &str) -> bool {
    if text.chars().any(|c| c.is_numeric() || matches!(c, '«' | '"' | '“')) {
        return true;
    }
    let words = split(text);
    words.iter().any(|word| {
        let folded = fold(word.text);
        FACT_WORDS.has(&folded) || FACT_STEMS.begins(&folded) || is_name(text, word)
    })
}

/// A capitalised word inside a sentence: the name of a person or place.
fn is_name(text: &str, word: &Word<'_>) -> bool {
    let mut letters = word.text.chars();
    let capitalised = letters.next().is_some_and(char::is_uppercase)
        && word.letters() > 2
        && letters.all(|c| !c.is_alphabetic() || c.is_lowercase());
    let polite = ["Вы", "Вас", "Вам", "Вами", "Ваш"].iter().any(|p| word.text.starts_with(p));
    let inside = text[..word.at]
        .trim_end_matches([' ', '\u{a0}'])
        .ends_with(|c: char| c.is_alphanumeric() || c == ',' || c == '.' && follows_short(text, word.at));
    capitalised && inside && !polite
}

/// After `ул.`, `г.`, `д.`, where the dot does not end the sentence.
fn follows_short(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\u{a0}', '.']);
    let last = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    ["ул", "г", "д", "пр", "пер", "пос", "обл", "st", "ave"].contains(&fold(last).as_str())
}

/// Returns whether the text says what is expected.
pub(super) fn has_wish(text: &str) -> bool {
    split(text).iter().any(|word| WISH_STEMS.begins(&fold(word.text)))
}

pub(super) fn is_informal(word: &str) -> bool {
    INFORMAL.has(&fold(word))
}

/// Emoticons (`:)`, `;-(`) and unmatched closing brackets.
pub(super) fn smileys(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for face in [":)", ":-)", ";)", ";-)", ":(", ":-(", ":D", ":-D", ":'("] {
        found.extend(
            text.match_indices(face)
                .filter(|(at, face)| stands_alone(text, *at, face))
                .map(|(at, f)| (at, f.to_owned())),
        );
    }
    let mut open = 0usize;
    let mut run: Option<(usize, usize)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c == ')' && open == 0 {
            run = Some(run.map_or((at, 1), |(start, n)| (start, n + 1)));
            continue;
        }
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if let Some((start, n)) = run.take()
            && n >= 2
        {
            found.push((start, ")".repeat(n)));
        }
    }
    found
}

/// Returns whether the emoticon is not part of a list (`2:)`), a time or a word (`NB:Dear`).
fn stands_alone(text: &str, at: usize, face: &str) -> bool {
    let opens_list = text[..at].ends_with(|c: char| c.is_ascii_digit());
    let goes_on = text[at + face.len()..].starts_with(char::is_alphanumeric);
    !opens_list && !goes_on
}

/// Returns offsets of emoji. Signs that were typography before they became emoji (`☎`, `✓`, `©`) count only with the
/// emoji presentation selector.
pub(super) fn emoji(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut joined = false;
    while let Some((at, c)) = chars.next() {
        let coloured = matches!(c, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' | '\u{263a}' | '\u{2639}'
            | '\u{2764}' | '\u{2b50}' | '\u{2b55}' | '\u{26a1}' | '\u{26bd}' | '\u{26d4}' | '\u{2705}' | '\u{270a}'
            | '\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{231a}' | '\u{231b}'
            | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}');
        let asked = chars.peek().is_some_and(|(_, next)| *next == '\u{fe0f}')
            && !c.is_ascii()
            && !c.is_alphanumeric();
        let skin = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
        if (coloured || asked) && !joined && !skin {
            found.push(at);
        }
        // A joined sequence is one emoji.
        joined = c == '\u{200d}';
    }
    found
}

/// Returns shouted passages: several words in capitals in a row, one with an exclamation mark, three exclamation marks.
/// Names of organizations in quotes and full names of people are written in capitals in documents and are ignored.
pub(super) fn shouted(text: &str, words: &[Word<'_>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut n = 0;
    while n < words.len() {
        let run = words[n..].iter().take_while(|word| word.is_capitals() || word.is_one_capital()).count();
        if run == 0 {
            n += 1;
            continue;
        }
        let words = &words[n..n + run];
        n += run;
        let long: Vec<&Word<'_>> =
            words.iter().filter(|w| w.letters() >= 4 && !is_known(w.text) && !is_quoted(text, w)).collect();
        let patronymic =
            long.last().is_some_and(|w| ["ВИЧ", "ВНА", "ЧНА", "ИЧ"].iter().any(|end| w.text.ends_with(end)));
        let cried = |w: &&&Word<'_>| w.letters() >= 5 && text[w.end()..].starts_with('!');
        // A list of abbreviations has few vowels.
        let spoken = long.iter().any(|w| w.letters() >= 6 || vowels(w.text) >= 2);
        // Short words count as shouting too, if there are many of them and they are ordinary words.
        let all: Vec<&Word<'_>> =
            words.iter().filter(|w| w.is_capitals() && !is_known(w.text) && !is_quoted(text, w)).collect();
        let letters: usize = all.iter().map(|w| w.letters()).sum();
        let plain = all.iter().filter(|w| PLAIN.has(w.text)).count();
        if !patronymic && spoken && long.len() == 1 && plain >= 2 && letters >= 10 {
            let (first, last) = (all[0], all[all.len() - 1]);
            found.push((first.at, short(&text[first.at..last.end()])));
        } else if long.len() >= 2 && spoken && !patronymic {
            let (first, last) = (long[0], long[long.len() - 1]);
            found.push((first.at, short(&text[first.at..last.end()])));
        } else if let Some(word) = long.iter().find(cried) {
            found.push((word.at, word.text.to_owned()));
        }
    }
    if let Some(at) = text.find("!!!") {
        found.push((at, "!!!".to_owned()));
    }
    found.sort();
    found
}

fn short(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}

/// Returns whether the word is between quotation marks on its line.
fn is_quoted(text: &str, word: &Word<'_>) -> bool {
    let line = text[..word.at].rfind('\n').map_or(0, |n| n + 1);
    let before = &text[line..word.at];
    let opened = |open: char, close: char| {
        before.rfind(open).is_some_and(|at| !before[at + open.len_utf8()..].contains(close))
    };
    opened('«', '»') || opened('“', '”') || opened('„', '“') || before.matches('"').count() % 2 == 1
}

fn is_known(word: &str) -> bool {
    KNOWN.has(&word.to_uppercase())
}

/// Returns abbreviations that a reader may not know. Ignores those that are explained (in brackets or followed by
/// brackets), part of a name (in quotes, after a legal form), of an address or of markup.
pub(super) fn abbreviations(text: &str, words: &[Word<'_>]) -> Vec<(usize, String)> {
    let mut explained = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let length = word.text.chars().count();
        if !word.is_capitals() || length != word.letters() || !(2..=5).contains(&length) {
            continue;
        }
        let roman = word.text.chars().all(|c| "IVXLCDMХ".contains(c));
        if is_known(word.text) || PLAIN.has(word.text) || roman || length >= 4 && vowels(word.text) >= 2 {
            continue;
        }
        let before = text[..word.at].chars().next_back();
        let after = &text[word.end()..];
        let in_markup = before.is_some_and(|c| "<>/&@_=.#:\\".contains(c))
            || after.starts_with(['>', '<', '/', '=', '@', '_', ';', '\\'])
            || after.starts_with('.') && after[1..].starts_with(char::is_alphanumeric);
        let named = n > 0 && LEGAL_FORMS.has(words[n - 1].text) || is_quoted(text, word);
        if before == Some('(') || after.trim_start().starts_with('(') {
            explained.insert(word.text);
        }
        if !in_markup && !named && !explained.contains(word.text) {
            found.push((word.at, word.text.to_owned()));
        }
    }
    found
}
