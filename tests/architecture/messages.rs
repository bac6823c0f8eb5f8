//! Every message of the catalogues is used. That every message used exists is checked by the compiler.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use appeal_domain::{Action, Event, FIELDS, Field};

use super::{code, sources};

/// A string literal with the code before and after it on its line.
struct Literal<'a> {
    before: &'a str,
    text: &'a str,
    after: &'a str,
}

fn literals(line: &str) -> Vec<Literal<'_>> {
    let (mut found, mut start, mut escaped) = (Vec::new(), None, false);
    for (at, c) in line.char_indices() {
        match (c, start) {
            ('"', Some(begin)) if !escaped => {
                let (before, text) = (&line[..begin - 1], &line[begin..at]);
                found.push(Literal { before, text, after: &line[at + 1..] });
                start = None;
            }
            ('"', None) => start = Some(at + 1),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    found
}

/// How the code names messages.
#[derive(Default)]
struct Uses {
    /// Literals: ids, and words of vocabularies as they are in ids.
    words: BTreeSet<String>,
    /// What ids that are composed at run time begin with: `event-` of `"event-{name}"`.
    prefixes: BTreeSet<String>,
    /// Vocabularies. The labels of their words are `<vocabulary>-<word>`.
    vocabularies: BTreeSet<String>,
}

impl Uses {
    fn read() -> Self {
        let mut uses = Self::default();
        for (_, text) in sources() {
            for Literal { before, text, after } in code(&text).flat_map(|(_, line)| literals(line)) {
                let word = text.replace([' ', '_'], "-");
                if let Some((prefix, _)) = text.split_once('{').filter(|(prefix, _)| prefix.ends_with('-')) {
                    uses.prefixes.insert(prefix.to_owned());
                }
                let label =
                    ["label(", "Word(", "VOCABULARY: &str ="].iter().any(|call| before.contains(call));
                let declared = before.ends_with(", ") && after.starts_with(" {");
                if label || declared {
                    uses.vocabularies.insert(word.clone());
                }
                uses.words.insert(word);
            }
        }
        uses
    }

    fn have(&self, id: &str) -> bool {
        self.words.contains(id)
            || self.prefixes.iter().any(|prefix| id.starts_with(prefix))
            || id
                .match_indices('-')
                .any(|(at, _)| self.vocabularies.contains(&id[..at]) && self.words.contains(&id[at + 1..]))
    }
}

fn ids() -> Vec<String> {
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n/locales/en");
    let files = fs::read_dir(locales).expect("the catalogues").map(|file| file.expect("a catalogue").path());
    let text: String = files.map(|file| fs::read_to_string(file).expect("a readable catalogue")).collect();
    let ids = text.lines().filter_map(|line| line.split_once(" ="));
    ids.map(|(id, _)| id.to_owned()).filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
fn every_message_is_used() {
    let (ids, uses) = (ids(), Uses::read());
    assert!(ids.len() > 1000, "the catalogues were not read: {} messages", ids.len());
    // A hint is shown with its message.
    let used = |id: &&String| uses.have(id) || id.strip_suffix("-hint").is_some_and(|id| uses.have(id));
    let unused: Vec<&String> = ids.iter().filter(|id| !used(id)).collect();
    assert!(unused.is_empty(), "no code uses these messages: {unused:?}");
}

/// Ids of labels are composed at run time, so that the compiler cannot check them.
#[test]
fn every_action_event_and_field_has_a_label() {
    let known: BTreeSet<String> = ids().into_iter().collect();
    let labels = |kind: &'static str, words: Vec<&'static str>| {
        words.into_iter().map(move |word| format!("{kind}-{}", word.replace('_', "-")))
    };
    let missing: Vec<String> = FIELDS
        .iter()
        .map(Field::label)
        .chain(labels("action", Action::ALL.iter().map(|action| action.as_str()).collect()))
        .chain(labels("event", Event::ALL.iter().map(|event| event.as_str()).collect()))
        .filter(|id| !known.contains(id))
        .collect();
    assert!(missing.is_empty(), "these labels are in no catalogue: {missing:?}");
}
