//! Actions on a filed appeal: each is a POST that returns the changed card.

use axum::extract::State;

use crate::app::App;
use crate::fault::Result;
use crate::http::change::Reply;
use crate::http::extract::Posted;
use crate::http::params::{Keyed, Numbered};
use crate::http::respond::Answer;
use crate::service::{applicant, disagreement, operator, revision, supervisor};
use appeal_api::*;

/// Add a comment
#[utoipa::path(
    post, path = "/v1/appeals/{number}/comments", tag = "appeals", request_body = NewComment, params(Numbered, Keyed),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn comment(State(app): State<App>, posted: Posted<NewComment, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(applicant::comment(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Reply to the open clarification request
#[utoipa::path(
    post, path = "/v1/appeals/{number}/replies", tag = "appeals", request_body = TextWithFiles, params(Numbered, Keyed),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn reply(State(app): State<App>, posted: Posted<TextWithFiles, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(applicant::reply(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Cancel the appeal
#[utoipa::path(
    post, path = "/v1/appeals/{number}/cancel", tag = "appeals", request_body = OptionalReason, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn cancel(State(app): State<App>, posted: Posted<OptionalReason, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(applicant::cancel(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Confirm that the answer solved the problem, or state that it did not
#[utoipa::path(
    post, path = "/v1/appeals/{number}/confirm", tag = "appeals", request_body = Confirm, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn confirm(State(app): State<App>, posted: Posted<Confirm, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(applicant::confirm(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Close an answered appeal
#[utoipa::path(
    post, path = "/v1/appeals/{number}/close", tag = "appeals", request_body = Empty, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn close(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(applicant::close(tx, ctx, &asked.path))).await
}

/// File a repeat appeal
#[utoipa::path(
    post, path = "/v1/appeals/{number}/repeats", tag = "appeals", request_body = Repeat, params(Numbered, Keyed),
    responses((status = 201, description = "The new appeal", body = Appeal))
)]
pub async fn repeat(State(app): State<App>, posted: Posted<Repeat, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
        Box::pin(disagreement::repeat(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Escalate the appeal to a higher level of review
#[utoipa::path(
    post, path = "/v1/appeals/{number}/escalations", tag = "appeals", request_body = Escalate, params(Numbered, Keyed),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn escalate(State(app): State<App>, posted: Posted<Escalate, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(disagreement::escalate(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Rate the decision
#[utoipa::path(
    post, path = "/v1/appeals/{number}/rating", tag = "appeals", request_body = Rate, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn rate(State(app): State<App>, posted: Posted<Rate, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(revision::rate(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Take the appeal into work
#[utoipa::path(
    post, path = "/v1/appeals/{number}/take", tag = "appeals", request_body = Empty, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn take(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(operator::take(tx, ctx, &asked.path))).await
}

/// Take the appeal under review
#[utoipa::path(
    post, path = "/v1/appeals/{number}/under-review", tag = "appeals", request_body = OptionalNote, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn review(State(app): State<App>, posted: Posted<OptionalNote, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(operator::review(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Assign a responsible operator
#[utoipa::path(
    post, path = "/v1/appeals/{number}/assign", tag = "appeals", request_body = Assign, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn assign(State(app): State<App>, posted: Posted<Assign, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(operator::assign(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Ask the applicant for clarification
#[utoipa::path(
    post, path = "/v1/appeals/{number}/ask", tag = "appeals", request_body = Ask, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn ask(State(app): State<App>, posted: Posted<Ask, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(operator::ask(tx, ctx, &asked.path, &asked.body)))
        .await
}

/// Redirect the appeal to another department
#[utoipa::path(
    post, path = "/v1/appeals/{number}/redirect", tag = "appeals", request_body = Redirect, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn redirect(State(app): State<App>, posted: Posted<Redirect, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(operator::redirect(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Give the official answer
#[utoipa::path(
    post, path = "/v1/appeals/{number}/answers", tag = "appeals", request_body = GiveAnswer, params(Numbered, Keyed),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn answer(State(app): State<App>, posted: Posted<GiveAnswer, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(operator::answer(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Refuse the appeal with a reason
#[utoipa::path(
    post, path = "/v1/appeals/{number}/refuse", tag = "appeals", request_body = Refuse, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn refuse(State(app): State<App>, posted: Posted<Refuse, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(operator::refuse(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Uphold the decision
#[utoipa::path(
    post, path = "/v1/appeals/{number}/uphold", tag = "appeals", request_body = TextWithFiles, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn uphold(State(app): State<App>, posted: Posted<TextWithFiles, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(supervisor::uphold(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Change the decision: the text is the new official answer
#[utoipa::path(
    post, path = "/v1/appeals/{number}/change", tag = "appeals", request_body = TextWithFiles, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn change(State(app): State<App>, posted: Posted<TextWithFiles, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(supervisor::change(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

/// Return the appeal to work with an instruction
#[utoipa::path(
    post, path = "/v1/appeals/{number}/return", tag = "appeals", request_body = ReturnToWork, params(Numbered, Keyed),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn return_to_work(State(app): State<App>, posted: Posted<ReturnToWork, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(supervisor::return_to_work(tx, ctx, &asked.path, &asked.body))
    })
    .await
}
