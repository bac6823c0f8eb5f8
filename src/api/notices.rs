//! Notifications (N4): what a person was told, by which way, and what they want to be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use appeal_domain::*;

/// A notification in the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    pub id: String,
    pub at: Timestamp,
    pub kind: Word<NoticeKind>,
    /// What happened, such as `answered`; `reminder` for a deadline.
    pub event: String,
    /// Number of the appeal it is about.
    pub number: Option<String>,
    pub subject: String,
    pub text: String,
    /// By when something has to be done.
    pub due_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
    /// The ways by which it was sent besides.
    pub deliveries: Vec<Delivery>,
}

/// A message that carries a notification outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Delivery {
    /// The id that every attempt carries, so that a repeat is recognised.
    pub id: String,
    pub channel: Word<MessageChannel>,
    /// Address, number or URL.
    pub address: Option<String>,
    pub state: Word<DeliveryState>,
    /// How often it was tried.
    pub attempts: i64,
    pub delivered_at: Option<Timestamp>,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// What was wrong the last time.
    pub error: Option<String>,
    pub tries: Vec<Try>,
}

/// An attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Try {
    pub attempt: i64,
    pub at: Timestamp,
    /// `delivered`, `failed`, or `unknown`: it began, and nobody knows how it ended.
    pub outcome: Word<DeliveryState>,
    pub detail: Option<String>,
}

/// Which notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesQuery {
    /// Only those not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<bool>,
    /// Kinds, comma-separated: `status`, `demand`, `control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// From this time on, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Of this appeal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Cursor of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Marks notifications as read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadNotices {
    pub ids: Vec<String>,
    /// Every one there is.
    pub all: bool,
}

/// How many were unread before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticesRead {
    pub read: u64,
}

/// Which notifications a person gets, and how. The account always has all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticeSettings {
    /// Language of the texts: `ru` or `en`.
    pub lang: String,
    /// Always true.
    pub account: bool,
    pub email: bool,
    /// Where mails go, unless an appeal names another address.
    pub email_address: Option<String>,
    pub sms: bool,
    pub phone: Option<String>,
    /// The webhook.
    pub push: Option<String>,
    /// The secret with which webhooks are signed: shown once, when the platform has just made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_secret: Option<String>,
    /// Kinds of notifications that leave the account.
    pub kinds: Vec<Word<NoticeKind>>,
    /// Kinds of appeals of which they tell; empty for all.
    pub appeal_kinds: Vec<Word<Kind>>,
    /// Priorities of appeals of which they tell; empty for all.
    pub priorities: Vec<Word<Priority>>,
    /// Notifications of deadlines leave the account so many seconds before the deadline at the earliest.
    pub due_within: Option<i64>,
}

/// A change of [`NoticeSettings`]: what is absent stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditNoticeSettings {
    /// `ru` or `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<bool>,
    /// An http or https URL; empty to switch it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<String>,
    /// 16 to 200 characters; where there is none yet the platform makes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_secret: Option<String>,
    /// Empty for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<NoticeKind>>,
    /// Empty for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal_kinds: Option<Vec<Kind>>,
    /// Empty for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priorities: Option<Vec<Priority>>,
    /// Seconds; 0 for any time before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_within: Option<i64>,
}

impl std::fmt::Debug for EditNoticeSettings {
    /// A secret is never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EditNoticeSettings").field("push", &self.push).finish_non_exhaustive()
    }
}
