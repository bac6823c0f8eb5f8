//! Every message of the catalogues is used. That every message used exists is checked by the compiler.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use appeal_domain::{
    Access, AccountState, Action, Channel, CodeWay, ContactWay, DeadlineKind, DeadlineState, Decision,
    DeliveryState, EscalationGrounds, EscalationState, Event, FIELDS, Field, Kind, Level, LoadChange,
    MessageChannel, NoticeKind, ParticipantRole, Priority, RepeatGrounds, ReportBy, ReviewCategory,
    ReviewState, Role, Scope, Severity, Who,
};

use super::{code, sources};

/// Returns the string literals of a line.
fn literals(line: &str) -> Vec<&str> {
    let (mut found, mut start, mut escaped) = (Vec::new(), None, false);
    for (at, c) in line.char_indices() {
        match (c, start) {
            ('"', Some(begin)) if !escaped => {
                found.push(&line[begin..at]);
                start = None;
            }
            ('"', None) => start = Some(at + 1),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    found
}

/// Returns every string literal of the code.
fn words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (_, text) in sources() {
        for (_, line) in code(&text) {
            words.extend(literals(line).into_iter().map(str::to_owned));
        }
    }
    words
}

/// A word as it is in an id.
fn part(word: &str) -> String {
    word.replace([' ', '_', '.'], "-")
}

/// Returns the ids of the labels of vocabularies, `<vocabulary>-<word>`.
fn labels() -> BTreeSet<String> {
    macro_rules! vocabularies {
        ($($name:ident)+) => { [$(($name::VOCABULARY, $name::words())),+] };
    }
    let mut vocabularies = Vec::from(vocabularies! {
        Access AccountState Channel CodeWay ContactWay DeadlineKind DeadlineState Decision DeliveryState
        EscalationGrounds EscalationState Kind Level LoadChange MessageChannel NoticeKind ParticipantRole Priority RepeatGrounds
        ReportBy ReviewCategory ReviewState Role Scope Severity
    });
    vocabularies.push(("action", Action::ALL.iter().map(|action| action.as_str()).collect()));
    vocabularies.push(("action", Event::ALL.iter().map(|event| event.action()).collect()));
    vocabularies.push(("event", Event::ALL.iter().map(|event| event.as_str()).collect()));
    vocabularies.push(("who", Who::ALL.iter().map(|who| who.as_str()).collect()));
    vocabularies.push(("unsent state", vec!["unsent", "unfinished", "refused"]));
    vocabularies.push(("batch status", vec!["filed", "already", "failed", "invalid", "pending"]));
    for of_report in ["report title", "report none"] {
        vocabularies.push((of_report, ReportBy::words()));
    }
    vocabularies.push(("deadline count", vec!["wh", "wm", "wd", "d", "h", "m"]));
    vocabularies
        .into_iter()
        .flat_map(|(vocabulary, words)| {
            words.into_iter().map(move |word| format!("{}-{}", part(vocabulary), part(word)))
        })
        .collect()
}

/// Returns the ids of notifications: who gets one, and of what.
fn notices() -> BTreeSet<String> {
    let events = Event::ALL.iter().map(|event| part(event.as_str()));
    let reminders = DeadlineKind::words()
        .into_iter()
        .flat_map(|kind| ["before", "due", "passed"].map(|stage| format!("reminder-{}-{stage}", part(kind))));
    events
        .chain(["awaiting".to_owned()])
        .chain(reminders)
        .flat_map(|event| {
            ["applicant", "operator", "helper", "supervisor"].map(|side| format!("notice-{side}-{event}"))
        })
        .collect()
}

/// Returns the ids that are composed at run time of a fixed part and a word of the code.
fn composed(words: &BTreeSet<String>) -> BTreeSet<String> {
    let codes = ["finding", "problem", "problem-title"];
    let of_codes = words.iter().filter(|word| !word.contains([' ', '.']));
    let of_codes = of_codes.flat_map(|word| codes.map(|prefix| format!("{prefix}-{}", part(word))));
    let names = ["column", "journal-field", "deadline-step"];
    let of_names = words.iter().flat_map(|word| names.map(|prefix| format!("{prefix}-{}", part(word))));
    let of_deadlines = DeadlineKind::words()
        .into_iter()
        .map(|kind| format!("journal-field-deadlines-{}-due-at", part(kind)));
    let of_dates = (1..=12).map(|month| format!("deadline-month-{month}"));
    let of_days = (1..=7).map(|day| format!("deadline-weekday-{day}"));
    let mut ids: BTreeSet<String> = FIELDS.iter().map(Field::label).collect();
    ids.extend(of_codes.chain(of_names).chain(of_deadlines).chain(of_dates).chain(of_days));
    ids
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
    let (ids, words) = (ids(), words());
    assert!(ids.len() > 1000, "the catalogues were not read: {} messages", ids.len());
    let derived: BTreeSet<String> = [labels(), notices(), composed(&words)].into_iter().flatten().collect();
    let used = |id: &str| words.contains(id) || derived.contains(id);
    // A hint is shown with its message.
    let used = |id: &&String| used(id) || id.strip_suffix("-hint").is_some_and(used);
    let unused: Vec<&String> = ids.iter().filter(|id| !used(id)).collect();
    assert!(unused.is_empty(), "no code uses these messages: {unused:?}");
}

/// Ids of labels are composed at run time, so that the compiler cannot check them.
#[test]
fn every_word_and_field_has_a_label() {
    let known: BTreeSet<String> = ids().into_iter().collect();
    let labels = FIELDS.iter().map(Field::label).chain(labels());
    let missing: Vec<String> = labels.filter(|id| !known.contains(id)).collect();
    assert!(missing.is_empty(), "these labels are in no catalogue: {missing:?}");
}
