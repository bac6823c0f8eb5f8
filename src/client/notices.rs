//! Notifications.

use reqwest::Method;

use super::paths::with_query;
use super::{Change, Client, Result};
use appeal_api::*;

impl Client {
    /// Returns a page of the caller's notifications, newest first.
    pub async fn notices(&self, query: &NoticesQuery) -> Result<Page<Received<Notice>>> {
        self.get(&with_query("/v1/me/notifications", query)?).await
    }

    /// Marks notifications as read.
    pub fn read_notices(&self, which: &ReadNotices, key: &str) -> Change<Received<NoticesRead>> {
        self.post("/v1/me/notifications/read", which, key)
    }

    /// Returns the caller's notification settings.
    pub async fn notice_settings(&self) -> Result<Received<NoticeSettings>> {
        self.get("/v1/me/notification-settings").await
    }

    /// Changes the settings; absent fields stay unchanged.
    pub fn edit_notice_settings(
        &self,
        edit: &EditNoticeSettings,
        key: &str,
    ) -> Change<Received<NoticeSettings>> {
        let headers = [(IDEMPOTENCY_KEY, key)];
        self.prepare(Method::PUT, "/v1/me/notification-settings", Some(edit), &headers)
    }
}
