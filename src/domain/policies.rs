//! Deadline policies (N1): the term of each step of an appeal, by channel and category.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::term::Term;
use super::vocab::{Channel, DeadlineKind};

/// Terms by step. A step without a term uses the policy that this one refines.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// From filing to the first status after *submitted*.
    #[schema(value_type = Option<String>)]
    pub first_status: Option<Term>,
    /// From arrival to registration.
    #[schema(value_type = Option<String>)]
    pub registration: Option<Term>,
    /// From filing to the official answer.
    #[schema(value_type = Option<String>)]
    pub decision: Option<Term>,
    /// From registration to redirection to the competent authority.
    #[schema(value_type = Option<String>)]
    pub redirection: Option<Term>,
    /// For the applicant's reply to a clarification request.
    #[schema(value_type = Option<String>)]
    pub clarification: Option<Term>,
    /// For the decision on an escalation.
    #[schema(value_type = Option<String>)]
    pub escalation: Option<Term>,
    /// From the answer to automatic closing.
    #[schema(value_type = Option<String>)]
    pub confirmation: Option<Term>,
}

impl Policy {
    /// Returns the term of a step.
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

    /// Combines two policies; the terms of `self` take precedence.
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

/// A category refers to a policy that the platform does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no deadline policy '{0}'")]
pub struct UnknownPolicy(pub String);

/// All deadline policies of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Terms that apply unless another policy overrides them.
    pub default: Policy,
    /// Policies by name; categories refer to them.
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// Policies by channel. They take precedence over the policy of the category, because an appeal keeps the deadlines
    /// of the channel by which it was received.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Policy>)]
    pub channels: BTreeMap<Channel, Policy>,
}

impl Policies {
    /// The built-in policies.
    #[expect(clippy::expect_used, reason = "built-in data that a test reads")]
    pub fn stock() -> Self {
        serde_json::from_str(crate::stock::POLICIES).expect("the stock policies are tested")
    }

    /// Returns the terms for a channel and the policy named by the category, if any.
    ///
    /// # Errors
    /// [`UnknownPolicy`] if there is no policy with that name.
    pub fn terms(&self, channel: Channel, policy: Option<&str>) -> Result<Policy, UnknownPolicy> {
        let of_category = match policy {
            Some(name) => *self.policies.get(name).ok_or_else(|| UnknownPolicy(name.to_owned()))?,
            None => Policy::default(),
        };
        let of_channel = self.channels.get(&channel).copied().unwrap_or_default();
        Ok(of_channel.or(of_category).or(self.default))
    }
}
