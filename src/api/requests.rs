//! Request bodies and query parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::appeal::Appeal;
use super::problem::ApiFinding;
use super::related::Similar;
use appeal_domain::{optional_fields, *};

/// An uploaded file, referenced by the request it belongs to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Hexadecimal SHA-256 digest of the uploaded bytes.
    pub sha256: String,
    /// Name of the file in the appeal.
    pub name: String,
    /// Code of the document required by the category, if the file is that document.
    pub document: Option<String>,
}

macro_rules! requests {
    ($($block:ident { $($(#[$meta:meta])* $name:ident: $type:ident,)* })*) => {
        /// A new appeal, or a draft. Everything but the text and the subject has a default.
        #[skip_serializing_none]
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct NewAppeal {
            pub subject: String,
            pub text: String,
            /// `complaint` by default.
            pub kind: Option<Kind>,
            pub category: Option<String>,
            pub priority: Option<Priority>,
            $($($(#[$meta])* pub $name: Option<$type>,)*)*
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub fields: BTreeMap<String, String>,
            /// Taken from the profile if absent.
            pub contacts: Option<Contacts>,
            /// INN of the organization on whose behalf the appeal is filed.
            pub organization: Option<String>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub attachments: Vec<FileRef>,
            /// Whether to save a draft; only sizes and vocabularies are checked.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            pub draft: bool,
            /// Whether to treat warnings of the writing rules as errors.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            pub strict: bool,
        }

        /// Changes to a draft or a filed appeal. Absent fields and `null` leave a value unchanged; an empty string
        /// clears it.
        #[skip_serializing_none]
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct EditAppeal {
            pub subject: Option<String>,
            pub text: Option<String>,
            pub kind: Option<Kind>,
            pub category: Option<String>,
            pub priority: Option<Priority>,
            $($($(#[$meta])* pub $name: Option<$type>,)*)*
            /// Set individually; an empty value removes the field.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub fields: BTreeMap<String, String>,
            pub contact_email: Option<String>,
            pub contact_phone: Option<String>,
            pub contact_preferred: Option<ContactWay>,
            /// INN of the organization; an empty string files in the person's own name. Drafts only.
            pub organization: Option<String>,
        }

        impl NewAppeal {
            /// Returns the content of the appeal.
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
            /// Returns the changed content; an empty value clears a field.
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

/// Result of a dry run: what the platform would have answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DryRunResult {
    /// Always true.
    pub dry_run: bool,
    #[serde(default)]
    pub findings: Vec<ApiFinding>,
    /// Similar undecided appeals of the same applicant or organization.
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

/// A text with files: a reply to a clarification request, or a supervisor's decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextWithFiles {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// Files to add, or a new version of a file.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachFiles {
    pub attachments: Vec<FileRef>,
    /// Id of the attachment to replace; requires exactly one file.
    pub replace: Option<String>,
    pub note: Option<String>,
}

/// The version of a file to make current again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreFile {
    pub version: u32,
}

/// An optional reason, for cancelling.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalReason {
    pub reason: Option<String>,
}

/// Whether the answer solved the problem.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    pub solved: bool,
    /// Required if the problem is not solved.
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

/// A review of a decision.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// From 1 to 5.
    pub score: u8,
    pub category: Option<ReviewCategory>,
    pub remarks: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
}

/// An optional note, for taking an appeal under review.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalNote {
    pub note: Option<String>,
}

/// The operator who becomes responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Login of an operator of the responsible department.
    pub to: String,
}

/// A clarification request.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// RFC 3339; by default set by the deadline policy.
    pub due_at: Option<jiff::Timestamp>,
}

/// Redirects an appeal to another department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// Code of the department.
    pub department: String,
    pub reason: String,
}

/// An official answer. For a refusal use `Refuse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveAnswer {
    /// `granted`, `partly` or `explained`.
    pub decision: Decision,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileRef>,
    /// Whether to wait for the applicant to confirm that the problem is solved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub await_confirmation: bool,
}

/// A refusal with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    pub reason: String,
}

/// A supervisor's decision to return an appeal to work, with an instruction.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnToWork {
    pub text: String,
    pub due_at: Option<jiff::Timestamp>,
}

/// Lists of appeals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Appeals the person filed or has access to.
    #[default]
    Mine,
    /// Undecided appeals of the operator's departments.
    Queue,
    /// Appeals escalated to the supervisor's level.
    Escalated,
    /// Appeals with a review of the decision, visible to the supervisor.
    Reviews,
    /// Undecided appeals with the person or their department as co-executor.
    Involved,
}

/// Filters, order and page of a list. Multiple values of a filter are comma-separated.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    #[param(inline)]
    pub view: Option<View>,
    /// Statuses, in any accepted spelling.
    pub status: Option<String>,
    pub kind: Option<String>,
    /// Codes of categories; includes their children.
    pub category: Option<String>,
    /// Created at or after, RFC 3339.
    pub since: Option<String>,
    /// Created before, RFC 3339.
    pub until: Option<String>,
    pub region: Option<String>,
    /// INN of the organization.
    pub organization: Option<String>,
    pub priority: Option<String>,
    pub overdue: Option<bool>,
    /// States of the revision requested by a review.
    pub review: Option<String>,
    /// Logins of responsible operators; `none` for appeals without one.
    pub responsible: Option<String>,
    /// Codes of responsible departments.
    pub department: Option<String>,
    /// Words to find in subject and text, in any form of a Russian word; or a number.
    pub search: Option<String>,
    /// `created_at`, `updated_at`, `due_at`, `number`, `status`, `priority` or `subject`; append `:desc` to reverse.
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// Fields a list can be sorted by.
pub const SORT_FIELDS: [&str; 7] =
    ["created_at", "updated_at", "due_at", "number", "status", "priority", "subject"];

/// Result of discarding a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Discarded {
    pub number: String,
    /// Always true.
    pub discarded: bool,
}

/// An access token to issue.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    pub name: Option<String>,
    pub scopes: Vec<Scope>,
    /// Login of the token's owner; by default the caller. Only an administrator may issue tokens for others.
    pub login: Option<String>,
    pub expires_at: jiff::Timestamp,
}

/// A newly issued token. The secret is shown only once.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IssuedToken {
    pub id: String,
    pub name: String,
    pub login: String,
    pub scopes: Vec<Word<Scope>>,
    pub expires_at: jiff::Timestamp,
    pub token: String,
    /// After signing in on a new device: its secret, to be sent as `Appeal-Device` with the next sign-in. A device that
    /// is known is not affected by wrong attempts of others.
    pub device: Option<String>,
}

/// A completed upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Uploaded {
    /// Hexadecimal SHA-256 digest.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// The media type detected from the content.
    pub media_type: String,
}

/// The result of a change: the whole appeal.
pub type Changed = Appeal;
