//! Notifications (N4): recipients, settings, and stored notifications.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::appeals::{AppealRow, in_list};
use super::db::{Arg, Row, Tx};
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{Delivery, Notice, Try};
use appeal_domain::*;
use appeal_i18n::Lang;

/// The relation of a recipient to an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Filed it, or files for its organization.
    Owner,
    /// Has it shared with them.
    Participant(ParticipantRole),
    /// The responsible operator.
    Responsible,
    /// The operator who was responsible until this change.
    Former,
    /// A co-executor, or an operator of a department that is one.
    Involved,
    /// Supervises its level, or the level that is informed of overdue appeals.
    Supervisor,
}

impl Audience {
    const fn rank(self) -> u8 {
        match self {
            Audience::Owner => 0,
            Audience::Participant(_) => 1,
            Audience::Responsible => 2,
            Audience::Former => 3,
            Audience::Involved => 4,
            Audience::Supervisor => 5,
        }
    }
}

/// Notification settings of a person. By default: in Russian, by the preferred way of contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    pub lang: Option<Lang>,
    pub email: Option<bool>,
    pub sms: Option<bool>,
    pub push_url: Option<String>,
    pub push_secret: Option<String>,
    pub kinds: Vec<NoticeKind>,
    pub appeal_kinds: Vec<Kind>,
    pub priorities: Vec<Priority>,
    pub due_within: Option<i64>,
}

/// A person with the data that determines how to reach them.
#[derive(Debug, Clone)]
pub struct Reader {
    pub id: String,
    pub login: String,
    pub state: AccountState,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
    pub wishes: Wishes,
}

const READER: &str = "p.id, p.login, p.state, p.email, p.phone, p.preferred, s.lang, s.email AS by_email, \
                      s.sms AS by_sms, s.push_url, s.push_secret, s.kinds, s.appeal_kinds, s.priorities, s.due_within";

fn reader(row: &Row) -> Result<Reader> {
    let list = |column: &str| -> Result<Value> {
        Ok(row
            .text_opt(column)?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or(Value::Array(vec![])))
    };
    fn read<T: serde::de::DeserializeOwned>(value: Value) -> Vec<T> {
        serde_json::from_value(value).unwrap_or_default()
    }
    Ok(Reader {
        id: row.text("id")?,
        login: row.text("login")?,
        state: row.word("state")?,
        email: row.text_opt("email")?,
        phone: row.text_opt("phone")?,
        preferred: row.word_opt("preferred")?,
        wishes: Wishes {
            lang: row.text_opt("lang")?.map(|lang| Lang::of(&lang)),
            email: row.int_opt("by_email")?.map(|v| v != 0),
            sms: row.int_opt("by_sms")?.map(|v| v != 0),
            push_url: row.text_opt("push_url")?,
            push_secret: row.text_opt("push_secret")?,
            kinds: read(list("kinds")?),
            appeal_kinds: read(list("appeal_kinds")?),
            priorities: read(list("priorities")?),
            due_within: row.int_opt("due_within")?,
        },
    })
}

/// The groups of recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circle<'a> {
    /// Owners and participants.
    pub applicants: bool,
    pub responsible: bool,
    /// The previously responsible operator, by id.
    pub former: Option<&'a str>,
    /// Co-executors.
    pub involved: bool,
    /// Supervisors of this level.
    pub supervisors: Option<Level>,
}

/// Returns the recipients with their relation to the appeal; a person with several gets the first one.
pub async fn circle(tx: &mut Tx, row: &AppealRow, circle: Circle<'_>) -> Result<Vec<(Audience, Reader)>> {
    let mut args: Vec<Arg> = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    let mut bind = |value: &str| {
        args.push(Arg::from(value));
        format!("${}", args.len())
    };
    if circle.applicants {
        let applicant = bind(&row.applicant_id);
        parts.push(format!("SELECT {applicant} AS person, 'owner' AS audience, '' AS part"));
        if let Some(inn) = &row.organization {
            let inn = bind(inn);
            parts.push(format!("SELECT person_id AS person, 'owner' AS audience, '' AS part FROM representatives WHERE inn = {inn}"));
        }
        let appeal = bind(&row.id);
        parts.push(format!(
            "SELECT person_id AS person, 'participant' AS audience, role AS part FROM participants \
             WHERE appeal_id = {appeal}"
        ));
    }
    if circle.responsible
        && let (Some(responsible), Some(department)) = (&row.responsible_id, &row.department)
    {
        let (responsible, department) = (bind(responsible), bind(department));
        parts.push(format!(
            "SELECT person_id AS person, 'responsible' AS audience, '' AS part FROM department_operators \
             WHERE person_id = {responsible} AND department = {department}"
        ));
    }
    if let Some(former) = circle.former {
        let former = bind(former);
        parts.push(format!("SELECT {former} AS person, 'former' AS audience, '' AS part"));
    }
    if circle.involved {
        let appeal = bind(&row.id);
        parts.push(format!(
            "SELECT c.subject AS person, 'involved' AS audience, '' AS part FROM co_executors c \
             WHERE c.appeal_id = {appeal} AND c.kind = 'expert' \
             UNION ALL SELECT o.person_id AS person, 'involved' AS audience, '' AS part FROM co_executors c \
             JOIN department_operators o ON o.department = c.subject \
             JOIN people q ON q.id = o.person_id AND q.role = 'operator' \
             WHERE c.appeal_id = {appeal} AND c.kind = 'department'"
        ));
    }
    if let Some(level) = circle.supervisors {
        let level = bind(&format!("%\"{level}\"%"));
        parts.push(format!(
            "SELECT id AS person, 'supervisor' AS audience, '' AS part FROM people \
             WHERE role = 'supervisor' AND levels LIKE {level}"
        ));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT x.audience, x.part, {READER} FROM ({}) x JOIN people p ON p.id = x.person \
         LEFT JOIN notice_settings s ON s.person_id = p.id",
        parts.join(" UNION ALL ")
    );
    let mut found: Vec<(Audience, Reader)> = Vec::new();
    for row in tx.all(&sql, args).await? {
        let audience = match row.text("audience")?.as_str() {
            "owner" => Audience::Owner,
            "participant" => Audience::Participant(row.word("part")?),
            "responsible" => Audience::Responsible,
            "former" => Audience::Former,
            "involved" => Audience::Involved,
            _ => Audience::Supervisor,
        };
        found.push((audience, reader(&row)?));
    }
    found.sort_by_key(|(audience, _)| audience.rank());
    let mut known: Vec<String> = Vec::with_capacity(found.len());
    found.retain(|(_, reader)| {
        let first = !known.contains(&reader.id);
        if first {
            known.push(reader.id.clone());
        }
        first
    });
    Ok(found)
}

