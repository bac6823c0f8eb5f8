//! Numbers that an appeal does not need: passports, bank cards, SNILS, other people's phone numbers. They are
//! recognised by the grouping of digits, by check digits and by the preceding words, so that numbers of meters,
//! accounts and documents are left alone.

use crate::requisites::{Phone, Snils};

/// A landline number after one of these words belongs to an office.
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

/// A run of digits.
struct Group<'a> {
    at: usize,
    digits: &'a str,
    /// The text between this group and the next one.
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

/// A separator within a phone number.
fn phone_gap(gap: &str) -> bool {
    gap.chars().count() <= 3
        && gap.chars().all(|c| matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '–' | '\u{2011}'))
}

/// A separator between the series and the number of a passport.
fn passport_gap(gap: &str) -> bool {
    narrow(gap) || matches!(gap.trim(), "№" | "N" | "номер")
}

/// Returns whether one of the words shortly precedes the position.
fn after(text: &str, at: usize, words: &[&str]) -> bool {
    let before: Vec<char> = text[..at].chars().rev().take(40).collect();
    let before: String = before.into_iter().rev().collect::<String>().to_lowercase();
    words.iter().any(|word| before.contains(word))
}

/// The Luhn check sum of bank cards (ISO/IEC 7812).
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

/// Returns codes and offsets of the personal data in a text, in order. `own` is the applicant's phone number, which is
/// allowed.
pub(super) fn personal(text: &str, own: Option<&Phone>) -> Vec<(&'static str, usize)> {
    let groups = groups(text);
    let mut found = Vec::new();
    let mut n = 0;
    while n < groups.len() {
        let rest = &groups[n..];
        // A number attached to a letter, or to digits before a hyphen, is part of something else.
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

/// Returns whether the groups have these sizes, with matching separators, and the number ends there.
fn sized(groups: &[Group<'_>], sizes: &[usize], gap: fn(&str) -> bool) -> bool {
    groups.len() >= sizes.len()
        && sizes.iter().zip(groups).all(|(size, group)| group.digits.len() == *size)
        && groups[..sizes.len() - 1].iter().all(|group| gap(group.gap))
        && ends(&groups[sizes.len() - 1], groups.len() > sizes.len())
}

/// Returns whether nothing that follows belongs to the same number.
fn ends(last: &Group<'_>, more: bool) -> bool {
    let glued = last.gap.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_'));
    let goes_on = more && matches!(last.gap, "-" | "–" | "\u{2011}" | ".");
    !glued && !goes_on
}

fn joined(groups: &[Group<'_>], len: usize) -> String {
    groups[..len].iter().map(|group| group.digits).collect()
}

/// The check digit distinguishes a card from other long numbers. A number called a card is treated as one even if
/// mistyped.
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
    // Four and six digits can also be a year and a postal code, or a flat and a building: only if the text names a
    // passport.
    if sized(groups, &[4, 6], passport_gap) && (named() || after(text, groups[0].at, &["серия", "серии"]))
    {
        return Some(2);
    }
    (sized(groups, &[10], narrow) && named()).then_some(1)
}

/// Recognises a Russian phone number; returns the number of groups and the normal form.
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
    // Eleven digits without separators may be an account number; with separators, the country code stands alone.
    let shaped = if len == 1 {
        plus || digits[1..].starts_with('9') || after(text, groups[0].at, &["тел", "phone", "звон", "номер"])
    } else {
        groups[0].digits.len() == 1 && (3..=5).contains(&groups[1].digits.len())
            || groups[0].digits.len() == 4 && digits[1..].starts_with(['9', '8', '4'])
    };
    let number = digits.parse::<Phone>().ok()?;
    shaped.then(|| (len, number.to_string()))
}
