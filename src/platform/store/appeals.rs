//! Rows of appeals.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::db::{Arg, Row, Tx};
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_api::{Appeal, OrganizationRef, PersonRef};
use appeal_domain::{optional_fields, *};

macro_rules! rows {
    ($($block:ident { $($(#[$meta:meta])* $name:ident: $type:ident,)* })*) => {
        /// A row of an appeal.
        #[derive(Debug, Clone, PartialEq)]
        pub struct AppealRow {
            pub id: String,
            pub number: String,
            /// The number it had as a draft, which remains valid.
            pub draft_number: Option<String>,
            pub status: Status,
            pub kind: Kind,
            /// Empty for a draft without a category.
            pub category: String,
            pub subject: String,
            pub text: String,
            pub priority: Priority,
            pub channel: Channel,
            $($(pub $name: Option<$type>,)*)*
            /// Code of the region, if it is known.
            pub region_code: Option<String>,
            pub fields: BTreeMap<String, String>,
            pub contacts: Contacts,
            pub applicant_id: String,
            /// INN of the organization.
            pub organization: Option<String>,
            pub department: Option<String>,
            pub responsible_id: Option<String>,
            pub created_at: Timestamp,
            pub updated_at: Timestamp,
            pub status_since: Timestamp,
            pub due_at: Option<Timestamp>,
            /// The status in which the open clarification request was made.
            pub asked_from: Option<Status>,
            /// Level of the pending escalation.
            pub escalated: Option<Level>,
            /// Whether there is an official answer.
            pub decided: bool,
            /// Number of the appeal it repeats.
            pub repeat_of: Option<String>,
            pub merged_into: Option<String>,
            pub version: i64,
            pub journal_seq: i64,
            pub journal_hash: Option<String>,
        }

        const COLUMNS: &[&str] = &[
            "id", "number", "draft_number", "status", "kind", "category", "subject", "text", "priority", "channel",
            $($(stringify!($name),)*)*
            "region_code", "fields", "contact_email", "contact_phone", "contact_preferred", "applicant_id", "organization",
            "department", "responsible_id", "created_at", "updated_at", "status_since", "due_at", "asked_from",
            "escalated", "decided", "repeat_of", "merged_into", "version", "journal_seq", "journal_hash",
        ];

        impl AppealRow {
            /// Creates a draft of this applicant with this content, without a number, not stored yet.
            pub fn new(applicant_id: &str, content: Content, now: Timestamp) -> Self {
                let Content {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts, organization,
                } = content;
                Self {
                    id: fresh_id(),
                    number: String::new(),
                    draft_number: None,
                    status: Status::Draft,
                    kind: kind.unwrap_or(Kind::Complaint),
                    category: category.unwrap_or_default(),
                    subject: subject.unwrap_or_default(),
                    text: text.unwrap_or_default(),
                    priority: priority.unwrap_or(Priority::Normal),
                    channel: Channel::Account,
                    $($($name,)*)*
                    region_code: None,
                    fields,
                    contacts: contacts.unwrap_or_default(),
                    applicant_id: applicant_id.to_owned(),
                    organization,
                    department: None,
                    responsible_id: None,
                    created_at: now,
                    updated_at: now,
                    status_since: now,
                    due_at: None,
                    asked_from: None,
                    escalated: None,
                    decided: false,
                    repeat_of: None,
                    merged_into: None,
                    version: 1,
                    journal_seq: 0,
                    journal_hash: None,
                }
            }

            /// Returns the content.
            pub fn content(&self) -> Content {
                let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
                Content {
                    subject: some(&self.subject),
                    text: some(&self.text),
                    kind: Some(self.kind),
                    category: some(&self.category),
                    priority: Some(self.priority),
                    $($($name: self.$name.clone(),)*)*
                    fields: self.fields.clone(),
                    contacts: Some(self.contacts.clone()),
                    organization: self.organization.clone(),
                }
            }

            /// Sets the content.
            pub fn say(&mut self, content: Content) {
                let Content {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts, organization,
                } = content;
                self.subject = subject.unwrap_or_default();
                self.text = text.unwrap_or_default();
                self.kind = kind.unwrap_or(self.kind);
                self.category = category.unwrap_or_default();
                self.priority = priority.unwrap_or(self.priority);
                $($(self.$name = $name;)*)*
                self.fields = fields;
                self.contacts = contacts.unwrap_or_default();
                self.organization = organization;
            }

            /// Converts to a card, without data from other tables.
            pub fn card(self, now: Timestamp) -> Appeal {
                let region_text = self.region.clone();
                let mut card = Appeal {
                    overdue: self.is_overdue(now),
                    number: self.number,
                    status: self.status.into(),
                    kind: self.kind.into(),
                    category: self.category,
                    subject: self.subject,
                    text: Some(self.text),
                    priority: self.priority.into(),
                    channel: self.channel.into(),
                    $($($name: self.$name,)*)*
                    region_text,
                    fields: self.fields,
                    contacts: self.contacts.into(),
                    applicant: PersonRef::default(),
                    organization: self.organization.map(|inn| OrganizationRef { inn, name: String::new() }),
                    department: self.department,
                    responsible: None,
                    created_at: self.created_at,
                    updated_at: self.updated_at,
                    status_since: self.status_since,
                    due_at: self.due_at,
                    due_on: None,
                    time_zone: None,
                    deadlines: Vec::new(),
                    attachments: Vec::new(),
                    comments: None,
                    clarification: None,
                    answers: None,
                    repeat_of: self.repeat_of,
                    repeats: Vec::new(),
                    chain: None,
                    merged_into: self.merged_into,
                    merged: Vec::new(),
                    escalations: Vec::new(),
                    review: None,
                    participants: Vec::new(),
                    involved: Vec::new(),
                    similar: Vec::new(),
                    journal: None,
                    versions: None,
                    version: self.version,
                };
                card.region = self.region_code;
                card
            }

            fn values(&self) -> Result<Vec<Arg>> {
                Ok(args![
                    &self.id,
                    &self.number,
                    self.draft_number.as_deref(),
                    self.status.as_str(),
                    self.kind.as_str(),
                    &self.category,
                    &self.subject,
                    &self.text,
                    self.priority.as_str(),
                    self.channel.as_str(),
                    $($(column(&self.$name)?,)*)*
                    self.region_code.as_deref(),
                    json_text(&self.fields)?,
                    self.contacts.email.as_deref(),
                    self.contacts.phone.as_deref(),
                    self.contacts.preferred.map(ContactWay::as_str),
                    &self.applicant_id,
                    self.organization.as_deref(),
                    self.department.as_deref(),
                    self.responsible_id.as_deref(),
                    self.created_at,
                    self.updated_at,
                    self.status_since,
                    self.due_at,
                    self.asked_from.map(Status::as_str),
                    self.escalated.map(Level::as_str),
                    self.decided,
                    self.repeat_of.as_deref(),
                    self.merged_into.as_deref(),
                    self.version,
                    self.journal_seq,
                    self.journal_hash.as_deref(),
                ])
            }
        }

        /// Reads a row selected with [`columns`].
        pub fn read(row: &Row) -> Result<AppealRow> {
            Ok(AppealRow {
                id: row.text("id")?,
                number: row.text("number")?,
                draft_number: row.text_opt("draft_number")?,
                status: row.word("status")?,
                kind: row.word("kind")?,
                category: row.text("category")?,
                subject: row.text("subject")?,
                text: row.text("text")?,
                priority: row.word("priority")?,
                channel: row.word("channel")?,
                $($($name: from_column(row.text_opt(stringify!($name))?)?,)*)*
                region_code: row.text_opt("region_code")?,
                fields: row.json("fields")?,
                contacts: Contacts {
                    email: row.text_opt("contact_email")?,
                    phone: row.text_opt("contact_phone")?,
                    preferred: row.word_opt("contact_preferred")?,
                },
                applicant_id: row.text("applicant_id")?,
                organization: row.text_opt("organization")?,
                department: row.text_opt("department")?,
                responsible_id: row.text_opt("responsible_id")?,
                created_at: row.time("created_at")?,
                updated_at: row.time("updated_at")?,
                status_since: row.time("status_since")?,
                due_at: row.time_opt("due_at")?,
                asked_from: row.word_opt("asked_from")?,
                escalated: row.word_opt("escalated")?,
                decided: row.flag("decided")?,
                repeat_of: row.text_opt("repeat_of")?,
                merged_into: row.text_opt("merged_into")?,
                version: row.int("version")?,
                journal_seq: row.int("journal_seq")?,
                journal_hash: row.text_opt("journal_hash")?,
            })
        }
    };
}
optional_fields!(rows);

fn column<T: Stored>(value: &Option<T>) -> Result<Option<String>> {
    value.as_ref().map(T::to_column).transpose().map_err(|e| Fault::Internal(e.to_string()))
}

fn from_column<T: Stored>(text: Option<String>) -> Result<Option<T>> {
    text.map(T::from_column).transpose().map_err(|e| Fault::Internal(e.to_string()))
}

/// Returns the columns of an appeal with an alias, for a SELECT; `text` only on request.
pub fn columns(alias: &str, text: bool) -> String {
    COLUMNS
        .iter()
        .map(|c| if *c == "text" && !text { "'' AS text".to_owned() } else { format!("{alias}.{c}") })
        .collect::<Vec<_>>()
        .join(", ")
}

fn json_text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Fault::Internal(e.to_string()))
}

impl AppealRow {
    /// Returns the state that the life-cycle table depends on.
    pub fn situation(&self) -> Situation {
        Situation {
            status: Some(self.status),
            escalated: self.escalated,
            asked_from: self.asked_from,
            decided: self.decided,
        }
    }

    /// Returns whether it is past its due date without a decision. While it waits for the applicant, the clock is
    /// stopped.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let counted_to = if self.status == Status::ClarificationRequired { self.status_since } else { now };
        self.status.is_undecided() && self.due_at.is_some_and(|due| due < counted_to)
    }
}

/// Returns the appeal with this number, or with this number as a draft.
pub async fn by_number(tx: &mut Tx, number: &AppealRef) -> Result<Option<AppealRow>> {
    let column = match number {
        AppealRef::Number(_) => "number",
        AppealRef::Draft(_) => "draft_number",
    };
    let sql = format!("SELECT {} FROM appeals a WHERE a.{column} = $1", columns("a", true));
    tx.first(&sql, args![number.to_string()]).await?.map(|row| read(&row)).transpose()
}

/// Returns the appeal with this id.
pub async fn by_id(tx: &mut Tx, id: &str) -> Result<Option<AppealRow>> {
    let sql = format!("SELECT {} FROM appeals a WHERE a.id = $1", columns("a", true));
    tx.first(&sql, args![id]).await?.map(|row| read(&row)).transpose()
}

/// Returns whether an appeal has or had this number.
pub async fn is_taken(tx: &mut Tx, number: &str) -> Result<bool> {
    let found =
        tx.first("SELECT 1 AS n FROM appeals WHERE number = $1 OR draft_number = $1", args![number]).await?;
    Ok(found.is_some())
}

/// Adds an appeal.
pub async fn insert(tx: &mut Tx, row: &AppealRow) -> Result<()> {
    let places: Vec<String> = (1..=COLUMNS.len()).map(|n| format!("${n}")).collect();
    let sql = format!("INSERT INTO appeals ({}) VALUES ({})", COLUMNS.join(", "), places.join(", "));
    tx.run(&sql, row.values()?).await?;
    Ok(())
}

/// Updates an appeal, if it still has the version that was read.
pub async fn update(tx: &mut Tx, row: &AppealRow, read_version: i64) -> Result<()> {
    let sets: Vec<String> =
        COLUMNS.iter().enumerate().skip(1).map(|(n, c)| format!("{c} = ${}", n + 1)).collect();
    let sql =
        format!("UPDATE appeals SET {} WHERE id = $1 AND version = ${}", sets.join(", "), COLUMNS.len() + 1);
    let mut values = row.values()?;
    values.push(Arg::from(read_version));
    match tx.run(&sql, values).await? {
        1 => Ok(()),
        _ => Err(Fault::Internal(format!("{} changed within a transaction", row.number))),
    }
}

/// Updates only the end of the journal's chain.
pub async fn set_journal(tx: &mut Tx, row: &AppealRow) -> Result<()> {
    tx.run(
        "UPDATE appeals SET journal_seq = $1, journal_hash = $2 WHERE id = $3",
        args![row.journal_seq, row.journal_hash.as_deref(), &row.id],
    )
    .await?;
    Ok(())
}

/// Deletes a draft with everything that belongs to it. Its files become recent uploads of the author again, and are
/// removed later unless they are attached to something.
pub async fn delete(tx: &mut Tx, row: &AppealRow, now: Timestamp) -> Result<()> {
    let id = row.id.as_str();
    tx.run(
        "INSERT INTO uploads (person_id, sha256, created_at) SELECT DISTINCT $1, v.sha256, $2 \
         FROM attachment_versions v JOIN attachments t ON t.id = v.attachment_id WHERE t.appeal_id = $3 \
         ON CONFLICT (person_id, sha256) DO UPDATE SET created_at = excluded.created_at",
        args![&row.applicant_id, now, id],
    )
    .await?;
    tx.run(
        "DELETE FROM attachment_versions WHERE attachment_id IN (SELECT id FROM attachments WHERE appeal_id = $1)",
        args![id],
    )
    .await?;
    for table in
        ["attachments", "deadlines", "deadline_pauses", "participants", "journal", "events", "search_terms"]
    {
        tx.run(&format!("DELETE FROM {table} WHERE appeal_id = $1"), args![id]).await?;
    }
    tx.run("DELETE FROM appeals WHERE id = $1", args![id]).await?;
    Ok(())
}

/// Returns `$n, $n+1, …` for an IN list, and its arguments, after `given` others.
pub fn in_list<'a>(given: usize, values: impl IntoIterator<Item = &'a str>) -> (String, Vec<Arg>) {
    let args: Vec<Arg> = values.into_iter().map(Arg::from).collect();
    let places: Vec<String> = (1..=args.len()).map(|n| format!("${}", given + n)).collect();
    (places.join(", "), args)
}
