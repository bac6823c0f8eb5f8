//! Fixed vocabularies. Each word has one spelling in JSON, in the database and on the command line; `i18n` has the
//! labels under `<vocabulary>-<word>`.

use serde::{Deserialize, Serialize};

/// A word that is not in the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a {vocabulary}; one of: {}", .allowed.join(", "))]
pub struct UnknownWord {
    /// Name of the vocabulary.
    pub vocabulary: &'static str,
    /// The word as given.
    pub given: String,
    /// The words of the vocabulary.
    pub allowed: Vec<&'static str>,
}

// The words are `tt` rather than `literal`, because derive macros receive literals wrapped, and the schema would not
// use the names in JSON.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in display order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Name of the vocabulary in messages, and the prefix of its labels.
            pub const VOCABULARY: &'static str = $title;

            /// Returns the word used in JSON, in the database and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Returns every word as text.
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
    /// Priority of an appeal.
    Priority, "priority" { Normal = "normal", High = "high" }
}

vocabulary! {
    /// How the appeal reached the authority. Determines its deadlines.
    Channel, "channel" {
        Account = "account", Email = "email", Chat = "chat", Phone = "phone", InPerson = "in-person",
    }
}

vocabulary! {
    /// Preferred way of contact.
    ContactWay, "contact way" { Account = "account", Email = "email", Phone = "phone" }
}

vocabulary! {
    /// Role of a person on the platform.
    Role, "role" {
        Individual = "individual", Representative = "representative", Intermediary = "intermediary",
        Operator = "operator", Supervisor = "supervisor", Analyst = "analyst", Admin = "admin",
    }
}

vocabulary! {
    /// What a report is grouped by: a property of the appeals, or the time of filing.
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
    /// What an access token permits. `admin` includes the other scopes.
    Scope, "scope" { Read = "read", File = "file", Operate = "operate", Report = "report", Admin = "admin" }
}

vocabulary! {
    /// Role of a participant in another person's appeal.
    ParticipantRole, "participant role" { View = "view", Comment = "comment", Represent = "represent" }
}

vocabulary! {
    /// Decision of an official answer.
    Decision, "decision" { Granted = "granted", Partly = "partly", Explained = "explained", Refused = "refused" }
}

vocabulary! {
    /// Level of review, in ascending order.
    Level, "level" {
        Senior = "senior", Quality = "quality", Regional = "regional", Federal = "federal", Ombudsman = "ombudsman",
    }
}

vocabulary! {
    /// Ground of an escalation.
    EscalationGrounds, "escalation grounds" {
        Overdue = "overdue", Unsatisfactory = "unsatisfactory", Critical = "critical", SeveralServices = "several-services",
    }
}

vocabulary! {
    /// State of an escalation. All states but `pending` are final.
    EscalationState, "escalation state" {
        Pending = "pending", Returned = "returned", Upheld = "upheld", Changed = "changed",
        /// Its due date passed, and the applicant escalated to a higher level.
        Superseded = "superseded",
    }
}

vocabulary! {
    /// Ground of a repeat appeal.
    RepeatGrounds, "repeat grounds" { Incomplete = "incomplete", Overdue = "overdue", Unlawful = "unlawful" }
}

vocabulary! {
    /// Subject of a review of a decision.
    ReviewCategory, "review category" { Technical = "technical", Legal = "legal", Service = "service" }
}

vocabulary! {
    /// State of the revision requested by a review.
    ReviewState, "review state" { Pending = "pending", InRevision = "in_revision", Completed = "completed" }
}

vocabulary! {
    /// Severity of a finding. An error prevents filing; a warning does so only if checks are strict.
    Severity, "severity" { Error = "error", Warning = "warning" }
}

vocabulary! {
    /// Who may choose a category.
    Access, "access" { Public = "public", Closed = "closed" }
}

vocabulary! {
    /// How a notification is delivered. It always appears in the account.
    MessageChannel, "message channel" { Account = "account", Email = "email", Sms = "sms", Push = "push" }
}

vocabulary! {
    /// How a one-time code is delivered.
    CodeWay, "code way" {
        /// An authenticator app (RFC 6238); nothing is sent.
        Totp = "totp",
        Sms = "sms",
        Email = "email",
    }
}

vocabulary! {
    /// The kind of a notification.
    NoticeKind, "notice kind" {
        /// Something changed.
        Status = "status",
        /// The person must act.
        Demand = "demand",
        /// A deadline is near or has passed.
        Control = "control",
        /// A one-time code; not listed.
        Code = "code",
    }
}

vocabulary! {
    /// State of the delivery of a message.
    DeliveryState, "delivery state" {
        /// Waits for its first or next attempt.
        Pending = "pending",
        Delivered = "delivered",
        Failed = "failed",
        /// An attempt was made, but its result is not known. It will be repeated.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// A kind of the platform's own data.
    DataKind, "data kind" {
        People = "people", Departments = "departments", Categories = "categories", Templates = "templates",
        Calendar = "calendar", Policies = "policies", Contacts = "contacts",
    }
}

vocabulary! {
    /// The effect of loading a record of the platform's own data.
    LoadChange, "load change" {
        Added = "added", Changed = "changed", Unchanged = "unchanged", Removed = "removed",
    }
}

vocabulary! {
    /// The step a deadline applies to.
    DeadlineKind, "deadline kind" {
        FirstStatus = "first_status", Registration = "registration", Decision = "decision",
        Redirection = "redirection", Clarification = "clarification", Escalation = "escalation",
        Confirmation = "confirmation",
    }
}

vocabulary! {
    /// State of a deadline.
    DeadlineState, "deadline state" { Pending = "pending", Met = "met", Overdue = "overdue", Paused = "paused" }
}
