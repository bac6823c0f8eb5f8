//! Filing, drafts, editing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::extract::{Posted, Segments};
use super::super::respond;
use super::super::state::App;
use super::Nothing;
use crate::api::{Appeal, Discarded, EditAppeal, NewAppeal, TrialRun};
use crate::i18n;
use crate::platform::service::context::Ctx;
use crate::platform::service::{edit as editing, filing};

/// File an appeal, or save a draft
///
/// With `dry_run=true` everything is checked, the answer is 200 with every finding, warnings too, and nothing is kept.
#[utoipa::path(
    post, path = "/v1/appeals", tag = "appeals", request_body = NewAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check everything and file nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses(
        (status = 201, description = "It is filed, or saved", body = Appeal),
        (status = 200, description = "What was found on a trial run", body = TrialRun),
    )
)]
pub async fn create_appeal(State(app): State<App>, posted: Posted<NewAppeal>) -> Response {
    if posted.dry_run {
        return trial(app, posted).await;
    }
    app.mutate(posted, StatusCode::CREATED, true, |tx, ctx, body| Box::pin(filing::create(tx, ctx, body)))
        .await
}

async fn trial(app: App, posted: Posted<NewAppeal>) -> Response {
    let ctx = Ctx { caller: posted.caller, now: app.now(), lang: posted.lang };
    match app.read(async |tx| filing::trial(tx, &ctx, &posted.body).await).await {
        Ok(found) => {
            let run = TrialRun { dry_run: true, findings: i18n::findings(posted.lang, &found) };
            respond::json(StatusCode::OK, &run)
        }
        Err(fault) => respond::fault(&fault, posted.lang),
    }
}

/// Edit a draft, or supplement a filed appeal
#[utoipa::path(
    patch, path = "/v1/appeals/{number}", tag = "appeals", request_body = EditAppeal,
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("If-Match" = Option<String>, Header, description = "The ETag that was read; 412 where it changed meanwhile"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn edit_appeal(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<EditAppeal>,
) -> Response {
    let if_match = posted.if_match;
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, body| {
        let number = number.clone();
        Box::pin(async move { editing::edit(tx, ctx, &number, body, if_match).await })
    })
    .await
}

/// Delete a draft
#[utoipa::path(
    delete, path = "/v1/appeals/{number}", tag = "appeals",
    params(("number" = String, Path, description = "Number of the draft")),
    responses((status = 200, description = "It is gone", body = Discarded))
)]
pub async fn discard_draft(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<Nothing>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, _| {
        let number = number.clone();
        Box::pin(async move { filing::discard(tx, ctx, &number).await })
    })
    .await
}

/// Send a draft
#[utoipa::path(
    post, path = "/v1/appeals/{number}/submit", tag = "appeals", request_body = Nothing,
    params(
        ("number" = String, Path, description = "Number of the draft"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "The filed appeal", body = Appeal))
)]
pub async fn submit_draft(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<Nothing>,
) -> Response {
    app.mutate(posted, StatusCode::OK, true, move |tx, ctx, _| {
        let number = number.clone();
        Box::pin(async move { filing::submit(tx, ctx, &number).await })
    })
    .await
}
