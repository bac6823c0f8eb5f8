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
use appeal_api::{Appeal, Discarded, DryRunResult, EditAppeal, Empty, NewAppeal, Similar};
use appeal_domain::Finding;

/// File an appeal, or save a draft
///
/// With `dry_run=true` the appeal is only checked; the response is 200 with all findings, including warnings.
#[utoipa::path(
    post, path = "/v1/appeals", tag = "appeals", request_body = NewAppeal,
    params(
        ("dry_run" = Option<bool>, Query, description = "Check only; file nothing"),
        Keyed,
    ),
    responses(
        (status = 201, description = "The filed appeal, or the saved draft", body = Appeal),
        (status = 200, description = "The findings of a dry run", body = DryRunResult),
    )
)]
pub async fn create_appeal(State(app): State<App>, posted: Posted<NewAppeal>) -> Result<Answer> {
    let ctx = posted.context(&app);
    if posted.dry_run {
        return checked(
            &ctx,
            app.read(async |tx| filing::dry_run(tx, &ctx, &posted.asked.body).await).await?,
        );
    }
    let answer = app
        .change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(filing::create(tx, ctx, &asked.body))
        })
        .await?;
    Ok(with_similar(&app, ctx, answer).await)
}

/// Adds the person's own similar appeals to the response to a filing. They are searched for after the commit, so that
/// the writer does not wait, and are not part of the response stored for repeated requests.
pub(super) async fn with_similar(app: &App, ctx: Ctx, mut answer: Answer) -> Answer {
    let mut card: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if let Some(number) = card["number"].as_str().map(str::to_owned) {
        // A failure does not affect the filing.
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

/// The response to a dry run.
pub(super) fn checked(ctx: &Ctx, (findings, similar): (Vec<Finding>, Vec<Similar>)) -> Result<Answer> {
    let findings = appeal_i18n::findings(ctx.lang, &findings);
    Answer::ok(&DryRunResult { dry_run: true, findings, similar })
}

/// Edit a draft, or supplement a filed appeal
#[utoipa::path(
    patch, path = "/v1/appeals/{number}", tag = "appeals", request_body = EditAppeal,
    params(
        Numbered,
        ("If-Match" = Option<String>, Header, description = "The ETag that was read; 412 if the appeal changed since"),
    ),
    responses((status = 200, description = "The changed appeal", body = Appeal))
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
    responses((status = 200, description = "The draft was deleted", body = Discarded))
)]
pub async fn discard_draft(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(filing::discard(tx, ctx, &asked.path))).await
}

/// Submit a draft
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
