//! Writing rules (F6): what is wrong with an appeal before anybody reads it, each finding with its place and a remedy.
//!
//! Errors stop the filing. Warnings are advice, so they must be right when they come: where a rule could mistake good
//! writing for bad (an abbreviation that is a name, a long number that is not a phone), it stays silent.

mod lists;
mod numbers;
mod words;

use std::collections::BTreeSet;

use super::finding::Finding;
use super::requisites::{Email, Inn, Ogrn, Phone, Snils};
use super::vocab::Kind;
use words::Word;

/// Characters from which a text is called very long. The platform recommends 300–500; people who describe a case with
/// its history need about three times that, and are not bothered.
pub const LONG_TEXT: usize = 1_500;

/// Most findings of one code about one text: after that they tell nothing new.
const MOST: usize = 5;

/// Every code of the findings made in `domain`. `i18n` has words for each in both languages.
pub const CODES: &[&str] = &[
    "subject-missing",
    "subject-vague",
    "subject-too-long",
    "subject-nul",
    "text-empty",
    "text-too-long",
    "text-nul",
    "text-long",
    "no-fact",
    "no-expected",
    "no-contact",
    "emoji",
    "shouting",
    "informal",
    "abbreviation",
    "personal-data-passport",
    "personal-data-card",
    "personal-data-snils",
    "personal-data-phone",
    "inn-invalid",
    "snils-invalid",
    "ogrn-invalid",
    "phone-invalid",
    "email-invalid",
    "number-malformed",
    "number-mistyped",
];

/// An appeal as far as its writing is concerned.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Subject (тема).
    pub subject: &'a str,
    /// Text (описание).
    pub text: &'a str,
    /// Kind: gratitude needs no facts, a question no expected result.
    pub kind: Kind,
    /// The expected result, where it has its own field.
    pub expected: Option<&'a str>,
    /// When it happened, where it has its own field.
    pub occurred: Option<&'a str>,
    /// Contact e-mail of this appeal.
    pub contact_email: Option<&'a str>,
    /// Contact phone of this appeal.
    pub contact_phone: Option<&'a str>,
    /// The account has contacts that will be used.
    pub has_profile_contacts: bool,
    /// INN of the organization in whose name it is filed.
    pub organization_inn: Option<&'a str>,
    /// OGRN of that organization.
    pub organization_ogrn: Option<&'a str>,
    /// INN of the institution it is about.
    pub institution_inn: Option<&'a str>,
    /// SNILS given in a field.
    pub snils: Option<&'a str>,
    /// Other texts, by the JSON name of their field (`steps`, `actual`, `fields.meter`): NUL is refused there too.
    pub others: &'a [(&'a str, &'a str)],
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self {
            subject: "",
            text: "",
            kind: Kind::Complaint,
            expected: None,
            occurred: None,
            contact_email: None,
            contact_phone: None,
            has_profile_contacts: false,
            organization_inn: None,
            organization_ogrn: None,
            institution_inn: None,
            snils: None,
            others: &[],
        }
    }
}

/// Limits of the platform, in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most characters of a text.
    pub text_max: usize,
    /// Most characters of a subject.
    pub subject_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_max: 10_000, subject_max: 300 }
    }
}

/// Every finding about a draft: errors first, then warnings, each in the order of the text.
pub fn check(draft: &Draft<'_>, limits: &Limits) -> Vec<Finding> {
    let mut found = Vec::new();
    check_form(draft, limits, &mut found);
    check_requisites(draft, &mut found);
    check_substance(draft, &mut found);
    let own_phone = draft.contact_phone.and_then(|p| p.parse::<Phone>().ok());
    for (field, text) in [("subject", draft.subject), ("text", draft.text)] {
        check_style(field, text, &mut found);
        for (code, at) in numbers::personal(text, own_phone.as_ref()).into_iter().take(MOST) {
            found.push(Finding::warning(code, field).at(place(text, at)));
        }
    }
    found.sort_by_key(|finding| !finding.is_error());
    found
}

/// `line:column` of a byte offset, both from 1, columns in characters.
pub fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    format!("{line}:{}", before[start..].chars().count() + 1)
}

/// Nothing that can be seen.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    })
}