/// Returns a person, for reading or changing their settings.
pub async fn reader_of(tx: &mut Tx, person_id: &str) -> Result<Reader> {
    let sql = format!(
        "SELECT {READER} FROM people p LEFT JOIN notice_settings s ON s.person_id = p.id WHERE p.id = $1"
    );
    reader(&tx.one(&sql, args![person_id]).await?)
}

/// Stores the settings of a person.
pub async fn keep(tx: &mut Tx, person_id: &str, wishes: &Wishes) -> Result<()> {
    let list = |value: serde_json::Result<String>| value.map_err(|e| Fault::Internal(e.to_string()));
    tx.run(
        "INSERT INTO notice_settings (person_id, lang, email, sms, push_url, push_secret, kinds, appeal_kinds, \
         priorities, due_within) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (person_id) DO UPDATE SET lang = excluded.lang, email = excluded.email, sms = excluded.sms, \
         push_url = excluded.push_url, push_secret = excluded.push_secret, kinds = excluded.kinds, \
         appeal_kinds = excluded.appeal_kinds, priorities = excluded.priorities, due_within = excluded.due_within",
        args![
            person_id,
            wishes.lang.unwrap_or(Lang::Ru).as_str(),
            wishes.email,
            wishes.sms,
            wishes.push_url.as_deref(),
            wishes.push_secret.as_deref(),
            list(serde_json::to_string(&wishes.kinds))?,
            list(serde_json::to_string(&wishes.appeal_kinds))?,
            list(serde_json::to_string(&wishes.priorities))?,
            wishes.due_within,
        ],
    )
    .await?;
    Ok(())
}

/// Filters of a person's notifications.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub unread: bool,
    pub kinds: Vec<NoticeKind>,
    pub since: Option<Timestamp>,
    pub number: Option<String>,
    /// The last one of the previous page.
    pub after: Option<(Timestamp, String)>,
    pub limit: u32,
}

/// Returns a page of notifications, newest first, and whether there are more.
pub async fn page(tx: &mut Tx, person_id: &str, filter: &Filter) -> Result<(Vec<Notice>, bool)> {
    let mut args = args![person_id];
    let mut bind = |value: Arg| {
        args.push(value);
        format!("${}", args.len())
    };
    let mut sql = "SELECT m.id, m.created_at, m.kind, m.subject, m.text, m.body, m.read_at, a.number \
                   FROM messages m LEFT JOIN appeals a ON a.id = m.appeal_id \
                   WHERE m.person_id = $1 AND m.channel = 'account' AND m.kind <> 'code'"
        .to_owned();
    if filter.unread {
        sql.push_str(" AND m.read_at IS NULL");
    }
    if !filter.kinds.is_empty() {
        let places: Vec<String> = filter.kinds.iter().map(|k| bind(Arg::from(k.as_str()))).collect();
        sql.push_str(&format!(" AND m.kind IN ({})", places.join(", ")));
    }
    if let Some(since) = filter.since {
        sql.push_str(&format!(" AND m.created_at >= {}", bind(Arg::from(since))));
    }
    if let Some(number) = &filter.number {
        sql.push_str(&format!(" AND a.number = {}", bind(Arg::from(number))));
    }
    if let Some((at, id)) = &filter.after {
        let (at, id) = (bind(Arg::from(*at)), bind(Arg::from(id)));
        sql.push_str(&format!(" AND (m.created_at, m.id) < ({at}, {id})"));
    }
    let limit = bind(Arg::from(i64::from(filter.limit) + 1));
    sql.push_str(&format!(" ORDER BY m.created_at DESC, m.id DESC LIMIT {limit}"));
    let mut rows = tx.all(&sql, args).await?;
    let more = rows.len() > filter.limit as usize;
    rows.truncate(filter.limit as usize);
    let ids: Vec<String> = rows.iter().map(|r| r.text("id")).collect::<std::result::Result<_, _>>()?;
    let mut deliveries = deliveries(tx, &ids).await?;
    let items = rows
        .iter()
        .map(|row| {
            let body: Value = row.json("body")?;
            let id = row.text("id")?;
            Ok(Notice {
                at: row.time("created_at")?,
                kind: row.word::<NoticeKind>("kind")?.into(),
                event: body["event"].as_str().unwrap_or_default().to_owned(),
                number: row.text_opt("number")?,
                subject: row.text("subject")?,
                text: row.text("text")?,
                due_at: body["due_at"].as_str().and_then(|at| at.parse().ok()),
                due_on: body["due_on"].as_str().and_then(|day| day.parse().ok()),
                time_zone: body["time_zone"].as_str().map(str::to_owned),
                read_at: row.time_opt("read_at")?,
                deliveries: deliveries.remove(&id).unwrap_or_default(),
                id,
            })
        })
        .collect::<Result<_>>()?;
    Ok((items, more))
}

