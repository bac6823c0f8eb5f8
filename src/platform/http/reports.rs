//! Reports of an authority.

use axum::Json;
use axum::extract::State;

use super::access::Access;
use super::extract::{Queried, Reader};
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::reports;
use appeal_api::{Report, ReportQuery};
use appeal_domain::Role;

const REPORTS: Access =
    Access::reports(&[Role::Operator, Role::Supervisor, Role::Analyst, Role::Admin], "forbidden-report")
        .heavy();

/// Routes of reports.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::report_summary: REPORTS,
    }
}

/// Report on the appeals of a period
///
/// Filed, answered, in time, overdue; time to the first status and to the decision (median and 95th percentile by
/// nearest rank, excluding time spent waiting for the applicant); shares solved, repeated and escalated; satisfaction.
/// Analysts and administrators see everything, operators their departments, supervisors the appeals escalated to their
/// levels.
#[utoipa::path(
    get, path = "/v1/reports/summary", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "The report", body = Report))
)]
async fn report_summary(
    State(app): State<App>,
    reader: Reader,
    Queried(query): Queried<ReportQuery>,
) -> Result<Json<Report>> {
    let ctx = reader.context(&app);
    app.read(async |tx| reports::summary(tx, &ctx, &query).await).await.map(Json)
}
