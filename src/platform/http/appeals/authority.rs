//! What the authority's side does besides the moves of the life cycle (O1, F12).

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

/// Make a department or an expert a co-executor, or no more one
#[utoipa::path(
    post, path = "/v1/appeals/{number}/involve", tag = "appeals", request_body = Involve, params(Numbered, Keyed),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn involve(State(app): State<App>, posted: Posted<Involve, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(authority::involve(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Move the date of the decision, with a reason that the applicant is told
#[utoipa::path(
    post, path = "/v1/appeals/{number}/extend", tag = "appeals", request_body = Extend, params(Numbered, Keyed),
    responses((status = 200, description = "The appeal after it", body = Appeal))
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
    responses((status = 200, description = "The appeal after it", body = Appeal))
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
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn classify(State(app): State<App>, posted: Posted<Classify, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(authority::classify(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Register an appeal for a person
///
/// For an operator: it came by phone, e-mail, chat or in person, and the deadlines of that channel apply. With
/// `dry_run=true` everything is checked and nothing is kept.
#[utoipa::path(
    post, path = "/v1/registrations", tag = "appeals", request_body = RegisterAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check everything and file nothing"),
        Keyed,
    ),
    responses(
        (status = 201, description = "It is filed", body = Appeal),
        (status = 200, description = "What was found on a trial run", body = TrialRun),
    )
)]
pub async fn register_appeal(State(app): State<App>, posted: Posted<RegisterAppeal>) -> Result<Answer> {
    let ctx = posted.context(&app);
    if posted.dry_run {
        return checked(
            &ctx,
            app.read(async |tx| registering::trial(tx, &ctx, &posted.asked.body).await).await?,
        );
    }
    let answer = app
        .change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(registering::register(tx, ctx, &asked.body))
        })
        .await?;
    Ok(with_similar(&app, ctx, answer).await)
}

/// The likely duplicates of an appeal
///
/// For the authority's people: undecided appeals of the same department that share most of their words with it, as far
/// as the reader sees them.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/similar", tag = "appeals", operation_id = "similar_appeals",
    params(Numbered),
    responses((status = 200, description = "The likeliest first, at most five", body = SimilarAppeals))
)]
pub async fn similar(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<SimilarAppeals>> {
    let ctx = reader.context(&app);
    app.read(async |tx| alike::list(tx, &ctx, &number).await).await.map(Json)
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
