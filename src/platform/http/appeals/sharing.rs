//! Sharing an appeal with other people.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::fault::Result;
use crate::http::change::Reply;
use crate::http::extract::{Posted, Reader, Segments};
use crate::http::params::{Keyed, Numbered};
use crate::http::respond::Answer;
use crate::service::sharing;
use appeal_api::*;

/// List the people an appeal is shared with
#[utoipa::path(
    get, path = "/v1/appeals/{number}/participants", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "The people, ordered by login", body = Vec<Share>))
)]
pub async fn list_participants(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<Share>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| sharing::list(tx, &ctx, &number).await).await.map(Json)
}

/// Share an appeal, or change a person's role
#[utoipa::path(
    post, path = "/v1/appeals/{number}/participants", tag = "appeals", request_body = ShareWith,
    params(
        Numbered,
        Keyed,
    ),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn share_appeal(State(app): State<App>, posted: Posted<ShareWith, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(sharing::add(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Stop sharing an appeal with a person
#[utoipa::path(
    delete, path = "/v1/appeals/{number}/participants/{login}", tag = "appeals",
    params(
        Numbered,
        ("login" = String, Path, description = "Login of the person"),
    ),
    responses((status = 200, description = "The changed appeal", body = Appeal))
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
