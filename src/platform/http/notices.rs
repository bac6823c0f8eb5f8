//! Notifications of the signed-in person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::extract::{Posted, Queried, Reader, Rejection};
use super::mutate::Versioned;
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::service::{notices, tokens};
use appeal_api::*;

impl Versioned for NoticesRead {}
impl Versioned for NoticeSettings {}

/// Routes of notifications.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::list_notices]
        [self::read_notices]
        [self::show_settings, self::edit_settings]
    }
}

/// List one's notifications
///
/// Newest first, each with the ways by which it was sent, and how that went. The next page is named by `next`.
#[utoipa::path(
    get, path = "/v1/me/notifications", tag = "notifications", params(NoticesQuery),
    responses((status = 200, description = "A page", body = Page<Notice>))
)]
async fn list_notices(
    State(app): State<App>,
    reader: Reader,
    Queried(query): Queried<NoticesQuery>,
) -> Result<Json<Page<Notice>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let page = app.read(async |tx| notices::list(tx, &ctx, &query).await).await;
    page.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Mark notifications as read
#[utoipa::path(
    post, path = "/v1/me/notifications/read", tag = "notifications", request_body = ReadNotices,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat")),
    responses((status = 200, description = "How many were unread", body = NoticesRead))
)]
async fn read_notices(State(app): State<App>, posted: Posted<ReadNotices>) -> Response {
    app.mutate(posted, StatusCode::OK, false, |tx, ctx, body| Box::pin(notices::read(tx, ctx, body))).await
}

/// What one wants to be told, and how
#[utoipa::path(
    get, path = "/v1/me/notification-settings", tag = "notifications",
    responses((status = 200, description = "The settings", body = NoticeSettings))
)]
async fn show_settings(State(app): State<App>, reader: Reader) -> Result<Json<NoticeSettings>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let settings = app.read(async |tx| notices::settings(tx, &ctx).await).await;
    settings.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Change what one wants to be told
///
/// What is absent stays. A webhook gets a POST with the JSON of the notification and three headers:
/// `X-Appeal-Message-Id`, the same in every repetition; `X-Appeal-Timestamp`, seconds since 1970; and
/// `X-Appeal-Signature`, `sha256=` and the hexadecimal HMAC-SHA-256 of `TIMESTAMP.BODY` under the secret.
#[utoipa::path(
    put, path = "/v1/me/notification-settings", tag = "notifications", request_body = EditNoticeSettings,
    responses((status = 200, description = "The settings after it", body = NoticeSettings))
)]
async fn edit_settings(State(app): State<App>, posted: Posted<EditNoticeSettings>) -> Response {
    // Made once: a use case may be run again.
    let fresh = tokens::random_secret();
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, body| {
        let fresh = fresh.clone();
        Box::pin(async move { notices::edit_settings(tx, ctx, body, &fresh).await })
    })
    .await
}
