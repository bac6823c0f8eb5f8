//! Reports.

use super::{Client, Fetch};
use appeal_api::{Received, Report, ReportQuery};

impl Client {
    /// Returns statistics on the appeals of a period.
    pub fn report(&self, query: &ReportQuery) -> Fetch<Received<Report>> {
        self.query("/v1/reports/summary", query)
    }
}
