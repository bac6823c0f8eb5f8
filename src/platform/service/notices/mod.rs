//! Notifications (N4): every published change of an appeal adds messages to the outbox, in the transaction of the
//! change, for everyone affected who may see it.

mod next;
mod own;
mod side;
mod words;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use own::by_default;
pub use own::{edit_settings, list, read, settings};

use super::timing;
use crate::fault::Result;
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use crate::store::events::NewEvent;
use crate::store::notices::{self, Audience, Circle, Reader};
use crate::store::outbox::{self, NewMessage};
use crate::store::{catalogue, deadlines};
use appeal_domain::*;
use appeal_i18n::Lang;
use side::Side;
use words::{NoticeFacts, Occasion};

/// The date in a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Date {
    None,
    /// The due date of the appeal.
    Decision,
    Clarification,
    Confirmation,
}

/// Returns the kind of the notification of an event, and the date it contains.
fn plan(event: &NewEvent<'_>, escalated: bool, audience: Audience) -> (NoticeKind, Date) {
    use Event::*;
    let act = |must: bool| if must { NoticeKind::Demand } else { NoticeKind::Status };
    match audience {
        Audience::Owner | Audience::Participant(_) => {
            let speaks =
                matches!(audience, Audience::Owner | Audience::Participant(ParticipantRole::Represent));
            match event.event {
                Asked => (act(speaks), Date::Clarification),
                given if given.decides() => {
                    (act(speaks && event.status == Status::AwaitingConfirmation), Date::Confirmation)
                }
                filed if filed.files() => (NoticeKind::Status, Date::Decision),
                Taken | Replied | ReplyExpired | Redirected | Returned | Disputed | Escalated | Extended
                | DeadlineMoved => (NoticeKind::Status, Date::Decision),
                _ => (NoticeKind::Status, Date::None),
            }
        }
        Audience::Responsible => match event.event {
            Assigned | Redirected | Returned | Disputed | Replied | ReplyExpired => {
                (act(!escalated), Date::Decision)
            }
            filed if filed.files() => (NoticeKind::Demand, Date::Decision),
            Extended | DeadlineMoved => (NoticeKind::Status, Date::Decision),
            _ => (NoticeKind::Status, Date::None),
        },
        Audience::Involved if matches!(event.event, Extended | Redirected | Returned) => {
            (NoticeKind::Status, Date::Decision)
        }
        Audience::Former | Audience::Involved => (NoticeKind::Status, Date::None),
        Audience::Supervisor => match event.event {
            Escalated | Replied | ReplyExpired => (NoticeKind::Demand, Date::Decision),
            _ => (NoticeKind::Status, Date::None),
        },
    }
}

/// Notifies everyone affected by an event except the actor; `former` is the id of the previously responsible operator.
pub async fn tell(tx: &mut Tx, row: &AppealRow, former: Option<&str>, event: &NewEvent<'_>) -> Result<()> {
    // Drafts cause no notifications.
    if event.status == Status::Draft {
        return Ok(());
    }
    let who = Circle {
        applicants: !event.internal,
        responsible: true,
        former,
        involved: true,
        supervisors: row.escalated,
    };
    let mut readers = notices::circle(tx, row, who).await?;
    let filed = event.event.files();
    readers.retain(|(audience, reader)| {
        reader.login != event.actor || filed && *audience == Audience::Owner && reader.id == row.applicant_id
    });
    if readers.is_empty() {
        return Ok(());
    }
    let escalated = row.escalated.is_some();
    let plans: Vec<(NoticeKind, Date)> =
        readers.iter().map(|(audience, _)| plan(event, escalated, *audience)).collect();
    let dates = dates(tx, row, event, &plans).await?;
    let zone = timing::due_zone(tx, row).await?;
    let detail = titled(tx, event.detail.clone()).await?;
    let mut letters = Letters::new(row, event.at, None);
    for ((audience, reader), (kind, date)) in readers.iter().zip(plans) {
        let due = match date {
            Date::None => None,
            Date::Decision => row.due_at,
            Date::Clarification => dates.0,
            Date::Confirmation => dates.1,
        };
        let facts = NoticeFacts {
            occasion: Occasion::Event(event.event),
            status: event.status,
            actor: event.actor,
            detail: &detail,
            due,
            next: None,
        };
        letters.add(*audience, reader, kind, &facts, &zone);
    }
    letters.post(tx).await
}

/// Adds the titles of the departments to the values of an event that contain their codes.
async fn titled(tx: &mut Tx, mut detail: Value) -> Result<Value> {
    for name in ["department", "who"] {
        let Some(code) = detail[name].as_str() else { continue };
        if let Some(department) = catalogue::department(tx, code).await? {
            detail[format!("{name}_title")] = json!({ "en": department.title.en, "ru": department.title.ru });
        }
    }
    Ok(detail)
}

