//! What the authority's side does besides the moves of the life cycle (O1, F12).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::extract::{Posted, Reader, Rejection, Segments};
use super::filing::{tried, with_similar};
use super::moves::moves;
use crate::app::App;
use crate::service::context::Ctx;
use crate::service::{authority, merging, registering, similar as alike};
use appeal_api::*;

moves! {
    "Make a department or an expert a co-executor, or no more one"
    involve "/v1/appeals/{number}/involve" (Involve) 200 OK false
    |tx, ctx, number, body| authority::involve(tx, ctx, &number, body);

    "Move the date of the decision, with a reason that the applicant is told"
    extend "/v1/appeals/{number}/extend" (Extend) 200 OK false
    |tx, ctx, number, body| authority::extend(tx, ctx, &number, body);

    "Merge a duplicate into another appeal"
    merge "/v1/appeals/{number}/merge" (Merge) 200 OK false
    |tx, ctx, number, body| merging::merge(tx, ctx, &number, body);

    "Set the category or the priority"
    classify "/v1/appeals/{number}/classify" (Classify) 200 OK false
    |tx, ctx, number, body| authority::classify(tx, ctx, &number, body);
}

/// Register an appeal for a person
///
/// For an operator: it came by phone, e-mail, chat or in person, and the deadlines of that channel apply. With
/// `dry_run=true` everything is checked and nothing is kept.
#[utoipa::path(
    post, path = "/v1/registrations", tag = "appeals", request_body = RegisterAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check everything and file nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses(
        (status = 201, description = "It is filed", body = Appeal),
        (status = 200, description = "What was found on a trial run", body = TrialRun),
    )
)]
pub async fn register_appeal(State(app): State<App>, posted: Posted<RegisterAppeal>) -> Response {
    let reader = (posted.caller.clone(), posted.lang);
    if posted.dry_run {
        let ctx = Ctx { caller: posted.caller, now: app.now(), lang: posted.lang, trial: false };
        let found = app.read(async |tx| registering::trial(tx, &ctx, &posted.body).await).await;
        return tried(found, posted.lang);
    }
    let answer = app
        .perform(posted, StatusCode::CREATED, true, |tx, ctx, body| {
            Box::pin(registering::register(tx, ctx, body))
        })
        .await;
    with_similar(&app, reader, answer).await
}

/// The likely duplicates of an appeal
///
/// For the authority's people: undecided appeals of the same department that share most of their words with it, as far
/// as the reader sees them.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/similar", tag = "appeals", operation_id = "similar_appeals",
    params(("number" = String, Path, description = "Number of the appeal")),
    responses((status = 200, description = "The likeliest first, at most five", body = SimilarAppeals))
)]
pub async fn similar(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<SimilarAppeals>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| alike::list(tx, &ctx, &number).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}
