//! The fixed vocabularies of the field: each word has one spelling on the wire, in the database and on the
//! command line, and labels in both languages live in `i18n` under `<vocabulary>-<word>`.

use serde::{Deserialize, Serialize};

/// A word that is not in a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a {vocabulary}; one of: {}", .allowed.join(", "))]
pub struct UnknownWord {
    /// Which vocabulary was asked.
    pub vocabulary: &'static str,
    /// What was given.
    pub given: String,
    /// The words it has.
    pub allowed: Vec<&'static str>,
}

// The words are `tt` and not `literal`: a literal reaches derive macros wrapped, and the schema would not see the names
// on the wire.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in the order in which it is shown.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The vocabulary's name, as used in messages and as the prefix of its labels.
            pub const VOCABULARY: &'static str = $title;

            /// The word on the wire, in the database and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Every word as text.
            pub fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|v| v.as_str()).collect()
            }
        }

        impl crate::word::Vocabulary for $name {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn spelling(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(s: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|v| v.as_str().eq_ignore_ascii_case(s.trim())).ok_or_else(|| UnknownWord {
                    vocabulary: $title,
                    given: s.to_owned(),
                    allowed: Self::words(),
                })
            }
        }
    };
}

vocabulary! {
    /// Kind of appeal.
    Kind, "kind" {
        /// Жалоба.
        Complaint = "complaint",
        /// Предложение.
        Suggestion = "suggestion",
        /// Благодарность.
        Gratitude = "gratitude",
        /// Запрос информации.
        Request = "request",
        /// Техническая проблема.
        Technical = "technical",
        /// Консультация.
        Question = "question",
    }
}

vocabulary! {
    /// Priority of an appeal: `normal` unless it is urgent.
    Priority, "priority" { Normal = "normal", High = "high" }
}

vocabulary! {
    /// How the appeal reached the authority. It decides which deadlines apply.
    Channel, "channel" {
        Account = "account", Email = "email", Chat = "chat", Phone = "phone", InPerson = "in-person",
    }
}

vocabulary! {
    /// Preferred way of contact.
    ContactWay, "contact way" { Account = "account", Email = "email", Phone = "phone" }
}

vocabulary! {
    /// What a person is on the platform.
    Role, "role" {
        Individual = "individual", Representative = "representative", Intermediary = "intermediary",
        Operator = "operator", Supervisor = "supervisor", Analyst = "analyst", Admin = "admin",
    }
}

vocabulary! {
    /// What a report is grouped by: something the appeals have, or the time in which they were filed.
    ReportBy, "report by" {
        Category = "category", Department = "department", Region = "region", Kind = "kind",
        Organization = "organization", Day = "day", Week = "week", Month = "month",
    }
}

vocabulary! {
    /// State of an account.
    AccountState, "account state" {
        Active = "active", ConfirmationRequired = "confirmation_required", Blocked = "blocked",
    }
}

vocabulary! {
    /// What an access token may do. `admin` includes the others.
    Scope, "scope" { Read = "read", File = "file", Operate = "operate", Report = "report", Admin = "admin" }
}

vocabulary! {
    /// Role of a participant in somebody's appeal.
    ParticipantRole, "participant role" { View = "view", Comment = "comment", Represent = "represent" }
}

vocabulary! {
    /// Decision of an official answer.
    Decision, "decision" { Granted = "granted", Partly = "partly", Explained = "explained", Refused = "refused" }
}

vocabulary! {
    /// Level of review, in the order in which it rises.
    Level, "level" {
        Senior = "senior", Regional = "regional", Federal = "federal", Ombudsman = "ombudsman", Quality = "quality",
    }
}

vocabulary! {
    /// Ground of an escalation.
    EscalationGrounds, "escalation grounds" {
        Overdue = "overdue", Unsatisfactory = "unsatisfactory", Critical = "critical", SeveralServices = "several-services",
    }
}

vocabulary! {
    /// Where an escalation stands; all but `pending` are its end.
    EscalationState, "escalation state" {
        Pending = "pending", Returned = "returned", Upheld = "upheld", Changed = "changed",
        /// Its own deadline passed, and the applicant went to a higher level.
        Superseded = "superseded",
    }
}

vocabulary! {
    /// Ground of a repeat appeal.
    RepeatGrounds, "repeat grounds" { Incomplete = "incomplete", Overdue = "overdue", Unlawful = "unlawful" }
}

vocabulary! {
    /// What a review of a decision is about.
    ReviewCategory, "review category" { Technical = "technical", Legal = "legal", Service = "service" }
}

vocabulary! {
    /// State of the revision that a review asks for.
    ReviewState, "review state" { Pending = "pending", InRevision = "in_revision", Completed = "completed" }
}

vocabulary! {
    /// Weight of a finding: an error stops the filing, a warning does not unless checks are strict.
    Severity, "severity" { Error = "error", Warning = "warning" }
}

vocabulary! {
    /// Who may choose a category.
    Access, "access" { Public = "public", Closed = "closed" }
}

vocabulary! {
    /// How a notification reaches a person. In the account it is always there.
    MessageChannel, "message channel" { Account = "account", Email = "email", Sms = "sms", Push = "push" }
}

vocabulary! {
    /// How a one-time code reaches a person who signs in.
    CodeWay, "code way" {
        /// An authenticator application (RFC 6238); nothing is sent.
        Totp = "totp",
        Sms = "sms",
        Email = "email",
    }
}

vocabulary! {
    /// What a notification is about.
    NoticeKind, "notice kind" {
        /// Something changed.
        Status = "status",
        /// The person must do something.
        Demand = "demand",
        /// A deadline nears or has passed.
        Control = "control",
        /// A one-time code; it is in no list.
        Code = "code",
    }
}

vocabulary! {
    /// How the delivery of a message stands.
    DeliveryState, "delivery state" {
        /// It waits, for its first attempt or another one.
        Pending = "pending",
        Delivered = "delivered",
        Failed = "failed",
        /// An attempt was made, and nobody knows whether it arrived. It is made again.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Which of the platform's own data is meant.
    DataKind, "data kind" {
        People = "people", Departments = "departments", Categories = "categories", Templates = "templates",
        Calendar = "calendar", Policies = "policies",
    }
}

vocabulary! {
    /// What loading did to a record of the platform's own data.
    LoadChange, "load change" {
        Added = "added", Changed = "changed", Unchanged = "unchanged", Removed = "removed",
    }
}

vocabulary! {
    /// Which step a deadline is for.
    DeadlineKind, "deadline kind" {
        FirstStatus = "first_status", Registration = "registration", Decision = "decision",
        Redirection = "redirection", Clarification = "clarification", Escalation = "escalation",
        Confirmation = "confirmation",
    }
}

vocabulary! {
    /// Where a deadline stands.
    DeadlineState, "deadline state" { Pending = "pending", Met = "met", Overdue = "overdue", Paused = "paused" }
}