/// Returns the deliveries of these notifications outside the account.
async fn deliveries(tx: &mut Tx, notices: &[String]) -> Result<HashMap<String, Vec<Delivery>>> {
    let mut found: HashMap<String, Vec<Delivery>> = HashMap::new();
    if notices.is_empty() {
        return Ok(found);
    }
    let (places, args) = in_list(0, notices.iter().map(String::as_str));
    let sql = format!(
        "SELECT d.message_id, d.attempt, d.at, d.outcome, d.detail FROM deliveries d \
         JOIN messages m ON m.id = d.message_id WHERE m.notice_id IN ({places}) ORDER BY d.message_id, d.attempt"
    );
    let mut tries: HashMap<String, Vec<Try>> = HashMap::new();
    for row in tx.all(&sql, args.clone()).await? {
        tries.entry(row.text("message_id")?).or_default().push(Try {
            attempt: row.int("attempt")?,
            at: row.time("at")?,
            outcome: row.word::<DeliveryState>("outcome")?.into(),
            detail: row.text_opt("detail")?,
        });
    }
    let sql = format!(
        "SELECT id, notice_id, channel, address, state, attempts, next_at, delivered_at FROM messages \
         WHERE notice_id IN ({places}) ORDER BY notice_id, id"
    );
    for row in tx.all(&sql, args).await? {
        let id = row.text("id")?;
        let tries = tries.remove(&id).unwrap_or_default();
        let last = tries.last();
        let state = match row.text("state")?.as_str() {
            "delivered" => DeliveryState::Delivered,
            "failed" => DeliveryState::Failed,
            _ if last.is_some_and(|t| t.outcome == DeliveryState::Unknown) => DeliveryState::Unknown,
            _ => DeliveryState::Pending,
        };
        let error = last.filter(|t| t.outcome != DeliveryState::Delivered).and_then(|t| t.detail.clone());
        found.entry(row.text("notice_id")?).or_default().push(Delivery {
            id,
            channel: row.word::<MessageChannel>("channel")?.into(),
            address: row.text_opt("address")?,
            state: state.into(),
            attempts: row.int("attempts")?,
            delivered_at: row.time_opt("delivered_at")?,
            next_at: row.time_opt("next_at")?,
            error: error.filter(|_| state != DeliveryState::Delivered),
            tries,
        });
    }
    Ok(found)
}

/// Marks notifications of a person as read, all if no ids are given; returns how many were unread.
pub async fn read(tx: &mut Tx, person_id: &str, ids: Option<&[String]>, now: Timestamp) -> Result<u64> {
    let mut sql = "UPDATE messages SET read_at = $1 WHERE person_id = $2 AND read_at IS NULL \
                   AND channel = 'account'"
        .to_owned();
    let mut args = args![now, person_id];
    if let Some(ids) = ids {
        let (places, more) = in_list(args.len(), ids.iter().map(String::as_str));
        sql.push_str(&format!(" AND id IN ({places})"));
        args.extend(more);
    }
    Ok(tx.run(&sql, args).await?)
}

/// Returns the ids that are not notifications of this person.
pub async fn strange(tx: &mut Tx, person_id: &str, ids: &[String]) -> Result<Vec<String>> {
    let (places, mut args) = in_list(0, ids.iter().map(String::as_str));
    args.push(Arg::from(person_id));
    let sql = format!(
        "SELECT id FROM messages WHERE id IN ({places}) AND person_id = ${} AND channel = 'account' \
         AND kind <> 'code'",
        args.len()
    );
    let rows = tx.all(&sql, args).await?;
    let known: Vec<String> = rows.iter().map(|r| r.text("id")).collect::<std::result::Result<_, _>>()?;
    Ok(ids.iter().filter(|id| !known.contains(id)).cloned().collect())
}
