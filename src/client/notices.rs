//! Notifications.

use reqwest::Method;

use super::{Change, Client, Fetch};
use appeal_api::*;

impl Client {
    /// Returns a page of the caller's notifications, newest first.
    pub fn notices(&self, query: &NoticesQuery) -> Fetch<Page<Received<Notice>>> {
        self.query("/v1/me/notifications", query)
    }

    /// Marks notifications as read.
    pub fn read_notices(&self, which: &ReadNotices, key: &str) -> Change<Received<NoticesRead>> {
        self.post("/v1/me/notifications/read", which, key)
    }

    /// Returns the caller's notification settings.
    pub fn notice_settings(&self) -> Fetch<Received<NoticeSettings>> {
        self.get("/v1/me/notification-settings")
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
