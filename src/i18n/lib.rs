//! User-visible text in English and Russian: Fluent catalogues, one file per topic and language, and the translations of
//! the help. JSON keys, codes and wire vocabularies are not translated.

mod catalogues;
mod lang;
mod message;

use appeal_api::ApiFinding;
use appeal_domain::{Finding, Severity, Status, Word};

pub use catalogues::{attribute, has, help, t};
pub use lang::Lang;
pub use message::{Message, MessageId, check_message};

use catalogues::lookup;

/// Returns the label of a status.
pub fn status_label(lang: Lang, status: Status) -> &'static str {
    match lang {
        Lang::En => status.label_en(),
        Lang::Ru => status.label_ru(),
    }
}

/// Returns the label of a received status; an unknown one is returned as received.
pub fn status_shown(lang: Lang, status: &Word<Status>) -> &str {
    match status {
        Word::Known(status) => status_label(lang, *status),
        Word::Other(text) => text,
    }
}

/// Returns the label of a word of a vocabulary: message `<vocabulary>-<word>`, with hyphens for spaces and underscores.
/// An unknown word is returned as received.
pub fn label(lang: Lang, vocabulary: &str, word: &str) -> String {
    let id = format!("{vocabulary}-{word}").replace([' ', '_'], "-");
    lookup(lang, &id, None, &[]).unwrap_or_else(|| word.to_owned())
}

/// Returns a finding with its message and remedy.
pub fn finding(lang: Lang, finding: &Finding) -> ApiFinding {
    let id = format!("finding-{}", finding.code);
    let mut args: Vec<(&str, &str)> = finding.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let title = match lang {
        Lang::En => Finding::TITLE_EN,
        Lang::Ru => Finding::TITLE_RU,
    };
    args.extend(finding.args.get(title).map(|title| ("title", title.as_str())));
    ApiFinding {
        severity: finding.severity.into(),
        code: finding.code.to_owned(),
        field: finding.field.clone(),
        at: finding.at.clone(),
        message: t(lang, &id, &args),
        remedy: lookup(lang, &id, Some("remedy"), &args).unwrap_or_default(),
    }
}

/// Returns findings with their messages, errors first.
pub fn findings(lang: Lang, found: &[Finding]) -> Vec<ApiFinding> {
    let mut all: Vec<ApiFinding> = found.iter().map(|f| finding(lang, f)).collect();
    all.sort_by_key(|f| f.severity != Severity::Error);
    all
}
