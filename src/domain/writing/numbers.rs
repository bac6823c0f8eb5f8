//! Numbers that an appeal does not need: passports, bank cards, SNILS, somebody else's phones. They are recognised by
//! how the digits are grouped, by their check digits and by the words before them, so that meters, accounts and
//! numbers of documents stay what they are.

use crate::requisites::{Phone, Snils};

/// A landline after one of these is an office's.
const OFFICES: &[&str] = &[
    " ук ",
    "тсж",
    "лини",
    "диспетчер",
    "регистратур",
    "поликлиник",
    "больниц",
    "школ",
    "сад",
    "администрац",
    "управ",
    "отдел",
    "приемн",
    "приёмн",
    "служб",
    "мфц",
    "центр",
    "компани",
    "office",
    "hotline",
    "clinic",
    "school",
    "department",
];

/// Digits that stand together.
struct Group<'a> {
    at: usize,
    digits: &'a str,
    /// What stands between it and the next group.
    gap: &'a str,
}

fn groups(text: &str) -> Vec<Group<'_>> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match spans.last_mut() {
            Some((_, end)) if *end == at => *end = at + c.len_utf8(),
            _ => spans.push((at, at + c.len_utf8())),
        }
    }
    let next = spans.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    spans
        .iter()
        .zip(next)
        .map(|((at, end), next)| Group { at: *at, digits: &text[*at..*end], gap: &text[*end..next] })
        .collect()
}

/// One space, hyphen or dash.
fn narrow(gap: &str) -> bool {
    matches!(gap, " " | "-" | "\u{a0}" | "–" | "\u{2011}")
}

/// What stands within a phone number.
fn phone_gap(gap: &str) -> bool {
    gap.chars().count() <= 3
        && gap.chars().all(|c| matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '–' | '\u{2011}'))
}

/// What may stand between the series and the number of a passport.
fn passport_gap(gap: &str) -> bool {
    narrow(gap) || matches!(gap.trim(), "№" | "N" | "номер")
}

/// One of the words stands shortly before.
fn after(text: &str, at: usize, words: &[&str]) -> bool {
    let before: Vec<char> = text[..at].chars().rev().take(40).collect();
    let before: String = before.into_iter().rev().collect::<String>().to_lowercase();
    words.iter().any(|word| before.contains(word))
}

/// The digit sum of H. P. Luhn, on bank cards (ISO/IEC 7812).
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, b)| {
            let d = u32::from(b - b'0') * (1 + n as u32 % 2);
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Codes and offsets of the personal data in a text, in its order. `own` is the applicant's phone, which is welcome.
pub(super) fn personal(text: &str, own: Option<&Phone>) -> Vec<(&'static str, usize)> {
    let groups = groups(text);
    let mut found = Vec::new();
    let mut n = 0;
    while n < groups.len() {
        let rest = &groups[n..];
        // A number glued to a letter or to digits before a hyphen is a part of something else.
        let before = text[..rest[0].at].chars().next_back();
        let glued = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '_' | '.' | '='));
        let hit = if glued {
            None
        } else {
            card(text, rest)
                .map(|len| ("personal-data-card", len))
                .or_else(|| snils(text, rest).map(|len| ("personal-data-snils", len)))
                .or_else(|| passport(text, rest).map(|len| ("personal-data-passport", len)))
                .or_else(|| {
                    phone(text, rest).map(|(len, number)| {
                        let welcome = own.is_some_and(|own| own.as_str() == number)
                            || number.starts_with("+7800")
                            || !number.starts_with("+79") && after(text, rest[0].at, OFFICES);
                        (if welcome { "" } else { "personal-data-phone" }, len)
                    })
                })
        };
        match hit {
            Some((code, len)) => {
                if !code.is_empty() {
                    found.push((code, rest[0].at));
                }
                n += len;
            }
            None => n += 1,
        }
    }
    found
}

/// The groups have these sizes, with fitting gaps, and the number does not go on.
fn sized(groups: &[Group<'_>], sizes: &[usize], gap: fn(&str) -> bool) -> bool {
    groups.len() >= sizes.len()
        && sizes.iter().zip(groups).all(|(size, group)| group.digits.len() == *size)
        && groups[..sizes.len() - 1].iter().all(|group| gap(group.gap))
        && ends(&groups[sizes.len() - 1], groups.len() > sizes.len())
}

/// Nothing that belongs to the same number follows.
fn ends(last: &Group<'_>, more: bool) -> bool {
    let glued = last.gap.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_'));
    let goes_on = more && matches!(last.gap, "-" | "–" | "\u{2011}" | ".");
    !glued && !goes_on
}

fn joined(groups: &[Group<'_>], len: usize) -> String {
    groups[..len].iter().map(|group| group.digits).collect()
}

/// Its check digit tells a card from other long numbers; one that is called a card is one, mistyped or not.
fn card(text: &str, groups: &[Group<'_>]) -> Option<usize> {
    let shapes: [&[usize]; 6] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[16], &[18], &[19]];
    shapes.into_iter().find_map(|sizes| {
        let digits = sized(groups, sizes, narrow).then(|| joined(groups, sizes.len()))?;
        let issuer = if digits.len() == 15 {
            digits.starts_with('3')
        } else {
            digits.starts_with(['2', '4', '5', '6'])
        };
        let named = || after(text, groups[0].at, &["карт", "card"]);
        (issuer && (luhn(&digits) || named())).then_some(sizes.len())
    })
}

fn snils(text: &str, groups: &[Group<'_>]) -> Option<usize> {
    let named = after(text, groups[0].at, &["снилс", "snils"]);
    let grouped = sized(groups, &[3, 3, 3, 2], narrow).then_some(4);
    let len = grouped.or_else(|| (named && sized(groups, &[11], narrow)).then_some(1))?;
    (named || joined(groups, len).parse::<Snils>().is_ok()).then_some(len)
}

fn passport(text: &str, groups: &[Group<'_>]) -> Option<usize> {
    let named = || after(text, groups[0].at, &["паспорт", "passport"]);
    if sized(groups, &[2, 2, 6], passport_gap) {
        return Some(3);
    }
    // Four and six digits are also the zip code after a year or the house after a flat: only where it is named.
    if sized(groups, &[4, 6], passport_gap) && (named() || after(text, groups[0].at, &["серия", "серии"]))
    {
        return Some(2);
    }
    (sized(groups, &[10], narrow) && named()).then_some(1)
}

/// A Russian phone: how many groups it takes, and its normal form.
fn phone(text: &str, groups: &[Group<'_>]) -> Option<(usize, String)> {
    let plus = text[..groups[0].at].ends_with('+');
    let mut total = 0;
    let mut len = 0;
    for group in groups {
        total += group.digits.len();
        len += 1;
        if total >= 11 || !phone_gap(group.gap) {
            break;
        }
    }
    let digits = joined(groups, len);
    if total != 11 || !ends(&groups[len - 1], groups.len() > len) || !digits.starts_with(['7', '8']) {
        return None;
    }
    // Undivided, eleven digits may be an account; divided, the country stands alone.
    let shaped = if len == 1 {
        plus || digits[1..].starts_with('9') || after(text, groups[0].at, &["тел", "phone", "звон", "номер"])
    } else {
        groups[0].digits.len() == 1 && (3..=5).contains(&groups[1].digits.len())
            || groups[0].digits.len() == 4 && digits[1..].starts_with(['9', '8', '4'])
    };
    let number = digits.parse::<Phone>().ok()?;
    shaped.then(|| (len, number.to_string()))
}
