//! Deadlines of an appeal, and forecasts.

use axum::Json;
use axum::extract::State;

use super::access::{OPEN, READ};
use super::extract::{Language, Queried, Reader, Segments};
use super::params::Numbered;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::deadline_cards;
use appeal_api::{DeadlineDetail, ForecastQuery};

/// Routes of deadlines.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::show_deadlines: READ,
        self::forecast_deadlines: OPEN,
    }
}

/// Show the deadlines of an appeal
///
/// When each step is due and how that was calculated, line by line, in the time zone of the department; includes
/// periods of waiting for the applicant, which do not count, and extensions.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/deadlines", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "The deadlines, by due date", body = Vec<DeadlineDetail>))
)]
async fn show_deadlines(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<DeadlineDetail>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| deadline_cards::of_appeal(tx, &ctx, &number).await).await.map(Json)
}

/// Forecast the deadlines of an appeal
///
/// The deadlines that an appeal of this channel, category and region would have if it were filed now, or at another
/// time.
#[utoipa::path(
    get, path = "/v1/deadlines", tag = "catalogue", params(ForecastQuery),
    responses((status = 200, description = "The deadlines, by due date", body = Vec<DeadlineDetail>))
)]
async fn forecast_deadlines(
    State(app): State<App>,
    Language(lang): Language,
    Queried(query): Queried<ForecastQuery>,
) -> Result<Json<Vec<DeadlineDetail>>> {
    let now = app.now();
    app.read(async |tx| deadline_cards::forecast(tx, lang, now, &query).await).await.map(Json)
}
