//! The text of a notification: what happened, what to do next and by when, in the reader's language.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::store::appeals::AppealRow;
use crate::store::events;
use crate::store::notices::Audience;
use appeal_domain::*;
use appeal_i18n::Lang;

/// The reader's relation to the appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Represents the applicant.
    Applicant,
    /// Only views it.
    Onlooker,
    /// Handles it.
    Operator,
    /// Handled it until now.
    Former,
    /// Assists the responsible department.
    Helper,
    Supervisor,
}

impl Side {
    /// Returns the side of an audience.
    pub fn of(audience: Audience) -> Side {
        match audience {
            Audience::Owner | Audience::Participant(ParticipantRole::Represent) => Side::Applicant,
            Audience::Participant(_) => Side::Onlooker,
            Audience::Responsible => Side::Operator,
            Audience::Former => Side::Former,
            Audience::Involved => Side::Helper,
            Audience::Supervisor => Side::Supervisor,
        }
    }

    /// Returns the part of the message ids.
    const fn name(self) -> &'static str {
        match self {
            Side::Applicant | Side::Onlooker => "applicant",
            Side::Operator => "operator",
            Side::Former => "former",
            Side::Helper => "helper",
            Side::Supervisor => "supervisor",
        }
    }
}

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
    let mut values = events::values(lang, facts.status, facts.actor, facts.detail);
    let due = facts.due.map(|due| moment(lang, due, zone));
    let deadline =
        facts.detail["deadline"].as_str().map(|kind| appeal_i18n::label(lang, "deadline-kind", kind));
    values.push(("number", row.number.clone()));
    if let Some(deadline) = deadline {
        values.push(("what", deadline.to_lowercase()));
    }
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
    let summary = || events::summary(lang, facts.occasion.as_str(), facts.status, facts.actor, facts.detail);
    let known = appeal_i18n::has(lang, &id, None);
    let heading =
        if known { appeal_i18n::t(lang, &id, &args) } else { appeal_i18n::t!(lang, "notice-changed") };
    let happened =
        part("text").unwrap_or_else(|| if known { capital(&heading) + "." } else { summary() + "." });
    let next = if side == Side::Onlooker { None } else { part("next") };
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
        (Occasion::Reminder, _, Some(stage)) => format!("reminder-{stage}"),
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

/// Formats a moment in the local format, with its offset from UTC.
fn moment(lang: Lang, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let seconds = local.offset().seconds();
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    let offset =
        if minutes == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{minutes:02}") };
    let format = match lang {
        Lang::Ru => "%d.%m.%Y, %H:%M",
        Lang::En => "%Y-%m-%d, %H:%M",
    };
    format!("{} ({offset})", local.strftime(format))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::notices::some_row;

    #[test]
    fn every_event_has_words_for_everybody() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let row = some_row();
        let detail = json!({
            "responsible": "operator", "department": "roads", "decision": "granted", "level": "senior",
            "who": "roads", "role": "view", "login": "x", "reason": "Нужна экспертиза", "into": "2026-0000000000-0",
            "repeat": "2026-0000000000-0", "score": "5", "fields": "text", "files": "2",
        });
        let reminders = ["before", "due", "passed"];
        let plain = Event::ALL.iter().map(|event| (Occasion::Event(*event), detail.clone()));
        let all = plain.chain(reminders.iter().map(|stage| {
            (
                Occasion::Reminder,
                json!({ "deadline": "decision", "stage": stage, "department": "roads", "discreet": true }),
            )
        }));
        for (occasion, detail) in all {
            for side in [
                Side::Applicant,
                Side::Onlooker,
                Side::Operator,
                Side::Former,
                Side::Helper,
                Side::Supervisor,
            ] {
                for lang in [Lang::Ru, Lang::En] {
                    let due = Some("2026-11-16T15:00:00Z".parse().unwrap());
                    let facts = NoticeFacts {
                        occasion,
                        status: Status::InProgress,
                        actor: "x",
                        detail: &detail,
                        due,
                    };
                    let text = text(lang, side, NoticeKind::Status, &row, &facts, &zone);
                    for part in [&text.subject, &text.long, &text.short] {
                        assert!(part.contains(&row.number), "{occasion:?} {side:?}: {part}");
                        assert!(
                            !part.contains("{") && !part.contains("notice-"),
                            "{occasion:?} {side:?}: {part}"
                        );
                    }
                    assert!(!text.short.contains('\n'), "{}", text.short);
                    // Those who only need to know that an appeal is late do not see its subject.
                    let discreet =
                        occasion == Occasion::Reminder && side == Side::Supervisor || side == Side::Former;
                    assert_eq!(text.long.contains(&row.subject), !discreet, "{}", text.long);
                }
            }
        }
    }

    #[test]
    fn moments_say_where_they_are_counted() {
        let at = "2026-11-16T15:00:00Z".parse().unwrap();
        let zone = |name: &str| TimeZone::get(name).unwrap();
        assert_eq!(moment(Lang::Ru, at, &zone("Europe/Moscow")), "16.11.2026, 18:00 (UTC+3)");
        assert_eq!(moment(Lang::En, at, &zone("Asia/Kolkata")), "2026-11-16, 20:30 (UTC+5:30)");
    }
}
