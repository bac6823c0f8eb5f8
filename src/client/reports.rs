//! Reports.

use super::paths::with_query;
use super::{Client, Result};
use appeal_api::{Received, Report, ReportQuery};

impl Client {
    /// Returns statistics on the appeals of a period.
    pub async fn report(&self, query: &ReportQuery) -> Result<Received<Report>> {
        self.get(&with_query("/v1/reports/summary", query)?).await
    }
}
