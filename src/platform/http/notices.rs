//! Notifications of the signed-in person.

use axum::Json;
use axum::extract::State;

use super::access::{ANY_TOKEN, READ};
use super::change::Reply;
use super::extract::{Posted, Queried, Reader};
use super::params::Keyed;
use super::respond::Answer;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::{notices, tokens};
use appeal_api::*;

/// Routes of notifications.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::list_notices: READ,
        self::read_notices: READ,
        self::show_settings: READ,
        self::edit_settings: ANY_TOKEN,
    }
}

/// List the caller's notifications
///
/// Newest first, each with its deliveries and their states. `next` refers to the next page.
#[utoipa::path(
    get, path = "/v1/me/notifications", tag = "notifications", params(NoticesQuery),
    responses((status = 200, description = "A page", body = Page<Notice>))
)]
async fn list_notices(
    State(app): State<App>,
    reader: Reader,
    Queried(query): Queried<NoticesQuery>,
) -> Result<Json<Page<Notice>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| notices::list(tx, &ctx, &query, &app.gateways().webhooks).await).await.map(Json)
}

/// Mark notifications as read
#[utoipa::path(
    post, path = "/v1/me/notifications/read", tag = "notifications", request_body = ReadNotices,
    params(Keyed),
    responses((status = 200, description = "The number of notifications that were unread", body = NoticesRead))
)]
async fn read_notices(State(app): State<App>, posted: Posted<ReadNotices>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| Box::pin(notices::read(tx, ctx, &asked.body))).await
}

/// Show the caller's notification settings
#[utoipa::path(
    get, path = "/v1/me/notification-settings", tag = "notifications",
    responses((status = 200, description = "The settings", body = NoticeSettings))
)]
async fn show_settings(State(app): State<App>, reader: Reader) -> Result<Json<NoticeSettings>> {
    let ctx = reader.context(&app);
    app.read(async |tx| notices::settings(tx, &ctx).await).await.map(Json)
}

/// Edit the caller's notification settings
///
/// Absent fields stay unchanged. Setting a webhook or its secret requires a session signed in within the last ten minutes.
/// A webhook must have a public address, unless the administrator permits others. It receives a POST with the JSON of the notification and three headers:
/// `X-Appeal-Message-Id`, the same in every repetition; `X-Appeal-Timestamp`, seconds since 1970; and
/// `X-Appeal-Signature`, `sha256=` and the hexadecimal HMAC-SHA-256 of `TIMESTAMP.BODY` with the secret as the key.
#[utoipa::path(
    put, path = "/v1/me/notification-settings", tag = "notifications", request_body = EditNoticeSettings,
    responses((status = 200, description = "The changed settings", body = NoticeSettings))
)]
async fn edit_settings(State(app): State<App>, posted: Posted<EditNoticeSettings>) -> Result<Answer> {
    // Generated outside the use case, which may be run again.
    let shared = (tokens::random_secret(), app.gateways().webhooks.clone());
    app.change(posted, Reply::OK, move |tx, ctx, asked| {
        let (fresh, reach) = shared.clone();
        Box::pin(async move { notices::edit_settings(tx, ctx, &asked.body, &fresh, &reach).await })
    })
    .await
}
