//! The text of a notification: what happened, what to do next and by when, in the reader's language.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::next::Next;
use super::side::Side;
use crate::store::appeals::AppealRow;
use crate::store::events;
use appeal_domain::*;
use appeal_i18n::Lang;

/// The occasion of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    Event(Event),
    /// A deadline is near or has passed.
    Reminder,
}

impl Occasion {
    /// Returns the name of the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Occasion::Event(event) => event.as_str(),
            Occasion::Reminder => "reminder",
        }
    }
}

/// The facts that a notification is about.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFacts<'a> {
    pub occasion: Occasion,
    pub status: Status,
    pub actor: &'a str,
    pub detail: &'a Value,
    /// Due date of the required action.
    pub due: Option<Timestamp>,
    /// What the reader can do; otherwise the message of the event says it.
    pub next: Option<Next>,
}

/// The text of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub subject: String,
    /// For the account and for e-mails.
    pub long: String,
    /// For text messages and webhooks: one line.
    pub short: String,
}

/// Maximum length of a quoted text, such as the subject of an appeal, in characters.
const QUOTED: usize = 120;

/// Formats an event for one side. Message `notice-<side>-<event>` is the heading; its attributes are `.text` (what
/// happened), `.next` (what the reader does next) and `.due` (by when). An event without its own messages uses the
/// summary of the stream of changes.
pub fn text(
    lang: Lang,
    side: Side,
    kind: NoticeKind,
    row: &AppealRow,
    facts: &NoticeFacts<'_>,
    zone: &TimeZone,
) -> Text {
    let mut values = events::values(lang, facts.status, facts.actor, facts.detail, zone);
    let due = facts.due.map(|due| zones::due_in(due, zone));
    values.push(("number", row.number.clone()));
    for (name, value) in &mut values {
        match *name {
            "department" | "who" => {
                let title = &facts.detail[format!("{name}_title")][lang.as_str()];
                if let Some(title) = title.as_str().filter(|title| !title.is_empty()) {
                    *value = title.to_owned();
                }
            }
            // May be as long as any text.
            "reason" => *value = quoted(value),
            _ => {}
        }
    }
    if let Some(due) = &due {
        values.retain(|(name, _)| *name != "due");
        values.push(("due", due.clone()));
    }
    let args: Vec<(&str, &str)> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let id = id(side, facts);
    let part = |name: &str| {
        appeal_i18n::attribute(lang, &id, name, &args).filter(|text| !text.contains("{$") && !text.is_empty())
    };
    let summary =
        || events::summary(lang, facts.occasion.as_str(), facts.status, facts.actor, facts.detail, zone);
    let known = appeal_i18n::has(lang, &id, None);
    let heading =
        if known { appeal_i18n::t(lang, &id, &args) } else { appeal_i18n::t!(lang, "notice-changed") };
    let happened =
        part("text").unwrap_or_else(|| if known { capital(&heading) + "." } else { summary() + "." });
    let next = match facts.next {
        _ if side == Side::Onlooker => None,
        Some(next) => Some(next.text(lang, &row.number)),
        None => part("next"),
    };
    let by_when = due.as_ref().and_then(|due| match part("due") {
        Some(text) => Some(text),
        None if kind == NoticeKind::Demand => Some(appeal_i18n::t!(lang, "notice-due", due)),
        None => None,
    });
    let subject = appeal_i18n::t!(lang, "notice-subject", number = row.number, what = heading);
    // The previously responsible operator may no longer see the appeal.
    let discreet =
        side == Side::Former || side == Side::Supervisor && facts.detail["discreet"].as_bool() == Some(true);
    let mut paragraphs: Vec<String> = vec![happened.clone()];
    paragraphs.extend(by_when.clone());
    paragraphs.extend(next.clone());
    if !discreet {
        let about = quoted(&row.subject);
        let status = appeal_i18n::status_label(lang, facts.status);
        paragraphs.push(appeal_i18n::t!(lang, "notice-about", number = row.number, about, status));
    }
    let line: Vec<String> = [Some(happened), by_when, next].into_iter().flatten().collect();
    let short =
        appeal_i18n::t!(lang, "notice-short", number = row.number, text = line.join(" ").replace('\n', " "));
    Text { subject, long: paragraphs.join("\n\n"), short }
}

