//! The words people read, in English and Russian: Fluent catalogues, one file a room and language. JSON keys, codes
//! and vocabularies on the wire never pass through here.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use appeal_api::ApiFinding;
use appeal_domain::{Finding, Severity, Status, Word};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Lang {
    #[default]
    En,
    Ru,
}

impl Lang {
    /// The language's subtag (BCP 47).
    pub const fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }

    /// Reads a locale (`ru_RU.UTF-8`) or the first range of an `Accept-Language` header. Anything but Russian is English.
    pub fn of(tag: &str) -> Lang {
        let first = tag.split([',', ';']).next().unwrap_or("").trim().to_ascii_lowercase();
        if first == "ru" || first.starts_with("ru-") || first.starts_with("ru_") {
            Lang::Ru
        } else {
            Lang::En
        }
    }

    /// The better of two texts.
    pub fn pick(self, titles: &appeal_api::Titles) -> &str {
        match self {
            Lang::En => &titles.en,
            Lang::Ru => &titles.ru,
        }
    }
}

const EN: &[&str] = &[
    include_str!("locales/en/findings.ftl"),
    include_str!("locales/en/files.ftl"),
    include_str!("locales/en/platform.ftl"),
    include_str!("locales/en/client.ftl"),
    include_str!("locales/en/output.ftl"),
    include_str!("locales/en/cli.ftl"),
    include_str!("locales/en/operators.ftl"),
    include_str!("locales/en/commands.ftl"),
    include_str!("locales/en/accounts.ftl"),
    include_str!("locales/en/notices.ftl"),
    include_str!("locales/en/paper.ftl"),
    include_str!("locales/en/conversation.ftl"),
    include_str!("locales/en/authority.ftl"),
    include_str!("locales/en/deadlines.ftl"),
    include_str!("locales/en/admin.ftl"),
    include_str!("locales/en/reports.ftl"),
    include_str!("locales/en/batches.ftl"),
];
const RU: &[&str] = &[
    include_str!("locales/ru/findings.ftl"),
    include_str!("locales/ru/files.ftl"),
    include_str!("locales/ru/platform.ftl"),
    include_str!("locales/ru/client.ftl"),
    include_str!("locales/ru/output.ftl"),
    include_str!("locales/ru/cli.ftl"),
    include_str!("locales/ru/operators.ftl"),
    include_str!("locales/ru/commands.ftl"),
    include_str!("locales/ru/accounts.ftl"),
    include_str!("locales/ru/notices.ftl"),
    include_str!("locales/ru/paper.ftl"),
    include_str!("locales/ru/conversation.ftl"),
    include_str!("locales/ru/authority.ftl"),
    include_str!("locales/ru/deadlines.ftl"),
    include_str!("locales/ru/admin.ftl"),
    include_str!("locales/ru/reports.ftl"),
    include_str!("locales/ru/batches.ftl"),
];

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: &str, sources: &[&str]) -> Bundle {
    let id: LanguageIdentifier = lang.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The terminal and the scripts that read it want the text alone, without isolation marks.
    bundle.set_use_isolating(false);
    for source in sources {
        // A message with a syntax error is left out and the rest stays; the test of the catalogues notices.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

static BUNDLE_EN: LazyLock<Bundle> = LazyLock::new(|| bundle("en", EN));
static BUNDLE_RU: LazyLock<Bundle> = LazyLock::new(|| bundle("ru", RU));

fn lookup(lang: Lang, id: &str, attribute: Option<&str>, args: &[(&str, &str)]) -> Option<String> {
    let bundle = match lang {
        Lang::En => &BUNDLE_EN,
        Lang::Ru => &BUNDLE_RU,
    };
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        Some(name) => message.get_attribute(name)?.value(),
        None => message.value()?,
    };
    let mut values = FluentArgs::new();
    for (name, value) in args {
        // Whole numbers choose plural forms; everything else is text. `2.0`, `+7`, `1e5` or `nan` may be names.
        let number = !value.is_empty() && value.len() < 12 && value.bytes().all(|b| b.is_ascii_digit());
        let value = match value.parse::<f64>() {
            Ok(count) if number && (*value == "0" || !value.starts_with('0')) => FluentValue::from(count),
            _ => FluentValue::String(Cow::Owned((*value).to_owned())),
        };
        values.set((*name).to_owned(), value);
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
}

/// The message `id` in the language; the id itself where the catalogues lack it (a test keeps that from happening).
pub fn t(lang: Lang, id: &str, args: &[(&str, &str)]) -> String {
    lookup(lang, id, None, args).or_else(|| lookup(Lang::En, id, None, args)).unwrap_or_else(|| id.to_owned())
}

/// An attribute of a message, such as a hint; none where neither catalogue has it.
pub fn attribute(lang: Lang, id: &str, name: &str, args: &[(&str, &str)]) -> Option<String> {
    lookup(lang, id, Some(name), args).or_else(|| lookup(Lang::En, id, Some(name), args))
}

/// True where the catalogue of this very language has the message.
pub fn has(lang: Lang, id: &str, attribute: Option<&str>) -> bool {
    lookup(lang, id, attribute, &[]).is_some()
}

/// The label of a status.
pub fn status_label(lang: Lang, status: Status) -> &'static str {
    match lang {
        Lang::En => status.label_en(),
        Lang::Ru => status.label_ru(),
    }
}

/// The label of a status that was read: an unknown one is shown as it came.
pub fn status_shown(lang: Lang, status: &Word<Status>) -> &str {
    match status {
        Word::Known(status) => status_label(lang, *status),
        Word::Other(text) => text,
    }
}

/// The label of a word of a vocabulary: message `<vocabulary>-<word>`, spaces and underscores as hyphens.
pub fn label(lang: Lang, vocabulary: &str, word: &str) -> String {
    let id = format!("{vocabulary}-{word}").replace([' ', '_'], "-");
    lookup(lang, &id, None, &[]).unwrap_or_else(|| word.to_owned())
}

/// A finding in words: its message, and the attribute `.remedy`.
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

/// Findings in words, errors first.
pub fn findings(lang: Lang, found: &[Finding]) -> Vec<ApiFinding> {
    let mut all: Vec<ApiFinding> = found.iter().map(|f| finding(lang, f)).collect();
    all.sort_by_key(|f| f.severity != Severity::Error);
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every message and attribute of a language, and what cannot be parsed.
    fn entries(sources: &[&str]) -> (BTreeSet<String>, Vec<String>) {
        let (mut ids, mut junk) = (BTreeSet::new(), Vec::new());
        for source in sources {
            if let Err((_, errors)) = FluentResource::try_new((*source).to_owned()) {
                junk.extend(errors.iter().map(ToString::to_string));
            }
            let mut message = "";
            for line in source.lines() {
                if let Some((id, _)) = line.split_once(" =") {
                    let id = if let Some(name) = id.trim().strip_prefix('.') {
                        format!("{message}.{name}")
                    } else if id.starts_with([' ', '#']) {
                        continue;
                    } else {
                        message = id;
                        id.to_owned()
                    };
                    // Headings are named by columns, and rooms share columns.
                    if !ids.insert(id.clone()) && !id.starts_with("column-") {
                        junk.push(format!("{id} is there twice"));
                    }
                }
            }
        }
        (ids, junk)
    }

    #[test]
    fn both_languages_say_the_same_and_can_be_parsed() {
        let ((en, junk_en), (ru, junk_ru)) = (entries(EN), entries(RU));
        assert_eq!((junk_en, junk_ru), (vec![], vec![]));
        let only_one: Vec<&String> = en.symmetric_difference(&ru).collect();
        assert!(only_one.is_empty(), "in one language only: {only_one:?}");
        assert!(en.len() > 100);
    }
}
