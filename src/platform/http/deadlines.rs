//! Deadlines of an appeal, and of one that is not filed yet.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::extract::{Queried, Reader, Rejection, Segments, lang};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::service::deadline_cards;
use appeal_api::{DeadlineDetail, ForecastQuery};

/// Routes of deadlines.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::show_deadlines]
        [self::forecast_deadlines]
    }
}

/// The deadlines of an appeal
///
/// When each step is due and how that was counted, line by line, in the zone of the department; with the time that
/// waited for the applicant and does not count, and with extensions.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/deadlines", tag = "appeals",
    params(("number" = String, Path, description = "Number of the appeal")),
    responses((status = 200, description = "The deadlines, in the order in which they are due", body = Vec<DeadlineDetail>))
)]
async fn show_deadlines(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<DeadlineDetail>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| deadline_cards::of_appeal(tx, &ctx, &number).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// What would be due
///
/// The deadlines that an appeal of this channel, category and region would have if it were filed now, or at another
/// time.
#[utoipa::path(
    get, path = "/v1/deadlines", tag = "catalogue", params(ForecastQuery),
    responses((status = 200, description = "The deadlines, in the order in which they are due", body = Vec<DeadlineDetail>))
)]
async fn forecast_deadlines(
    State(app): State<App>,
    headers: HeaderMap,
    Queried(query): Queried<ForecastQuery>,
) -> Result<Json<Vec<DeadlineDetail>>, Rejection> {
    let (lang, now) = (lang(&headers), app.now());
    let found = app.read(async |tx| deadline_cards::forecast(tx, lang, now, &query).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}
