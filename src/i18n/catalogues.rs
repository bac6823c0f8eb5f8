//! Looks up messages in the catalogues and fills in their arguments.

use std::borrow::Cow;
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::ZlibDecoder;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::lang::Lang;

// `MESSAGES`, the arguments of every message, for checks at compile time; and `COUNTS`, the messages and those of their
// arguments that are numbers. Both are ordered.
include!(concat!(env!("OUT_DIR"), "/messages.rs"));

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<String> =
    LazyLock::new(|| decompressed(include_bytes!(concat!(env!("OUT_DIR"), "/en.zlib"))));
static RU: LazyLock<String> =
    LazyLock::new(|| decompressed(include_bytes!(concat!(env!("OUT_DIR"), "/ru.zlib"))));
static HELP_RU: LazyLock<String> =
    LazyLock::new(|| decompressed(include_bytes!(concat!(env!("OUT_DIR"), "/help.ru.zlib"))));

static BUNDLE_EN: LazyLock<Bundle> = LazyLock::new(|| bundle("en", &EN));
static BUNDLE_RU: LazyLock<Bundle> = LazyLock::new(|| bundle("ru", &RU));
static HELP_RU_PAIRS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut texts = HELP_RU.split('\0');
    std::iter::from_fn(|| texts.next().zip(texts.next())).collect()
});

/// Returns texts that the build script compressed, with NUL between them.
fn decompressed(texts: &[u8]) -> String {
    let mut text = String::new();
    // It cannot fail, since the build script wrote the data; the tests read all of it.
    let _ = ZlibDecoder::new(texts).read_to_string(&mut text);
    text
}

fn bundle(lang: &str, sources: &str) -> Bundle {
    let id: LanguageIdentifier = lang.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Terminals and scripts need the text without isolation marks.
    bundle.set_use_isolating(false);
    for source in sources.split('\0') {
        // A message with a syntax error is left out; a test of the catalogues finds it.
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

pub(crate) fn lookup(lang: Lang, id: &str, attribute: Option<&str>, args: &[(&str, &str)]) -> Option<String> {
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
        // Only an argument that selects a plural form is a number: `007` and `+7` may be names.
        let number = if is_count(id, name) { value.parse::<u64>().ok() } else { None };
        let value = match number {
            Some(count) => FluentValue::from(count),
            None => FluentValue::String(Cow::Borrowed(*value)),
        };
        values.set(*name, value);
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
}

/// Returns whether the message selects a plural form by this argument.
fn is_count(id: &str, name: &str) -> bool {
    COUNTS.binary_search(&(id, name)).is_ok()
}

/// Returns the message in the language; if the catalogues lack it, its id (a test prevents that).
pub fn t(lang: Lang, id: &str, args: &[(&str, &str)]) -> String {
    lookup(lang, id, None, args).or_else(|| lookup(Lang::En, id, None, args)).unwrap_or_else(|| id.to_owned())
}

/// Returns an attribute of a message, such as a hint; `None` if neither catalogue has it.
pub fn attribute(lang: Lang, id: &str, name: &str, args: &[(&str, &str)]) -> Option<String> {
    lookup(lang, id, Some(name), args).or_else(|| lookup(Lang::En, id, Some(name), args))
}

/// Returns the translations of the help: pairs of an English text and its translation, ordered by the English texts.
pub fn help(lang: Lang) -> &'static [(&'static str, &'static str)] {
    match lang {
        Lang::En => &[],
        Lang::Ru => &HELP_RU_PAIRS,
    }
}

/// Returns whether the catalogue of this language has the message.
pub fn has(lang: Lang, id: &str, attribute: Option<&str>) -> bool {
    lookup(lang, id, attribute, &[]).is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Returns all messages and attributes of a language, and the syntax errors.
    fn entries(sources: &str) -> (BTreeSet<String>, Vec<String>) {
        let (mut ids, mut junk) = (BTreeSet::new(), Vec::new());
        for source in sources.split('\0') {
            if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
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
                    if !ids.insert(id.clone()) {
                        junk.push(format!("{id} is there twice"));
                    }
                }
            }
        }
        (ids, junk)
    }

    #[test]
    fn both_languages_say_the_same_and_can_be_parsed() {
        let ((en, junk_en), (ru, junk_ru)) = (entries(&EN), entries(&RU));
        assert_eq!((junk_en, junk_ru), (vec![], vec![]));
        let only_one: Vec<&String> = en.symmetric_difference(&ru).collect();
        assert!(only_one.is_empty(), "in one language only: {only_one:?}");
        assert!(en.len() > 100);
    }
}
