//! Sharing an appeal, its versions, the revision of a reviewed decision.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::extract::{Posted, Reader, Rejection, Segments};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::service::{revision, sharing, versions};
use appeal_api::*;

/// Routes of the room.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::list_participants, self::share_appeal]
        [self::unshare_appeal]
        [self::list_appeal_versions]
        [self::revise_decision]
    }
}

/// Whom the appeal is shared with
#[utoipa::path(
    get, path = "/v1/appeals/{number}/participants", tag = "appeals",
    params(("number" = String, Path, description = "Number of the appeal")),
    responses((status = 200, description = "By login", body = Vec<Share>))
)]
pub async fn list_participants(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<Share>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| sharing::list(tx, &ctx, &number).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Share the appeal, or change somebody's role
#[utoipa::path(
    post, path = "/v1/appeals/{number}/participants", tag = "appeals", request_body = ShareWith,
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 201, description = "The appeal after it", body = Appeal))
)]
pub async fn share_appeal(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<ShareWith>,
) -> Response {
    app.mutate(posted, StatusCode::CREATED, false, move |tx, ctx, body| {
        let number = number.clone();
        Box::pin(async move { sharing::add(tx, ctx, &number, body).await })
    })
    .await
}

/// Stop sharing the appeal with somebody
#[utoipa::path(
    delete, path = "/v1/appeals/{number}/participants/{login}", tag = "appeals",
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("login" = String, Path, description = "Who takes part"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn unshare_appeal(
    State(app): State<App>,
    Segments((number, login)): Segments<(String, String)>,
    posted: Posted<Empty>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, _| {
        let (number, login) = (number.clone(), login.clone());
        Box::pin(async move { sharing::remove(tx, ctx, &number, &login).await })
    })
    .await
}

/// What the appeal said, version by version
///
/// The first version is the appeal as it was filed; each of the others names the fields that changed, with their
/// values before and after.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/versions", tag = "appeals",
    params(("number" = String, Path, description = "Number of the appeal")),
    responses((status = 200, description = "The first one first", body = Vec<AppealVersion>))
)]
pub async fn list_appeal_versions(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<AppealVersion>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| versions::versions(tx, &ctx, &number).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Take the review of the decision into revision, or complete it
///
/// Without a text the review is taken into revision; with one the revision is completed.
#[utoipa::path(
    post, path = "/v1/appeals/{number}/revision", tag = "appeals", request_body = Revise,
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn revise_decision(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<Revise>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, body| {
        let number = number.clone();
        Box::pin(async move { revision::revise(tx, ctx, &number, body).await })
    })
    .await
}
