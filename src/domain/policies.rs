//! The policies that say which term holds for a step of an appeal (N1), by channel and category.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::term::Term;
use super::vocab::{Channel, DeadlineKind};

/// A set of terms, one a step; a step that is not named is left to the set it refines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// From filing to the first status after *submitted*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub first_status: Option<Term>,
    /// From arrival to registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub registration: Option<Term>,
    /// From filing to the official answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub decision: Option<Term>,
    /// From registration to passing it on to whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub redirection: Option<Term>,
    /// For the applicant's reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub clarification: Option<Term>,
    /// For the outcome of an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub escalation: Option<Term>,
    /// From the answer until it closes by itself (S6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub confirmation: Option<Term>,
}

impl Policy {
    /// The term of a step.
    pub const fn term(&self, kind: DeadlineKind) -> Option<Term> {
        match kind {
            DeadlineKind::FirstStatus => self.first_status,
            DeadlineKind::Registration => self.registration,
            DeadlineKind::Decision => self.decision,
            DeadlineKind::Redirection => self.redirection,
            DeadlineKind::Clarification => self.clarification,
            DeadlineKind::Escalation => self.escalation,
            DeadlineKind::Confirmation => self.confirmation,
        }
    }

    /// This policy where it says something, else the other.
    pub fn or(self, other: Self) -> Self {
        Self {
            first_status: self.first_status.or(other.first_status),
            registration: self.registration.or(other.registration),
            decision: self.decision.or(other.decision),
            redirection: self.redirection.or(other.redirection),
            clarification: self.clarification.or(other.clarification),
            escalation: self.escalation.or(other.escalation),
            confirmation: self.confirmation.or(other.confirmation),
        }
    }
}

/// A category names a policy that the platform does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no deadline policy '{0}'")]
pub struct UnknownPolicy(pub String);

/// All deadline policies of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// What holds where nothing else says otherwise.
    pub default: Policy,
    /// By name; categories refer to them (F3).
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// By channel. They come before those of the category: what came by a channel keeps its deadlines (F12).
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Policy>)]
    pub channels: BTreeMap<Channel, Policy>,
}

impl Policies {
    /// The stock policies.
    #[expect(clippy::expect_used, reason = "built-in data that a test reads")]
    pub fn stock() -> Self {
        serde_json::from_str(crate::stock::POLICIES).expect("the stock policies are tested")
    }

    /// The terms of an appeal that came by a channel, in a category that names a policy or none.
    ///
    /// # Errors
    /// [`UnknownPolicy`] when there is none of that name.
    pub fn terms(&self, channel: Channel, policy: Option<&str>) -> Result<Policy, UnknownPolicy> {
        let of_category = match policy {
            Some(name) => *self.policies.get(name).ok_or_else(|| UnknownPolicy(name.to_owned()))?,
            None => Policy::default(),
        };
        let of_channel = self.channels.get(&channel).copied().unwrap_or_default();
        Ok(of_channel.or(of_category).or(self.default))
    }
}
