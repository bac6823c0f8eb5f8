//! An appeal as everybody sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::related::{AppealVersion, Chain, Involved, Similar};
use appeal_domain::{optional_fields, *};

macro_rules! card {
    (
        always { $($(#[$always:meta])* $a:ident: $A:ident,)* }
        sparse { $($(#[$sparse:meta])* $s:ident: $S:ident,)* }
    ) => {
        /// The full card of an appeal. What the reader may not see is not in it.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        pub struct Appeal {
            /// `YYYY-DDDDDDDDDD-C`, or `D-…` for a draft.
            pub number: String,
            pub status: Word<Status>,
            pub kind: Word<Kind>,
            /// Code of the category; empty for a draft that has none yet.
            pub category: String,
            pub subject: String,
            /// Absent in lists.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub text: Option<String>,
            pub priority: Word<Priority>,
            pub channel: Word<Channel>,
            $($(#[$always])*
            pub $a: Option<$A>,)*
            $($(#[$sparse])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $s: Option<$S>,)*
            /// Fields that the category asks for, and any other.
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
            /// Since when it has its status.
            pub status_since: Timestamp,
            /// When the decision is due.
            pub due_at: Option<Timestamp>,
            /// Past its due date and not final.
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
            /// The appeals that repeat this one.
            pub repeats: Vec<String>,
            /// The whole chain of repeats it belongs to; absent in lists, and where there is none.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub chain: Option<Chain>,
            pub merged_into: Option<String>,
            /// The appeals that were merged into this one. Only for the authority's people: they may be other people's.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub merged: Vec<String>,
            pub escalations: Vec<Escalation>,
            pub review: Option<Review>,
            pub participants: Vec<Participant>,
            /// Co-executors.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub involved: Vec<Involved>,
            /// Likely duplicates: in the card that is shown to the authority's people, and among one's own in the answer to a
            /// filing.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub similar: Vec<Similar>,
            /// Only with `show --journal`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub journal: Option<Vec<JournalEntry>>,
            /// Only with `show --versions`: what it said, version by version.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub versions: Option<Vec<AppealVersion>>,
            /// Grows by one with every change; the `ETag` is this number in quotes.
            pub version: i64,
        }

        impl Appeal {
            /// What it says.
            pub fn content(&self) -> Content {
                let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
                Content {
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
                }
            }
        }
    };
}
optional_fields!(card);

/// How to reach the applicant about an appeal, as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CardContacts {
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub preferred: Option<Word<ContactWay>>,
}

impl CardContacts {
    /// The contacts without a way of contact that is not known.
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

/// A person, as others see them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonRef {
    pub login: String,
    pub name: String,
}

/// An organization in whose name an appeal is filed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrganizationRef {
    pub inn: String,
    pub name: String,
}

/// A step that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deadline {
    pub kind: Word<DeadlineKind>,
    pub due_at: Timestamp,
    pub state: Word<DeadlineState>,
}

/// A file of an appeal, in its current version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal.
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

/// A comment. Internal ones are for the authority's people alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Comment {
    pub id: String,
    pub author: String,
    pub text: String,
    pub at: Timestamp,
    pub internal: bool,
    /// Id of the clarification request that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

/// An open request for clarification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Clarification {
    pub id: String,
    pub question: String,
    /// What is needed.
    pub needs: Vec<String>,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub due_at: Option<Timestamp>,
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
    /// Ids of its files among the appeal's attachments.
    pub attachments: Vec<String>,
}

/// A move to a higher level of review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Escalation {
    pub level: Word<Level>,
    pub grounds: Word<EscalationGrounds>,
    pub reason: String,
    /// Code of the department that looks at it.
    #[serde(default)]
    pub department: Option<String>,
    pub state: Word<EscalationState>,
    pub due_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
}

/// How an escalation ended.
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
    /// 1 to 5.
    pub score: u8,
    pub category: Option<Word<ReviewCategory>>,
    pub remarks: Option<String>,
    pub state: Word<ReviewState>,
    pub at: Timestamp,
    /// What was changed because of it.
    pub changes: Option<String>,
    /// When the revision was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised_at: Option<Timestamp>,
    /// Login of who revises, or has revised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Ids of the final documents among the appeal's attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// Somebody who takes part in an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Participant {
    pub login: String,
    pub role: Word<ParticipantRole>,
}

/// An entry of the journal, as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JournalEntry {
    /// From 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    /// Each changed field with its value before and after.
    #[schema(value_type = Object)]
    pub changes: Value,
    /// The chain's hash after this entry, hexadecimal.
    pub hash: String,
}

/// A link of the journal's chain, with what is needed to verify it. An entry that the reader may not see is
/// present by its digest alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JournalLink {
    pub seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub changes: Option<Value>,
    /// True for an entry that only the authority's people may read.
    #[serde(default)]
    pub internal: bool,
    /// Hexadecimal; keeps a hidden entry from being guessed by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    pub digest: String,
    pub hash: String,
}

/// The journal of one appeal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Journal {
    pub number: String,
    /// How many entries the appeal says it has.
    #[serde(default)]
    pub length: u64,
    /// The hash of the last of them, as the appeal itself has it: without it nobody would notice that the newest
    /// entries are gone.
    #[serde(default)]
    pub head: Option<String>,
    pub entries: Vec<JournalLink>,
}

/// A page of a list; the next one is named by `Link: rel="next"` and by `next`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Cursor of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
