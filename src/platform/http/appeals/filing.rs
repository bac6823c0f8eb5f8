//! Filing, drafts, editing.

use axum::extract::State;

use crate::app::App;
use crate::fault::Result;
use crate::http::change::Reply;
use crate::http::extract::Posted;
use crate::http::params::{Keyed, Numbered};
use crate::http::respond::Answer;
use crate::service::context::Ctx;
use crate::service::{edit as editing, filing, similar};
use appeal_api::{Appeal, Discarded, EditAppeal, Empty, NewAppeal, Similar, TrialRun};
use appeal_domain::Finding;

/// File an appeal, or save a draft
///
/// With `dry_run=true` everything is checked, the answer is 200 with every finding, warnings too, and nothing is kept.
#[utoipa::path(
    post, path = "/v1/appeals", tag = "appeals", request_body = NewAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check everything and file nothing"),
        Keyed,
    ),
    responses(
        (status = 201, description = "It is filed, or saved", body = Appeal),
        (status = 200, description = "What was found on a trial run", body = TrialRun),
    )
)]
pub async fn create_appeal(State(app): State<App>, posted: Posted<NewAppeal>) -> Result<Answer> {
    let ctx = posted.context(&app);
    if posted.dry_run {
        return checked(&ctx, app.read(async |tx| filing::trial(tx, &ctx, &posted.asked.body).await).await?);
    }
    let answer = app
        .change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(filing::create(tx, ctx, &asked.body))
        })
        .await?;
    Ok(with_similar(&app, ctx, answer).await)
}

/// The answer to a filing, with the person's own appeals that say much the same. They are looked for after the commit,
/// where nobody waits for it, and are not part of what a repeated request gets again.
pub(super) async fn with_similar(app: &App, ctx: Ctx, mut answer: Answer) -> Answer {
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
    answer
}

/// The answer to a dry run.
pub(super) fn checked(ctx: &Ctx, (findings, similar): (Vec<Finding>, Vec<Similar>)) -> Result<Answer> {
    let findings = appeal_i18n::findings(ctx.lang, &findings);
    Answer::ok(&TrialRun { dry_run: true, findings, similar })
}

/// Edit a draft, or supplement a filed appeal
#[utoipa::path(
    patch, path = "/v1/appeals/{number}", tag = "appeals", request_body = EditAppeal,
    params(
        Numbered,
        ("If-Match" = Option<String>, Header, description = "The ETag that was read; 412 where it changed meanwhile"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn edit_appeal(State(app): State<App>, posted: Posted<EditAppeal, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(editing::edit(tx, ctx, &asked.path, &asked.body, asked.if_match))
    })
    .await
}

/// Delete a draft
#[utoipa::path(
    delete, path = "/v1/appeals/{number}", tag = "appeals",
    params(("number" = String, Path, description = "Number of the draft")),
    responses((status = 200, description = "It is gone", body = Discarded))
)]
pub async fn discard_draft(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(filing::discard(tx, ctx, &asked.path))).await
}

/// Send a draft
#[utoipa::path(
    post, path = "/v1/appeals/{number}/submit", tag = "appeals", request_body = Empty,
    params(
        ("number" = String, Path, description = "Number of the draft"),
        Keyed,
    ),
    responses((status = 200, description = "The filed appeal", body = Appeal))
)]
pub async fn submit_draft(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    let ctx = posted.context(&app);
    let answer = app
        .change(posted, Reply::OK.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(filing::submit(tx, ctx, &asked.path))
        })
        .await?;
    Ok(with_similar(&app, ctx, answer).await)
}
