//! An appeal as the API returns it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::related::{AppealVersion, Chain, Involved, Similar};
use appeal_domain::{optional_fields, *};

macro_rules! card {
    (
        always { $($(#[$always:meta])* $a:ident: $A:ident,)* }
        sparse { $($(#[$sparse:meta])* $s:ident: $S:ident,)* }
    ) => {
        /// An appeal in full. Fields that the caller may not see are omitted.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        pub struct Appeal {
            /// `YYYY-DDDDDDDDDD-C`, or `D-…` for a draft.
            pub number: String,
            pub status: Word<Status>,
            pub kind: Word<Kind>,
            /// Code of the category; empty for a draft without one.
            pub category: String,
            pub subject: String,
            /// Absent in lists.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub text: Option<String>,
            pub priority: Word<Priority>,
            pub channel: Word<Channel>,
            $($(#[$always])*
            pub $a: Option<$A>,)*
            /// The region as written.
            #[serde(default)]
            pub region_text: Option<String>,
            $($(#[$sparse])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $s: Option<$S>,)*
            /// Additional fields: those the category requires, and any others.
            pub fields: BTreeMap<String, String>,
            pub contacts: CardContacts,
            pub applicant: PersonRef,
            pub organization: Option<OrganizationRef>,
            /// Code of the responsible department.
            pub department: Option<String>,
            /// Login of the responsible operator.
            pub responsible: Option<String>,
            pub created_at: Timestamp,
            pub updated_at: Timestamp,
            /// When the appeal got its current status.
            pub status_since: Timestamp,
            /// When the decision is due.
            pub due_at: Option<Timestamp>,
            /// The day on which the decision is due, in `time_zone`.
            #[serde(default)]
            pub due_on: Option<Date>,
            /// IANA name of the time zone in which the due date was counted: that of the department.
            #[serde(default)]
            pub time_zone: Option<String>,
            /// Whether the appeal is past its due date and not in a final status.
            pub overdue: bool,
            pub deadlines: Vec<Deadline>,
            pub attachments: Vec<Attachment>,
            /// Absent in lists.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub comments: Option<Vec<Comment>>,
            /// The open clarification request.
            pub clarification: Option<Clarification>,
            /// Absent in lists.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub answers: Option<Vec<Answer>>,
            /// The appeal this one repeats.
            pub repeat_of: Option<String>,
            /// Appeals that repeat this one.
            pub repeats: Vec<String>,
            /// The chain of repeats this appeal belongs to; absent in lists, and if there is none.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub chain: Option<Chain>,
            pub merged_into: Option<String>,
            /// Appeals merged into this one. Visible to the authority's staff only, because they may belong to other
            /// applicants.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub merged: Vec<String>,
            pub escalations: Vec<Escalation>,
            pub review: Option<Review>,
            pub participants: Vec<Participant>,
            /// Co-executors.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub involved: Vec<Involved>,
            /// Likely duplicates: in the card shown to the authority's staff, and, among the applicant's own appeals,
            /// in the answer to a filing.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub similar: Vec<Similar>,
            /// Only with `show --journal`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub journal: Option<Vec<JournalEntry>>,
            /// Versions of the content; only with `show --versions`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub versions: Option<Vec<AppealVersion>>,
            /// Increases by one with every change; the `ETag` is this number in quotes.
            pub version: i64,
        }

        impl Appeal {
            /// Returns the content of the appeal.
            pub fn content(&self) -> Content {
                let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
                let mut content = Content {
                    subject: some(&self.subject),
                    text: self.text.as_ref().and_then(some),
                    kind: self.kind.known(),
                    category: some(&self.category),
                    priority: self.priority.known(),
                    $($a: self.$a.clone(),)*
                    $($s: self.$s.clone(),)*
                    fields: self.fields.clone(),
                    contacts: Some(self.contacts.known()),
                    organization: self.organization.as_ref().map(|organization| organization.inn.clone()),
                };
                // A platform of version 0.1 has no codes, and gives the text alone.
                content.region = self.region_text.clone().or(content.region);
                content
            }
        }
    };
}
optional_fields!(card);

/// Contacts of the applicant for an appeal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CardContacts {
    pub email: Option<String>,
    /// In E.164 format.
    pub phone: Option<String>,
    pub preferred: Option<Word<ContactWay>>,
}

impl CardContacts {
    /// Returns the contacts, without a preferred way of contact that this version does not know.
    pub fn known(&self) -> Contacts {
        let CardContacts { email, phone, preferred } = self.clone();
        Contacts { email, phone, preferred: preferred.and_then(|way| way.known()) }
    }
}

impl From<Contacts> for CardContacts {
    fn from(Contacts { email, phone, preferred }: Contacts) -> Self {
        CardContacts { email, phone, preferred: preferred.map(Into::into) }
    }
}

/// A person as shown to others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonRef {
    pub login: String,
    pub name: String,
}

/// The organization on whose behalf an appeal is filed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrganizationRef {
    pub inn: String,
    pub name: String,
}

/// A step with a due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deadline {
    pub kind: Word<DeadlineKind>,
    pub due_at: Timestamp,
    /// The day of `due_at` in the time zone in which it was counted; midnight ends the day before.
    #[serde(default)]
    pub due_on: Option<Date>,
    pub state: Word<DeadlineState>,
}

/// The current version of a file of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// Hexadecimal SHA-256 digest.
    pub sha256: String,
    /// From 1.
    pub version: u32,
    pub added_at: Timestamp,
    pub added_by: String,
}

/// One version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileVersion {
    pub version: u32,
    pub name: String,
    pub size: u64,
    pub sha256: String,
    pub added_at: Timestamp,
    pub added_by: String,
}

/// A comment. Internal comments are visible to the authority's staff only.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Comment {
    pub id: String,
    pub author: String,
    pub text: String,
    pub at: Timestamp,
    pub internal: bool,
    /// Id of the clarification request that the comment answers.
    pub reply_to: Option<String>,
}

/// An open clarification request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Clarification {
    pub id: String,
    pub question: String,
    /// Items the applicant should provide.
    pub needs: Vec<String>,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub due_at: Option<Timestamp>,
    /// The day of `due_at` in the time zone of the appeal.
    #[serde(default)]
    pub due_on: Option<Date>,
}

