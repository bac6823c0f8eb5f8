//! Filing, drafts, editing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::extract::{Posted, Segments};
use super::super::respond;
use super::super::respond::Answer;
use crate::app::App;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::service::context::Ctx;
use crate::service::{edit as editing, filing, similar};
use appeal_api::{Appeal, Discarded, EditAppeal, Empty, NewAppeal, Similar, TrialRun};
use appeal_domain::Finding;
use appeal_i18n::Lang;

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
    let reader = (posted.caller.clone(), posted.lang);
    let answer = app
        .perform(posted, StatusCode::CREATED, true, |tx, ctx, body| Box::pin(filing::create(tx, ctx, body)))
        .await;
    with_similar(&app, reader, answer).await
}

/// The answer to a filing, with the person's own appeals that say much the same. They are looked for after the commit,
/// where nobody waits for it, and are not part of what a repeated request gets again.
pub(super) async fn with_similar(
    app: &App,
    (caller, lang): (Caller, Lang),
    answer: Result<Answer, Fault>,
) -> Response {
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(Fault::Rehearsed) => {
            let run = TrialRun { dry_run: true, findings: Vec::new(), similar: Vec::new() };
            return respond::json(StatusCode::OK, &run);
        }
        Err(fault) => return respond::fault(&fault, lang),
    };
    let ctx = Ctx { caller, now: app.now(), lang, trial: false };
    let mut card: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if let Some(number) = card["number"].as_str().map(str::to_owned) {
        // It is filed whatever comes of this.
        match app.read(async |tx| similar::to_filed(tx, &ctx, &number).await).await {
            Ok(found) if !found.is_empty() => {
                card["similar"] = serde_json::to_value(found).unwrap_or_default();
                answer.body = card.to_string();
            }
            Ok(_) => {}
            Err(fault) => tracing::warn!(error = %fault, "likely duplicates were not looked for"),
        }
    }
    respond::answer(answer)
}

async fn trial(app: App, posted: Posted<NewAppeal>) -> Response {
    let ctx = Ctx { caller: posted.caller, now: app.now(), lang: posted.lang, trial: false };
    tried(app.read(async |tx| filing::trial(tx, &ctx, &posted.body).await).await, posted.lang)
}

/// The answer to a trial run.
pub(super) fn tried(found: Result<(Vec<Finding>, Vec<Similar>), Fault>, lang: Lang) -> Response {
    match found {
        Ok((findings, similar)) => {
            let run = TrialRun { dry_run: true, findings: appeal_i18n::findings(lang, &findings), similar };
            respond::json(StatusCode::OK, &run)
        }
        Err(fault) => respond::fault(&fault, lang),
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
    posted: Posted<Empty>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, _| {
        let number = number.clone();
        Box::pin(async move { filing::discard(tx, ctx, &number).await })
    })
    .await
}

/// Send a draft
#[utoipa::path(
    post, path = "/v1/appeals/{number}/submit", tag = "appeals", request_body = Empty,
    params(
        ("number" = String, Path, description = "Number of the draft"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "The filed appeal", body = Appeal))
)]
pub async fn submit_draft(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<Empty>,
) -> Response {
    let reader = (posted.caller.clone(), posted.lang);
    let answer = app
        .perform(posted, StatusCode::OK, true, move |tx, ctx, _| {
            let number = number.clone();
            Box::pin(async move { filing::submit(tx, ctx, &number).await })
        })
        .await;
    with_similar(&app, reader, answer).await
}