/// Returns the due dates of the reply and of the confirmation, if a notification contains them.
async fn dates(
    tx: &mut Tx,
    row: &AppealRow,
    event: &NewEvent<'_>,
    plans: &[(NoticeKind, Date)],
) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let wanted = |date: Date| plans.iter().any(|(_, d)| *d == date);
    let reply = event.detail["due_at"].as_str().and_then(|at| at.parse().ok());
    if !wanted(Date::Confirmation) {
        return Ok((reply, None));
    }
    let confirmation = deadlines::of(tx, &[&row.id])
        .await?
        .iter()
        .find(|d| d.kind == DeadlineKind::Confirmation && d.met_at.is_none())
        .map(|d| d.due_at);
    Ok((reply, confirmation))
}

/// A stage of a deadline with a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder<'a> {
    pub kind: DeadlineKind,
    pub due_at: Timestamp,
    /// `before`, `due` or `passed`.
    pub stage: &'a str,
}

/// Reminds those who must keep a deadline and, if it has passed, those who must know.
pub async fn remind(tx: &mut Tx, row: &AppealRow, reminder: Reminder<'_>, now: Timestamp) -> Result<()> {
    let of_applicant = matches!(reminder.kind, DeadlineKind::Clarification | DeadlineKind::Confirmation);
    let passed = reminder.stage == "passed";
    let level = match row.escalated {
        Some(level) => Some(level),
        None => passed.then_some(Level::Senior),
    };
    let who = Circle {
        // Redirection is between departments.
        applicants: of_applicant || passed && reminder.kind != DeadlineKind::Redirection,
        responsible: !of_applicant && !passed && row.escalated.is_none(),
        former: None,
        involved: false,
        supervisors: level.filter(|_| !of_applicant),
    };
    let mut readers = notices::circle(tx, row, who).await?;
    readers.retain(|(audience, _)| match audience {
        // Viewers have no deadlines.
        Audience::Participant(role) => *role == ParticipantRole::Represent,
        _ => true,
    });
    let zone = timing::due_zone(tx, row).await?;
    let detail = titled(
        tx,
        json!({
            "deadline": reminder.kind.as_str(),
            "stage": reminder.stage,
            "department": row.department,
            "answer_due": row.due_at.map(|at| zones::due_in(at, &zone)),
            // Those not otherwise involved learn that the appeal is late, but not its subject.
            "discreet": row.escalated.is_none(),
        }),
    )
    .await?;
    let expires = (reminder.stage == "before").then_some(reminder.due_at);
    let mut letters = Letters::new(row, now, expires);
    for (audience, reader) in &readers {
        let discreet = row.escalated.is_none() && *audience == Audience::Supervisor;
        let next = if discreet {
            None
        } else {
            next::next(tx, row, reminder.kind, Side::of(*audience), now).await?
        };
        let facts = NoticeFacts {
            occasion: Occasion::Reminder,
            status: row.status,
            actor: crate::caller::PLATFORM,
            detail: &detail,
            due: Some(reminder.due_at),
            next,
        };
        letters.add(*audience, reader, NoticeKind::Control, &facts, &zone);
    }
    letters.post(tx).await
}

/// Messages about one appeal, being built.
struct Letters<'a> {
    row: &'a AppealRow,
    at: Timestamp,
    expires: Option<Timestamp>,
    /// Texts by language, side and kind, because many recipients get the same text.
    texts: HashMap<(Lang, Side, NoticeKind), words::Text>,
    letters: Vec<Letter>,
}

struct Letter {
    person_id: String,
    kind: NoticeKind,
    text: (Lang, Side, NoticeKind),
    body: Value,
    ways: Vec<(MessageChannel, String)>,
}