fn check_form(draft: &Draft<'_>, limits: &Limits, found: &mut Vec<Finding>) {
    if is_blank(draft.subject) {
        found.push(Finding::error("subject-missing", "subject"));
    } else if words::is_vague(draft.subject) {
        found.push(Finding::warning("subject-vague", "subject").arg("given", draft.subject.trim()));
    }
    if is_blank(draft.text) {
        found.push(Finding::error("text-empty", "text"));
    }
    for (field, code, text, max) in [
        ("subject", "subject-too-long", draft.subject, limits.subject_max),
        ("text", "text-too-long", draft.text, limits.text_max),
    ] {
        if let Some((excess, _)) = text.char_indices().nth(max) {
            let length = text.chars().count();
            found.push(
                Finding::error(code, field).at(place(text, excess)).arg("length", length).arg("max", max),
            );
        }
    }
    let length = draft.text.chars().count();
    if length > LONG_TEXT && length <= limits.text_max {
        found.push(Finding::warning("text-long", "text").arg("length", length));
    }
    let texts = [("subject", draft.subject), ("text", draft.text)];
    let fields = [("expected", draft.expected), ("occurred_at", draft.occurred)];
    let fields = fields.into_iter().filter_map(|(field, text)| text.map(|text| (field, text)));
    for (field, text) in texts.into_iter().chain(fields).chain(draft.others.iter().copied()) {
        if let Some(at) = text.find('\0') {
            let code = if field == "subject" { "subject-nul" } else { "text-nul" };
            found.push(Finding::error(code, field).at(place(text, at)));
        }
    }
}

fn check_requisites(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    fn one<T: std::str::FromStr<Err = super::requisites::Invalid>>(
        field: &str,
        value: Option<&str>,
    ) -> Option<Finding> {
        value?.parse::<T>().err().map(|invalid| invalid.finding(field))
    }
    found.extend(
        [
            one::<Email>("contacts.email", draft.contact_email),
            one::<Phone>("contacts.phone", draft.contact_phone),
            one::<Inn>("organization.inn", draft.organization_inn),
            one::<Ogrn>("organization.ogrn", draft.organization_ogrn),
            one::<Inn>("institution.inn", draft.institution_inn),
            one::<Snils>("snils", draft.snils),
        ]
        .into_iter()
        .flatten(),
    );
}

fn check_substance(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let given = |text: Option<&str>| text.is_some_and(|t| !is_blank(t));
    let about_a_case = matches!(draft.kind, Kind::Complaint | Kind::Technical);
    if about_a_case && !is_blank(draft.text) {
        let fact = given(draft.occurred) || words::has_fact(draft.subject) || words::has_fact(draft.text);
        if !fact {
            found.push(Finding::warning("no-fact", "text"));
        }
        if !given(draft.expected) && !words::has_wish(draft.text) && !words::has_wish(draft.subject) {
            found.push(Finding::warning("no-expected", "expected"));
        }
    }
    let contacts = given(draft.contact_email) || given(draft.contact_phone) || draft.has_profile_contacts;
    if !contacts {
        found.push(Finding::warning("no-contact", "contacts"));
    }
}

fn check_style(field: &str, text: &str, found: &mut Vec<Finding>) {
    let emoji: Vec<usize> = words::emoji(text);
    if let Some(first) = emoji.first() {
        found.push(Finding::warning("emoji", field).at(place(text, *first)).arg("count", emoji.len()));
    }
    let words = words::split(text);
    let shouted = words::shouted(text, &words);
    if let Some((at, what)) = shouted.first() {
        found.push(Finding::warning("shouting", field).at(place(text, *at)).arg("given", what));
    }
    let each = |code: &'static str, hits: Vec<(usize, String)>, found: &mut Vec<Finding>| {
        let mut seen = BTreeSet::new();
        for (at, what) in hits {
            if seen.len() < MOST && seen.insert(what.to_lowercase()) {
                found.push(Finding::warning(code, field).at(place(text, at)).arg("given", what));
            }
        }
    };
    let mut informal: Vec<(usize, String)> = words
        .iter()
        .filter(|word| words::is_informal(word.text))
        .map(|word: &Word<'_>| (word.at, word.text.to_owned()))
        .chain(words::smileys(text))
        .collect();
    informal.sort();
    each("informal", informal, found);
    // Among shouted words an abbreviation cannot be told from a word.
    if shouted.is_empty() {
        each("abbreviation", words::abbreviations(text, &words), found);
    }
}

#[cfg(test)]
mod tests;
