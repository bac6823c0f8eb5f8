//! Requests of the authority's staff other than moves of the life cycle.

use axum::Json;
use axum::extract::State;

use super::filing::{checked, with_similar};
use crate::app::App;
use crate::fault::Result;
use crate::http::change::Reply;
use crate::http::extract::{Posted, Reader, Segments};
use crate::http::params::{Keyed, Numbered};
use crate::http::respond::Answer;
use crate::service::{authority, merging, registering, revision, similar as alike};
use appeal_api::*;

/// Add or remove a co-executor
#[utoipa::path(
    post, path = "/v1/appeals/{number}/involve", tag = "appeals", request_body = Involve, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn involve(State(app): State<App>, posted: Posted<Involve, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(authority::involve(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Extend the decision deadline, with a reason shown to the applicant
#[utoipa::path(
    post, path = "/v1/appeals/{number}/extend", tag = "appeals", request_body = Extend, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn extend(State(app): State<App>, posted: Posted<Extend, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(authority::extend(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Merge a duplicate into another appeal
#[utoipa::path(
    post, path = "/v1/appeals/{number}/merge", tag = "appeals", request_body = Merge, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn merge(State(app): State<App>, posted: Posted<Merge, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(merging::merge(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Set the category or the priority
#[utoipa::path(
    post, path = "/v1/appeals/{number}/classify", tag = "appeals", request_body = Classify, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn classify(State(app): State<App>, posted: Posted<Classify, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(authority::classify(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Register an appeal on an applicant's behalf
///
/// For operators: the appeal was received by phone, e-mail, chat or in person, and the deadlines of that channel apply.
/// With `dry_run=true` the appeal is only checked.
#[utoipa::path(
    post, path = "/v1/registrations", tag = "appeals", request_body = RegisterAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check only; file nothing"),
        Keyed,
    ),
    responses(
        (status = 201, description = "The filed appeal", body = Appeal),
        (status = 200, description = "The findings of a dry run", body = DryRunResult),
    )
)]
pub async fn register_appeal(State(app): State<App>, posted: Posted<RegisterAppeal>) -> Result<Answer> {
    let ctx = posted.context(&app);
    if posted.dry_run {
        return checked(
            &ctx,
            app.read(async |tx| registering::dry_run(tx, &ctx, &posted.asked.body).await).await?,
        );
    }
    let answer = app
        .change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(registering::register(tx, ctx, &asked.body))
        })
        .await?;
    Ok(with_similar(&app, ctx, answer).await)
}

/// List the likely duplicates of an appeal
///
/// For the authority's staff: undecided appeals of the same department that share most of their words with this one and
/// are visible to the caller.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/similar", tag = "appeals", operation_id = "similar_appeals",
    params(Numbered),
    responses((status = 200, description = "At most five, the most similar first", body = SimilarAppeals))
)]
pub async fn similar(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<SimilarAppeals>> {
    let ctx = reader.context(&app);
    app.read(async |tx| alike::list(tx, &ctx, &number).await).await.map(Json)
}

/// Take a review of the decision into revision, or complete the revision
///
/// Without a text the review is taken into revision; with a text the revision is completed.
#[utoipa::path(
    post, path = "/v1/appeals/{number}/revision", tag = "appeals", request_body = Revise,
    params(
        Numbered,
        Keyed,
    ),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn revise_decision(State(app): State<App>, posted: Posted<Revise, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(revision::revise(tx, ctx, &asked.path, &asked.body))
    })
    .await
}
