//! Sharing an appeal, its versions, the revision of a reviewed decision.

use axum::Json;
use axum::extract::State;

use super::access::{Access, FILE, READ};
use super::change::Reply;
use super::extract::{Posted, Reader, Segments};
use super::params::{Keyed, Numbered};
use super::respond::Answer;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::{revision, sharing, versions};
use appeal_api::*;
use appeal_domain::Role;

const REVIEWER: Access = Access::operates(&[Role::Supervisor], "forbidden-reviewer");

/// Routes of the room.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::list_participants: READ,
        self::share_appeal: FILE,
        self::unshare_appeal: FILE,
        self::list_appeal_versions: READ,
        self::revise_decision: REVIEWER,
    }
}

/// Whom the appeal is shared with
#[utoipa::path(
    get, path = "/v1/appeals/{number}/participants", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "By login", body = Vec<Share>))
)]
pub async fn list_participants(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<Share>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| sharing::list(tx, &ctx, &number).await).await.map(Json)
}

/// Share the appeal, or change somebody's role
#[utoipa::path(
    post, path = "/v1/appeals/{number}/participants", tag = "appeals", request_body = ShareWith,
    params(
        Numbered,
        Keyed,
    ),
    responses((status = 201, description = "The appeal after it", body = Appeal))
)]
pub async fn share_appeal(State(app): State<App>, posted: Posted<ShareWith, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(sharing::add(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Stop sharing the appeal with somebody
#[utoipa::path(
    delete, path = "/v1/appeals/{number}/participants/{login}", tag = "appeals",
    params(
        Numbered,
        ("login" = String, Path, description = "Who takes part"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn unshare_appeal(
    State(app): State<App>,
    posted: Posted<Empty, (String, String)>,
) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(sharing::remove(tx, ctx, &asked.path.0, &asked.path.1))
    })
    .await
}

/// What the appeal said, version by version
///
/// The first version is the appeal as it was filed; each of the others names the fields that changed, with their
/// values before and after.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/versions", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "The first one first", body = Vec<AppealVersion>))
)]
pub async fn list_appeal_versions(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<AppealVersion>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| versions::versions(tx, &ctx, &number).await).await.map(Json)
}

/// Take the review of the decision into revision, or complete it
///
/// Without a text the review is taken into revision; with one the revision is completed.
#[utoipa::path(
    post, path = "/v1/appeals/{number}/revision", tag = "appeals", request_body = Revise,
    params(
        Numbered,
        Keyed,
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn revise_decision(State(app): State<App>, posted: Posted<Revise, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(revision::revise(tx, ctx, &asked.path, &asked.body))
    })
    .await
}
