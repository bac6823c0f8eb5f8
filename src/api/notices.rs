//! Notifications: their content, deliveries and settings.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use appeal_domain::*;

/// A notification in the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    pub id: String,
    pub at: Timestamp,
    pub kind: Word<NoticeKind>,
    /// What happened, for example `answered`; `reminder` for a deadline.
    pub event: String,
    /// Number of the appeal.
    pub number: Option<String>,
    pub subject: String,
    pub text: String,
    /// When the required action is due.
    pub due_at: Option<Timestamp>,
    /// The day of `due_at` in `time_zone`; midnight ends the day before.
    #[serde(default)]
    pub due_on: Option<Date>,
    /// IANA name of the department's time zone, in which deadlines are counted.
    #[serde(default)]
    pub time_zone: Option<String>,
    pub read_at: Option<Timestamp>,
    /// Deliveries outside the account.
    pub deliveries: Vec<Delivery>,
}

/// Delivery of a notification outside the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Delivery {
    /// Id sent with every attempt, so that the recipient can recognise repeats.
    pub id: String,
    pub channel: Word<MessageChannel>,
    /// Address, phone number or URL.
    pub address: Option<String>,
    pub state: Word<DeliveryState>,
    /// Number of attempts.
    pub attempts: i64,
    pub delivered_at: Option<Timestamp>,
    /// Time of the next attempt.
    pub next_at: Option<Timestamp>,
    /// Error of the last attempt.
    pub error: Option<String>,
    pub tries: Vec<Try>,
}

/// An attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Try {
    pub attempt: i64,
    pub at: Timestamp,
    /// `delivered`, `failed`, or `unknown` if the attempt was interrupted and its result is not known.
    pub outcome: Word<DeliveryState>,
    pub detail: Option<String>,
}

/// Filters of the list of notifications.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesQuery {
    /// Only unread notifications.
    pub unread: Option<bool>,
    /// Comma-separated kinds: `status`, `demand`, `control`.
    pub kind: Option<String>,
    /// Created at or after, RFC 3339.
    pub since: Option<String>,
    /// Number of an appeal.
    pub number: Option<String>,
    /// Cursor from the previous page.
    pub after: Option<String>,
    pub limit: Option<u32>,
}

/// Marks notifications as read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadNotices {
    pub ids: Vec<String>,
    /// Whether to mark all notifications.
    pub all: bool,
}

/// Number of notifications that were unread before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticesRead {
    pub read: u64,
}

/// Which notifications a person gets outside the account, and how. The account always shows all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticeSettings {
    /// Language of the texts: `ru` or `en`.
    pub lang: String,
    /// Always true.
    pub account: bool,
    pub email: bool,
    /// Address for e-mails, unless an appeal names another one.
    pub email_address: Option<String>,
    pub sms: bool,
    pub phone: Option<String>,
    /// URL of the webhook.
    pub push: Option<String>,
    /// Secret that signs webhook requests. Shown only once, when the platform generates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_secret: Option<String>,
    /// Kinds of notifications sent outside the account.
    pub kinds: Vec<Word<NoticeKind>>,
    /// Kinds of appeals to send notifications about; empty for all.
    pub appeal_kinds: Vec<Word<Kind>>,
    /// Priorities of appeals to send notifications about; empty for all.
    pub priorities: Vec<Word<Priority>>,
    /// Send notifications about deadlines outside the account no earlier than this many seconds before the deadline.
    pub due_within: Option<i64>,
}

/// Changes to [`NoticeSettings`]. Absent fields stay unchanged.
#[skip_serializing_none]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditNoticeSettings {
    /// `ru` or `en`.
    pub lang: Option<String>,
    pub email: Option<bool>,
    pub sms: Option<bool>,
    /// An http or https URL; an empty string switches the webhook off.
    pub push: Option<String>,
    /// 16 to 200 characters. If there is no secret yet, the platform generates one.
    pub push_secret: Option<String>,
    /// Empty for all kinds.
    pub kinds: Option<Vec<NoticeKind>>,
    /// Empty for all kinds.
    pub appeal_kinds: Option<Vec<Kind>>,
    /// Empty for all priorities.
    pub priorities: Option<Vec<Priority>>,
    /// In seconds; 0 for no limit.
    pub due_within: Option<i64>,
}

impl std::fmt::Debug for EditNoticeSettings {
    /// Hides the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EditNoticeSettings").field("push", &self.push).finish_non_exhaustive()
    }
}
