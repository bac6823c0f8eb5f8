//! What an administrator asks of a platform (O4).

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::appeals::{encode, with_query};
use super::{Client, Empty, Result};
use appeal_api::*;
use appeal_domain::DataKind;

#[derive(Serialize)]
struct PageOf<'a> {
    after: Option<&'a str>,
    limit: Option<u32>,
}

impl Client {
    /// A page of records of the platform's own data.
    pub async fn admin_page(
        &self,
        kind: DataKind,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Page<Value>> {
        self.get(&with_query(&format!("/v1/admin/{kind}"), &PageOf { after, limit })?).await
    }

    /// One record.
    pub async fn admin_record(&self, kind: DataKind, id: &str) -> Result<Value> {
        let record: serde_json::Map<String, Value> =
            self.get(&format!("/v1/admin/{kind}/{}", encode(id))).await?;
        Ok(record.into())
    }

    /// Loads records, or says what loading would do. Loading the same twice changes nothing, so it may be retried.
    pub async fn admin_load(
        &self,
        kind: DataKind,
        data: &LoadData,
        dry_run: bool,
        key: &str,
    ) -> Result<LoadResult> {
        let query = if dry_run { "?dry_run=true" } else { "" };
        self.post(&format!("/v1/admin/{kind}{query}"), data, key).await
    }

    /// Blocks an account.
    pub async fn admin_block(&self, login: &str, reason: String, key: &str) -> Result<LoadResult> {
        self.post(&format!("/v1/admin/people/{}/block", encode(login)), &Reasoned { reason }, key).await
    }

    /// Gives a blocked account its access back.
    pub async fn admin_unblock(&self, login: &str, key: &str) -> Result<LoadResult> {
        self.post(&format!("/v1/admin/people/{}/unblock", encode(login)), &Empty {}, key).await
    }

    /// A page of the journal of administration, the newest entry first.
    pub async fn admin_log(&self, after: Option<&str>, limit: Option<u32>) -> Result<Page<AdminEntry>> {
        self.get(&with_query("/v1/admin/log", &PageOf { after, limit })?).await
    }

    /// The platform at a glance; with `verify` everything it keeps is checked.
    pub async fn admin_status(&self, verify: bool) -> Result<PlatformStatus> {
        let query = if verify { "?verify=true" } else { "" };
        self.call(Method::GET, &format!("/v1/admin/status{query}"), None::<&Empty>, &[]).await
    }
}