fn id(side: Side, facts: &NoticeFacts<'_>) -> String {
    if side == Side::Former {
        return "notice-former".to_owned();
    }
    let stage = facts.detail["stage"].as_str();
    let event = match (facts.occasion, facts.status, stage) {
        (Occasion::Event(event), ..) if event.files() => "created".to_owned(),
        (Occasion::Event(Event::Answered), Status::AwaitingConfirmation, _) => "awaiting".to_owned(),
        (Occasion::Reminder, _, Some(stage)) => {
            let deadline = facts.detail["deadline"].as_str().unwrap_or_default();
            format!("reminder-{}-{stage}", deadline.replace('_', "-"))
        }
        (occasion, ..) => occasion.as_str().replace('_', "-"),
    };
    format!("notice-{}-{event}", side.name())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// Shortens a text to one line of limited length.
fn quoted(subject: &str) -> String {
    let line: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED {
        return line;
    }
    line.chars().take(QUOTED - 1).collect::<String>().trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::notices::some_row;

    const SIDES: [Side; 6] =
        [Side::Applicant, Side::Onlooker, Side::Operator, Side::Former, Side::Helper, Side::Supervisor];

    /// Returns all occasions of notifications with their details.
    fn occasions() -> Vec<(Occasion, Value)> {
        let detail = json!({
            "responsible": "operator", "department": "roads", "decision": "granted", "level": "senior",
            "who": "roads", "role": "view", "login": "x", "reason": "Нужна экспертиза", "into": "2026-0000000000-0",
            "repeat": "2026-0000000000-0", "score": "5", "fields": "text", "files": "2",
        });
        let events = Event::ALL.iter().map(|event| (Occasion::Event(*event), detail.clone()));
        let reminder = |kind: &DeadlineKind, stage| {
            json!({
                "deadline": kind.as_str(), "stage": stage, "department": "roads", "discreet": true,
                "answer_due": "2026-11-16 18:00 (UTC+3)",
            })
        };
        let reminders = DeadlineKind::ALL.iter().flat_map(|kind| {
            ["before", "due", "passed"].map(|stage| (Occasion::Reminder, reminder(kind, stage)))
        });
        events.chain(reminders).collect()
    }

    /// Returns whether a side gets a notification: every event, and reminders of its own steps or of late ones.
    fn gets(side: Side, occasion: Occasion, detail: &Value) -> bool {
        if occasion != Occasion::Reminder {
            return true;
        }
        let (step, stage) = (detail["deadline"].as_str().unwrap(), detail["stage"].as_str().unwrap());
        let late = stage == "passed";
        match side {
            Side::Applicant => match step {
                "clarification" | "confirmation" => stage == "before",
                "first_status" | "decision" | "escalation" => late,
                _ => false,
            },
            Side::Operator => !late && matches!(step, "first_status" | "redirection" | "decision"),
            Side::Supervisor => {
                step == "escalation" || late && matches!(step, "first_status" | "redirection" | "decision")
            }
            Side::Onlooker | Side::Former | Side::Helper => false,
        }
    }

    #[test]
    fn every_reminder_has_words_of_its_own() {
        each_text(|occasion, side, text| {
            let plain =
                ["есть изменения", "something changed"].iter().any(|words| text.subject.contains(words));
            assert!(occasion != Occasion::Reminder || !plain, "{side:?}: {}", text.subject);
        });
    }

    /// Calls a function with the text of every occasion, for every side and language.
    fn each_text(check: impl Fn(Occasion, Side, &Text)) {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        for (occasion, detail) in occasions() {
            for side in SIDES.into_iter().filter(|side| gets(*side, occasion, &detail)) {
                for lang in [Lang::Ru, Lang::En] {
                    let due = Some("2026-11-16T15:00:00Z".parse().unwrap());
                    let status = Status::InProgress;
                    let facts =
                        NoticeFacts { occasion, status, actor: "x", detail: &detail, due, next: None };
                    check(occasion, side, &text(lang, side, NoticeKind::Status, &some_row(), &facts, &zone));
                }
            }
        }
    }

    #[test]
    fn every_occasion_has_texts_for_every_side() {
        each_text(|occasion, side, text| {
            for part in [&text.subject, &text.long, &text.short] {
                assert!(!part.contains("{") && !part.contains("notice-"), "{occasion:?} {side:?}: {part}");
            }
        });
    }

    #[test]
    fn every_text_names_the_appeal() {
        each_text(|occasion, side, text| {
            for part in [&text.subject, &text.long, &text.short] {
                assert!(part.contains(&some_row().number), "{occasion:?} {side:?}: {part}");
            }
        });
    }

    #[test]
    fn a_short_text_is_one_line() {
        each_text(|_, _, text| assert!(!text.short.contains('\n'), "{}", text.short));
    }

    #[test]
    fn the_subject_is_hidden_from_those_who_need_not_know_it() {
        each_text(|occasion, side, text| {
            // They only need to know that an appeal is late, or that it is with others.
            let discreet = occasion == Occasion::Reminder && side == Side::Supervisor || side == Side::Former;
            assert_eq!(text.long.contains(&some_row().subject), !discreet, "{}", text.long);
        });
    }
}
