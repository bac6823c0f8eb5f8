//! Who reads a notification.

use crate::store::notices::Audience;
use appeal_domain::ParticipantRole;

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
    pub const fn name(self) -> &'static str {
        match self {
            Side::Applicant | Side::Onlooker => "applicant",
            Side::Operator => "operator",
            Side::Former => "former",
            Side::Helper => "helper",
            Side::Supervisor => "supervisor",
        }
    }
}
