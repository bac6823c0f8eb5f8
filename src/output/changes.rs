//! The changes of a journal entry, in words.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::cells::Zones;
use super::{Output, cells};
use appeal_domain::{EscalationGrounds, Level, ParticipantRole, ReviewState};
use appeal_i18n::{has, label, status_label, t};

/// Most characters of a value; the whole of it is in the JSON.
const SHOWN: usize = 80;

impl Output {
    /// Label of an action in the journal.
    pub fn action(&self, action: &str) -> String {
        label(self.lang, "action", action)
    }

    /// The changes of a journal entry for people: one line per field, with its value before and after. Of objects, only
    /// differences are shown; times are local, ends of terms in the time zone of the appeal, codes are replaced by
    /// labels, ids and digests are omitted.
    pub fn in_words(&self, changes: &Value, time_zone: Option<&str>) -> String {
        InWords { output: self, zones: Zones::named(time_zone, self.zone()) }.changes(changes)
    }
}

/// The changes of an appeal.
struct InWords<'a> {
    output: &'a Output,
    zones: Zones,
}

impl InWords<'_> {
    fn changes(&self, changes: &Value) -> String {
        let Value::Object(fields) = changes else { return self.short("", changes) };
        let mut lines = Vec::new();
        for (field, change) in fields {
            match (change.get("before"), change.get("after")) {
                (Some(Value::Object(before)), Some(Value::Object(after))) => {
                    self.parts(&mut lines, field, before, after);
                }
                (before, Some(after)) => {
                    self.step(&mut lines, field, before.unwrap_or(&Value::Null), after);
                }
                _ => self.step(&mut lines, field, &Value::Null, change),
            }
        }
        lines.join("\n")
    }

    fn parts(
        &self,
        lines: &mut Vec<String>,
        field: &str,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
    ) {
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        for key in after.keys().chain(gone) {
            let (old, new) =
                (before.get(key).unwrap_or(&Value::Null), after.get(key).unwrap_or(&Value::Null));
            if old != new && !is_for_machines(key, new) {
                self.step(lines, &format!("{field}.{key}"), old, new);
            }
        }
    }

    fn step(&self, lines: &mut Vec<String>, field: &str, before: &Value, after: &Value) {
        let key = field.rsplit('.').next().unwrap_or(field);
        if is_for_machines(key, after) {
            return;
        }
        let heading = self.journal_heading(field);
        let new = self.short(key, after);
        if before.is_null() {
            lines.push(format!("{heading}: {new}"));
            return;
        }
        let arrow = if self.output.place.ascii { "->" } else { "→" };
        lines.push(format!("{heading}: {} {arrow} {new}", self.short(key, before)));
    }

    /// The name of a changed field: the journal's own where it has one, else that of the column.
    fn journal_heading(&self, field: &str) -> String {
        let id = format!("journal-field-{}", field.replace(['.', '_'], "-"));
        if has(self.output.lang, &id, None) {
            t(self.output.lang, &id, &[])
        } else {
            self.output.heading(field)
        }
    }

    /// A value on one line: its name, or else its members.
    fn short(&self, key: &str, value: &Value) -> String {
        let line: String =
            self.plain(key, value).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if line.chars().count() <= SHOWN {
            return line;
        }
        line.chars().take(SHOWN).chain(['…']).collect()
    }

    fn plain(&self, key: &str, value: &Value) -> String {
        match value {
            Value::String(text) => self.worded(key, text),
            Value::Null => "–".to_owned(),
            Value::Bool(true) => t!(self.output.lang, "yes"),
            Value::Bool(false) => t!(self.output.lang, "no"),
            Value::Array(items) => {
                items.iter().map(|item| self.plain(key, item)).collect::<Vec<_>>().join(", ")
            }
            Value::Object(map) => {
                if let Some(Value::String(name)) = map.get("name") {
                    return name.clone();
                }
                let shown =
                    map.iter().filter(|(key, value)| !is_for_machines(key, value) && !value.is_null());
                shown.map(|(key, value)| self.plain(key, value)).collect::<Vec<_>>().join(", ")
            }
            Value::Number(number) => number.to_string(),
        }
    }

    /// Codes by their labels and moments as local times; everything else as it is.
    fn worded(&self, key: &str, text: &str) -> String {
        match key {
            "status" => text
                .parse()
                .map_or_else(|_| text.to_owned(), |s| status_label(self.output.lang, s).to_owned()),
            "kind" | "priority" | "channel" | "decision" => label(self.output.lang, key, text),
            "escalated" | "level" => label(self.output.lang, Level::VOCABULARY, text),
            "grounds" => label(self.output.lang, EscalationGrounds::VOCABULARY, text),
            "role" => label(self.output.lang, ParticipantRole::VOCABULARY, text),
            "state" => label(self.output.lang, ReviewState::VOCABULARY, text),
            "preferred" => label(self.output.lang, "contact way", text),
            _ if key.ends_with("due_at") => {
                text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| self.zones.due(at))
            }
            _ if key == "at" || key.ends_with("_at") => {
                let time = |at| cells::time(at, &self.zones.here);
                text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), time)
            }
            _ => text.to_owned(),
        }
    }
}

/// Members that are of no interest to people: ids and digests.
fn is_for_machines(key: &str, value: &Value) -> bool {
    matches!(key, "id" | "sha256") || value.as_str().is_some_and(is_an_id)
}

/// An id of the platform: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
fn is_an_id(text: &str) -> bool {
    let groups: Vec<usize> = text
        .split('-')
        .map(|group| if group.bytes().all(|b| b.is_ascii_hexdigit()) { group.len() } else { 0 })
        .collect();
    groups == [8, 4, 4, 4, 12]
}

/// RFC 3339 times of the platform (`2026-11-27T15:00:00Z`) in a sentence as local times.
pub(super) fn local_times(text: &str, zone: &jiff::tz::TimeZone) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let bare = word.trim_end_matches(['.', ',', ';', ')']);
        match bare.parse::<Timestamp>() {
            Ok(at) if bare.ends_with('Z') => {
                out.push_str(&cells::time(at, zone));
                out.push_str(&word[bare.len()..]);
            }
            _ => out.push_str(word),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn times_in_a_sentence_are_local() {
        let zone = TimeZone::fixed(jiff::tz::offset(3));
        assert_eq!(
            local_times("After 2026-11-27T15:00:00Z. D-91RP7XFY stays", &zone),
            "After 2026-11-27 18:00. D-91RP7XFY stays"
        );
        assert_eq!(local_times("a  b\n2026-11-27", &zone), "a  b\n2026-11-27");
    }

    #[test]
    fn ids_are_for_machines_and_numbers_are_not() {
        assert!(is_an_id("01a1fff6-1877-751c-b9f3-cc079d9a7ed5"));
        assert!(!is_an_id("2026-8733075149-2"));
        assert!(!is_an_id("housing.missing-services"));
    }
}
