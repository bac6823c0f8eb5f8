//! Writing rules (F6): problems in the text of an appeal, each with its place and a remedy.
//!
//! Errors prevent filing. Warnings are advice and must be accurate, so a rule stays silent where it could mistake good
//! writing for bad (an abbreviation that is a name, a long number that is not a phone number).

mod lists;
mod numbers;
mod words;

use std::collections::BTreeSet;

use super::finding::Finding;
use super::requisites::Phone;
use super::vocab::Kind;
use words::Word;

/// Length in characters above which a text is very long. The platform recommends 300–500; descriptions of a case with
/// its history need about three times that and get no warning.
pub const LONG_TEXT: usize = 1_500;

/// Maximum number of findings with the same code per text; more would add nothing.
const MOST: usize = 5;

/// The parts of an appeal that the writing rules examine.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Subject (тема).
    pub subject: &'a str,
    /// Text (описание).
    pub text: &'a str,
    /// Kind: gratitude needs no facts, a question no expected result.
    pub kind: Kind,
    /// The expected result, if given in its own field.
    pub expected: Option<&'a str>,
    /// When the problem occurred, if given in its own field.
    pub occurred: Option<&'a str>,
    /// Contact e-mail of this appeal.
    pub contact_email: Option<&'a str>,
    /// Contact phone of this appeal.
    pub contact_phone: Option<&'a str>,
    /// Whether the account has contacts to fall back on.
    pub has_profile_contacts: bool,
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
        }
    }
}

/// Returns all findings about a draft: errors first, then warnings, each in the order of the text.
pub fn check(draft: &Draft<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    check_form(draft, &mut found);
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

/// Returns `line:column` of a byte offset, both from 1, columns in characters.
pub fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    format!("{line}:{}", before[start..].chars().count() + 1)
}

/// Returns whether the text has no visible characters.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    })
}

fn check_form(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    if is_blank(draft.subject) {
        found.push(Finding::error("subject-missing", "subject"));
    } else if words::is_vague(draft.subject) {
        found.push(Finding::warning("subject-vague", "subject").arg("given", draft.subject.trim()));
    }
    if is_blank(draft.text) {
        found.push(Finding::error("text-empty", "text"));
    }
    let length = draft.text.chars().count();
    if length > LONG_TEXT {
        found.push(Finding::warning("text-long", "text").arg("length", length));
    }
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
    // In a text in capitals, an abbreviation cannot be distinguished from a word.
    if shouted.is_empty() {
        each("abbreviation", words::abbreviations(text, &words), found);
    }
}

#[cfg(test)]
mod tests;