impl<'a> Letters<'a> {
    fn new(row: &'a AppealRow, at: Timestamp, expires: Option<Timestamp>) -> Letters<'a> {
        Letters { row, at, expires, texts: HashMap::new(), letters: Vec::new() }
    }

    fn add(
        &mut self,
        audience: Audience,
        reader: &Reader,
        kind: NoticeKind,
        facts: &NoticeFacts<'_>,
        zone: &TimeZone,
    ) {
        let lang = reader.wishes.lang.unwrap_or(Lang::Ru);
        let key = (lang, Side::of(audience), kind);
        let row = self.row;
        let text = self.texts.entry(key).or_insert_with(|| words::text(lang, key.1, kind, row, facts, zone));
        let body = json!({
            "event": facts.occasion.as_str(),
            "kind": kind,
            "number": row.number,
            "status": facts.status,
            "due_at": facts.due,
            "due_on": facts.due.map(|at| zones::due_on(at, zone)),
            "time_zone": facts.due.and(zone.iana_name()),
            "at": self.at,
            "subject": text.subject,
            "text": text.short,
        });
        let ways = ways(audience, reader, row, kind, facts.due, self.at);
        self.letters.push(Letter { person_id: reader.id.clone(), kind, text: key, body, ways });
    }

    /// Adds the messages to the outbox: each to the account, and from there to its other channels.
    async fn post(self, tx: &mut Tx) -> Result<()> {
        let mut messages: Vec<(NewMessage<'_>, Option<usize>)> = Vec::with_capacity(self.letters.len() * 2);
        for letter in &self.letters {
            let Some(text) = self.texts.get(&letter.text) else { continue };
            let message = NewMessage {
                person_id: &letter.person_id,
                appeal_id: Some(&self.row.id),
                channel: MessageChannel::Account,
                kind: letter.kind,
                address: None,
                subject: &text.subject,
                text: &text.long,
                body: letter.body.clone(),
                at: self.at,
                expires_at: None,
            };
            let own = messages.len();
            messages.push((message.clone(), None));
            for (channel, address) in &letter.ways {
                let text = if *channel == MessageChannel::Sms { &text.short } else { &text.long };
                let address = Some(address.as_str());
                let carried = NewMessage {
                    channel: *channel,
                    address,
                    text,
                    expires_at: self.expires,
                    ..message.clone()
                };
                messages.push((carried, Some(own)));
            }
        }
        if !messages.is_empty() {
            outbox::put_all(tx, &messages).await?;
        }
        Ok(())
    }
}

/// Returns the channels, with addresses, by which a notification is sent outside the account. Without settings of the
/// person, the preferred way of contact decides; for their own appeal, its contacts take precedence.
fn ways(
    audience: Audience,
    reader: &Reader,
    row: &AppealRow,
    kind: NoticeKind,
    due: Option<Timestamp>,
    now: Timestamp,
) -> Vec<(MessageChannel, String)> {
    let wishes = &reader.wishes;
    let passes = reader.state != AccountState::Blocked
        && (wishes.kinds.is_empty() || wishes.kinds.contains(&kind))
        && (wishes.appeal_kinds.is_empty() || wishes.appeal_kinds.contains(&row.kind))
        && (wishes.priorities.is_empty() || wishes.priorities.contains(&row.priority))
        && match (kind, wishes.due_within, due) {
            (NoticeKind::Control, Some(within), Some(due)) => due.duration_since(now).as_secs() <= within,
            _ => true,
        };
    if !passes {
        return Vec::new();
    }
    let own = audience == Audience::Owner && reader.id == row.applicant_id;
    let preferred = row.contacts.preferred.filter(|_| own).or(reader.preferred);
    let (by_email, by_sms) = by_default(preferred);
    let email = row.contacts.email.as_ref().filter(|_| own).or(reader.email.as_ref());
    let phone = row.contacts.phone.as_ref().filter(|_| own).or(reader.phone.as_ref());
    let mut ways = Vec::new();
    if let Some(email) = email.filter(|_| wishes.email.unwrap_or(by_email)) {
        ways.push((MessageChannel::Email, email.clone()));
    }
    if let Some(phone) = phone.filter(|_| wishes.sms.unwrap_or(by_sms)) {
        ways.push((MessageChannel::Sms, phone.clone()));
    }
    if let (Some(url), Some(_)) = (&wishes.push_url, &wishes.push_secret) {
        ways.push((MessageChannel::Push, url.clone()));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event: Event, status: Status) -> NewEvent<'static> {
        NewEvent {
            appeal_id: "a",
            at: Timestamp::UNIX_EPOCH,
            event,
            status,
            actor: "x",
            detail: Value::Null,
            internal: false,
        }
    }

    #[test]
    fn a_demand_goes_to_those_who_must_act() {
        let view = Audience::Participant(ParticipantRole::View);
        let represent = Audience::Participant(ParticipantRole::Represent);
        let kind = |name, status, escalated, audience| plan(&event(name, status), escalated, audience).0;
        let asked = |audience| kind(Event::Asked, Status::ClarificationRequired, false, audience);
        assert_eq!(asked(Audience::Owner), NoticeKind::Demand);
        assert_eq!(asked(represent), NoticeKind::Demand);
        assert_eq!(asked(view), NoticeKind::Status);
        let answered = |status| kind(Event::Answered, status, false, Audience::Owner);
        assert_eq!(answered(Status::AwaitingConfirmation), NoticeKind::Demand);
        assert_eq!(answered(Status::Answered), NoticeKind::Status);
        let replied = |escalated, audience| kind(Event::Replied, Status::InProgress, escalated, audience);
        assert_eq!(replied(false, Audience::Responsible), NoticeKind::Demand);
        assert_eq!(replied(true, Audience::Responsible), NoticeKind::Status);
        assert_eq!(replied(true, Audience::Supervisor), NoticeKind::Demand);
    }
}