/// An official answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    pub id: String,
    pub decision: Word<Decision>,
    pub text: String,
    /// Name of the signing official.
    pub signed_by: String,
    pub at: Timestamp,
    /// Ids of the answer's files among the attachments of the appeal.
    pub attachments: Vec<String>,
}

/// An escalation to a higher level of review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Escalation {
    pub level: Word<Level>,
    pub grounds: Word<EscalationGrounds>,
    pub reason: String,
    /// Code of the department that reviews it.
    #[serde(default)]
    pub department: Option<String>,
    pub state: Word<EscalationState>,
    pub due_at: Option<Timestamp>,
    /// The day of `due_at` in the time zone of the appeal.
    #[serde(default)]
    pub due_on: Option<Date>,
    pub outcome: Option<Outcome>,
}

/// The outcome of an escalation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Outcome {
    pub result: Word<EscalationState>,
    pub text: String,
    pub at: Timestamp,
    pub by: String,
}

/// The applicant's review of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Review {
    /// From 1 to 5.
    pub score: u8,
    pub category: Option<Word<ReviewCategory>>,
    pub remarks: Option<String>,
    pub state: Word<ReviewState>,
    pub at: Timestamp,
    /// What was changed because of the review.
    pub changes: Option<String>,
    /// When the revision was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised_at: Option<Timestamp>,
    /// Login of the person who makes or made the revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Ids of the final documents among the attachments of the appeal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// A person with access to an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Participant {
    pub login: String,
    pub role: Word<ParticipantRole>,
}

/// An entry of an appeal's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JournalEntry {
    /// From 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    /// Values before and after, for each changed field.
    #[schema(value_type = Object)]
    pub changes: Value,
    /// Hexadecimal hash of the chain up to and including this entry.
    pub hash: String,
}

/// A link of the journal's hash chain, with the data needed to verify it. An entry that the caller may not read is
/// represented by its digest only.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JournalLink {
    pub seq: u64,
    pub at: Option<Timestamp>,
    pub actor: Option<String>,
    pub action: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub changes: Option<Value>,
    /// Whether only the authority's staff may read the entry.
    #[serde(default)]
    pub internal: bool,
    /// Hexadecimal salt; prevents guessing a hidden entry from its digest.
    pub salt: Option<String>,
    pub digest: String,
    pub hash: String,
}

/// The journal of an appeal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Journal {
    pub number: String,
    /// IANA name of the department's time zone, in which deadlines are counted.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Number of entries according to the appeal.
    #[serde(default)]
    pub length: u64,
    /// Hash of the last entry according to the appeal. Without it, removal of the newest entries would go unnoticed.
    #[serde(default)]
    pub head: Option<String>,
    pub entries: Vec<JournalLink>,
}

/// A page of a list. `next` and the header `Link: rel="next"` refer to the next page.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Cursor of the next page; absent on the last one.
    pub next: Option<String>,
}
