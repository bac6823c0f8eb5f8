//! Administration requests.

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::paths::encode;
use super::retry::{Call, Payload};
use super::{Change, Client, Empty, Error, Fetch, Result};
use appeal_api::*;
use appeal_domain::DataKind;

#[derive(Serialize)]
struct PageOf<'a> {
    after: Option<&'a str>,
    limit: Option<u32>,
}

impl Client {
    /// Returns a page of records of the platform's own data.
    pub fn admin_page(&self, kind: DataKind, after: Option<&str>, limit: Option<u32>) -> Fetch<Page<Value>> {
        self.query(&format!("/v1/admin/{kind}"), &PageOf { after, limit })
    }

    /// Returns one record.
    pub async fn admin_record(&self, kind: DataKind, id: &str) -> Result<Value> {
        let record: serde_json::Map<String, Value> =
            self.get(&format!("/v1/admin/{kind}/{}", encode(id))).await?;
        Ok(record.into())
    }

    /// Loads records. Loading the same records twice changes nothing, so the request can be retried.
    pub fn admin_load(&self, kind: DataKind, data: &LoadData, key: &str) -> Change<Received<LoadResult>> {
        self.post(&format!("/v1/admin/{kind}"), data, key)
    }

    /// Returns what loading these records would change.
    pub async fn admin_load_dry_run(&self, kind: DataKind, data: &LoadData) -> Result<Received<LoadResult>> {
        let body = serde_json::to_vec(data).map_err(|e| Error::Protocol(e.to_string()))?;
        let call = Call::new(Method::POST, format!("/v1/admin/{kind}?dry_run=true"))
            .header("content-type", "application/json")?
            .payload(Payload::Bytes(body.into()))
            .harmless();
        self.json(&call).await.0
    }

    /// Blocks an account.
    pub fn admin_block(&self, login: &str, reason: String, key: &str) -> Change<Received<LoadResult>> {
        self.post(&format!("/v1/admin/people/{}/block", encode(login)), &Reasoned { reason }, key)
    }

    /// Unblocks an account.
    pub fn admin_unblock(&self, login: &str, key: &str) -> Change<Received<LoadResult>> {
        self.post(&format!("/v1/admin/people/{}/unblock", encode(login)), &Empty {}, key)
    }

    /// Returns a page of the administration journal, newest entries first.
    pub fn admin_log(&self, after: Option<&str>, limit: Option<u32>) -> Fetch<Page<Received<AdminEntry>>> {
        self.query("/v1/admin/log", &PageOf { after, limit })
    }

    /// Returns the state of the platform; with `verify`, checks the integrity of all data.
    pub fn admin_status(&self, verify: bool) -> Fetch<Received<PlatformStatus>> {
        let query = if verify { "?verify=true" } else { "" };
        self.get(&format!("/v1/admin/status{query}"))
    }
}
