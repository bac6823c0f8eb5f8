//! Reports of an authority.

use axum::Json;
use axum::extract::State;

use super::extract::{Queried, Reader, Rejection};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::service::context::Ctx;
use crate::service::reports;
use appeal_api::{Report, ReportQuery};

/// Routes of reports.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::report_summary]
    }
}

/// Numbers on the appeals of a period
///
/// Filed, answered, in time, overdue; time to the first status and to the decision (median and 95th percentile by
/// nearest rank, without what waited for the applicant); shares solved, repeated and escalated; satisfaction. Analysts
/// and administrators see everything, operators their departments, supervisors what was escalated to their levels.
#[utoipa::path(
    get, path = "/v1/reports/summary", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "The numbers", body = Report))
)]
async fn report_summary(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    Queried(query): Queried<ReportQuery>,
) -> Result<Json<Report>, Rejection> {
    let ctx = Ctx { caller, now: app.now(), lang, trial: false };
    let report = app.read(async |tx| reports::summary(tx, &ctx, &query).await).await;
    report.map(Json).map_err(|fault| Rejection(fault, lang))
}
