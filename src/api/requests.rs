//! What a client asks for: bodies and query parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::appeal::Appeal;
use super::problem::ApiFinding;
use super::related::Similar;
use appeal_domain::{optional_fields, *};

/// A file that was uploaded before, named in the request it belongs to (uploads first).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Hexadecimal digest of the uploaded bytes.
    pub sha256: String,
    /// The name it gets in the appeal.
    pub name: String,
    /// Code of the category's document that this file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

macro_rules! requests {
    ($($block:ident { $($(#[$meta:meta])* $name:ident: $type:ident,)* })*) => {
        /// A new appeal, or a draft of one. Everything but the text and the subject has a default.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct NewAppeal {
            pub subject: String,
            pub text: String,
            /// `complaint` unless given.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub kind: Option<Kind>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub category: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub priority: Option<Priority>,
            $($($(#[$meta])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $name: Option<$type>,)*)*
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub fields: BTreeMap<String, String>,
            /// Taken from the profile where absent.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub contacts: Option<Contacts>,
            /// INN of the organization in whose name it is filed.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub organization: Option<String>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub attachments: Vec<FileRef>,
            /// Keep it as a draft; only sizes and vocabularies are checked.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            pub draft: bool,
            /// Treat warnings of the writing rules as errors.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            pub strict: bool,
        }

        /// Changes to a draft or a filed appeal. Absent fields stay; `null` is the same as absent, an empty
        /// string clears.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct EditAppeal {
            #[serde(skip_serializing_if = "Option::is_none")]
            pub subject: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub text: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub kind: Option<Kind>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub category: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub priority: Option<Priority>,
            $($($(#[$meta])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $name: Option<$type>,)*)*
            /// Set one by one; an empty value removes the field.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub fields: BTreeMap<String, String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub contact_email: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub contact_phone: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub contact_preferred: Option<ContactWay>,
            /// INN; an empty string files it in the person's own name. Drafts only.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub organization: Option<String>,
        }

        impl NewAppeal {
            /// What it says.
            pub fn content(&self) -> Content {
                let Self {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts, organization,
                    attachments: _, draft: _, strict: _,
                } = self.clone();
                Content {
                    subject: Some(subject),
                    text: Some(text),
                    kind, category, priority, $($($name,)*)* fields, contacts,
                    organization: organization.map(|inn| inn.trim().to_owned()),
                }
            }
        }

        impl From<Content> for NewAppeal {
            fn from(content: Content) -> Self {
                let Content {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts, organization,
                } = content;
                Self {
                    subject: subject.unwrap_or_default(),
                    text: text.unwrap_or_default(),
                    kind, category, priority, $($($name,)*)* fields, contacts, organization,
                    attachments: Vec::new(),
                    draft: false,
                    strict: false,
                }
            }
        }

        impl EditAppeal {
            /// What it changes; an empty value clears.
            pub fn content(&self) -> Content {
                let Self {
                    subject, text, kind, category, priority, $($($name,)*)* fields,
                    contact_email: email, contact_phone: phone, contact_preferred: preferred, organization,
                } = self.clone();
                let contacts = Some(Contacts { email, phone, preferred }).filter(|c| *c != Contacts::default());
                Content {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts,
                    organization: organization.map(|inn| inn.trim().to_owned()),
                }
            }
        }

        impl From<Content> for EditAppeal {
            fn from(content: Content) -> Self {
                let Content {
                    subject, text, kind, category, priority, $($($name,)*)* fields, contacts, organization,
                } = content;
                let Contacts { email, phone, preferred } = contacts.unwrap_or_default();
                Self {
                    subject, text, kind, category, priority, $($($name,)*)* fields,
                    contact_email: email, contact_phone: phone, contact_preferred: preferred, organization,
                }
            }
        }
    };
}
optional_fields!(requests);

/// The result of a trial run: what the platform would have said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrialRun {
    /// Always true.
    pub dry_run: bool,
    #[serde(default)]
    pub findings: Vec<ApiFinding>,
    /// Undecided appeals of the same applicant or organization that say much the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Similar>,
}

/// A comment to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
}

/// A text with files: a reply to a clarification, a supervisor's decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextWithFiles {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// Files to add, or a new version of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachFiles {
    pub attachments: Vec<FileRef>,
    /// Id of the attachment that the one given file replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which version of a file becomes the current one again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreFile {
    pub version: u32,
}

/// A reason that may be left out: cancelling.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalReason {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether the answer solved the problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    pub solved: bool,
    /// Needed when it is not solved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A repeat appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub grounds: RepeatGrounds,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// An escalation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    pub level: Level,
    pub grounds: EscalationGrounds,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// A review of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// 1 to 5.
    pub score: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ReviewCategory>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// A note that may be left out: taking under review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalNote {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who becomes responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Login of an operator of the responsible department.
    pub to: String,
}

/// A request for clarification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// RFC 3339; by the policy where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<jiff::Timestamp>,
}

/// Handing an appeal to another department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// Code of the department.
    pub department: String,
    pub reason: String,
}

/// An official answer. A refusal is its own request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveAnswer {
    /// `granted`, `partly` or `explained`.
    pub decision: Decision,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
    /// Wait for the applicant to confirm that it is solved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub await_confirmation: bool,
}

/// A refusal with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    pub reason: String,
}

/// A supervisor's return with an instruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnToWork {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<jiff::Timestamp>,
}

/// Which lists of appeals there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Those the person filed or takes part in.
    #[default]
    Mine,
    /// Those an operator's department is responsible for and has not decided.
    Queue,
    /// Those escalated to a supervisor's level.
    Escalated,
    /// Those with a review of the decision that the supervisor may see.
    Reviews,
    /// Those undecided in which the person, or their department, is a co-executor.
    Involved,
}

/// Filters, order and page of a list. Repeated filters are comma-separated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub view: Option<View>,
    /// Statuses, by any of their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Codes of categories; one with children stands for them too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Created at or after, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Created before, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// INN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
    /// States of the revision that a review asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// Logins of responsible operators; `none` for those nobody is responsible for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// Codes of responsible departments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Words to find in subject and text, in any form of a Russian word, or a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `created_at`, `updated_at`, `due_at`, `number`, `status`, `priority` or `subject`, with `:desc` to reverse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Fields a list can be sorted by.
pub const SORT_FIELDS: [&str; 7] =
    ["created_at", "updated_at", "due_at", "number", "status", "priority", "subject"];

/// What a discarded draft leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Discarded {
    pub number: String,
    /// Always true.
    pub discarded: bool,
}

/// An access token to issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub scopes: Vec<Scope>,
    /// Whose token; one's own where absent. Only an administrator issues for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    pub expires_at: jiff::Timestamp,
}

/// A freshly issued token. The secret is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IssuedToken {
    pub id: String,
    pub name: String,
    pub login: String,
    pub scopes: Vec<Word<Scope>>,
    pub expires_at: jiff::Timestamp,
    pub token: String,
}

/// An upload that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Uploaded {
    /// Hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// What the bytes really are.
    pub media_type: String,
}

/// What a change of an appeal gives back: the whole card.
pub type Changed = Appeal;
