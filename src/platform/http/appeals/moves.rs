//! Everything that is done to a filed appeal: each is a POST that gives the card as it is afterwards.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::extract::{Posted, Segments};
use crate::app::App;
use crate::service::{applicant, disagreement, operator, revision, supervisor};
use appeal_api::*;

/// A handler: the name, the path, the body, the status, and the use case with `body` at hand.
macro_rules! moves {
    ($($summary:literal $name:ident $path:literal ($body:ty) $status:literal $code:ident $filing:literal
       |$tx:ident, $ctx:ident, $number:ident, $given:ident| $run:expr;)+) => { $(
        #[doc = $summary]
        #[utoipa::path(
            post, path = $path, tag = "appeals", request_body = $body,
            params(
                ("number" = String, Path, description = "Number of the appeal"),
                ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
            ),
            responses((status = $status, description = "The appeal after it", body = Appeal))
        )]
        pub async fn $name(
            State(app): State<App>,
            Segments(number): Segments<String>,
            posted: Posted<$body>,
        ) -> Response {
            app.mutate(posted, StatusCode::$code, $filing, move |$tx, $ctx, $given| {
                let $number = number.clone();
                Box::pin(async move { let _ = $given; $run.await })
            })
            .await
        }
    )+ };
}
pub(super) use moves;

moves! {
    "Add a comment"
    comment "/v1/appeals/{number}/comments" (NewComment) 201 CREATED false
    |tx, ctx, number, body| applicant::comment(tx, ctx, &number, body);

    "Answer the open clarification request"
    reply "/v1/appeals/{number}/replies" (TextWithFiles) 201 CREATED false
    |tx, ctx, number, body| applicant::reply(tx, ctx, &number, body);

    "Withdraw the appeal"
    cancel "/v1/appeals/{number}/cancel" (OptionalReason) 200 OK false
    |tx, ctx, number, body| applicant::cancel(tx, ctx, &number, body);

    "Say whether the answer solved the problem"
    confirm "/v1/appeals/{number}/confirm" (Confirm) 200 OK false
    |tx, ctx, number, body| applicant::confirm(tx, ctx, &number, body);

    "Close an answered appeal"
    close "/v1/appeals/{number}/close" (Empty) 200 OK false
    |tx, ctx, number, body| applicant::close(tx, ctx, &number);

    "File a repeat appeal; gives the new one"
    repeat "/v1/appeals/{number}/repeats" (Repeat) 201 CREATED true
    |tx, ctx, number, body| disagreement::repeat(tx, ctx, &number, body);

    "Take it to a higher level of review"
    escalate "/v1/appeals/{number}/escalations" (Escalate) 201 CREATED false
    |tx, ctx, number, body| disagreement::escalate(tx, ctx, &number, body);

    "Rate the decision"
    rate "/v1/appeals/{number}/rating" (Rate) 200 OK false
    |tx, ctx, number, body| revision::rate(tx, ctx, &number, body);

    "Take it into work"
    take "/v1/appeals/{number}/take" (Empty) 200 OK false
    |tx, ctx, number, body| operator::take(tx, ctx, &number);

    "Take it under review"
    review "/v1/appeals/{number}/under-review" (OptionalNote) 200 OK false
    |tx, ctx, number, body| operator::review(tx, ctx, &number, body);

    "Make an operator responsible"
    assign "/v1/appeals/{number}/assign" (Assign) 200 OK false
    |tx, ctx, number, body| operator::assign(tx, ctx, &number, body);

    "Ask the applicant for clarification"
    ask "/v1/appeals/{number}/ask" (Ask) 200 OK false
    |tx, ctx, number, body| operator::ask(tx, ctx, &number, body);

    "Hand it to another department"
    redirect "/v1/appeals/{number}/redirect" (Redirect) 200 OK false
    |tx, ctx, number, body| operator::redirect(tx, ctx, &number, body);

    "Give the official answer"
    answer "/v1/appeals/{number}/answers" (GiveAnswer) 201 CREATED false
    |tx, ctx, number, body| operator::answer(tx, ctx, &number, body);

    "Refuse, with the reason"
    refuse "/v1/appeals/{number}/refuse" (Refuse) 200 OK false
    |tx, ctx, number, body| operator::refuse(tx, ctx, &number, body);

    "Let the decision stand"
    uphold "/v1/appeals/{number}/uphold" (TextWithFiles) 200 OK false
    |tx, ctx, number, body| supervisor::uphold(tx, ctx, &number, body);

    "Change the decision: the text is the new official answer"
    change "/v1/appeals/{number}/change" (TextWithFiles) 200 OK false
    |tx, ctx, number, body| supervisor::change(tx, ctx, &number, body);

    "Return it to work with an instruction"
    return_to_work "/v1/appeals/{number}/return" (ReturnToWork) 200 OK false
    |tx, ctx, number, body| supervisor::return_to_work(tx, ctx, &number, body);
}
