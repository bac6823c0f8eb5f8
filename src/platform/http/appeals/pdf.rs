//! Appeals and answers as PDFs.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::files::disposition;
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::extract::{Reader, Segments};
use crate::http::params::Numbered;
use crate::http::respond;
use crate::pdf;
use crate::service;
use appeal_i18n::Lang;

/// Download the card of an appeal as a PDF
///
/// Includes the history, as visible to the caller; PDF/A, in the language of `Accept-Language`.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/pdf", tag = "appeals",
    params(("number" = String, Path, description = "Number of the appeal, or of its former draft")),
    responses(
        (status = 200, description = "The document; `Content-Digest` and `ETag` state its SHA-256",
            content_type = "application/pdf"),
        (status = 304, description = "Matches `If-None-Match`"),
    )
)]
pub async fn card_pdf(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let card = app.read(async |tx| service::pdf::card(tx, &ctx, &number).await).await?;
    let name = format!("{}.pdf", card.appeal.number);
    let print = move || pdf::card(&card.appeal, &card.around, lang);
    printed(print, &name, lang, &headers).await
}

/// Download an official answer as a PDF
///
/// PDF/A, in the language of `Accept-Language`.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/answers/{id}/pdf", tag = "appeals",
    params(
        Numbered,
        ("id" = String, Path, description = "Id of the answer"),
    ),
    responses(
        (status = 200, description = "The document; `Content-Digest` and `ETag` state its SHA-256",
            content_type = "application/pdf"),
        (status = 304, description = "Matches `If-None-Match`"),
    )
)]
pub async fn answer_pdf(
    State(app): State<App>,
    reader: Reader,
    Segments((number, id)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let (card, answer) = app.read(async |tx| service::pdf::answer(tx, &ctx, &number, &id).await).await?;
    let place = card.appeal.answers.iter().flatten().position(|a| a.id == answer.id).unwrap_or_default() + 1;
    let name = format!("{}-answer-{place}.pdf", card.appeal.number);
    let print = move || pdf::answer(&card.appeal, &answer, &card.around, lang);
    printed(print, &name, lang, &headers).await
}

/// Renders a document on a blocking thread and returns it.
async fn printed(
    print: impl FnOnce() -> pdf::Result<Vec<u8>> + Send + 'static,
    name: &str,
    lang: Lang,
    headers: &HeaderMap,
) -> Result<Response> {
    let inside = |error: String| Fault::Internal(error);
    let bytes = tokio::task::spawn_blocking(print)
        .await
        .map_err(|error| inside(error.to_string()))?
        .map_err(|error| inside(error.to_string()))?;
    let digest = Sha256::digest(&bytes);
    let tag = format!("\"{}\"", hex::encode(digest));
    let unchanged = respond::is_known(headers, &tag);
    let response = Response::builder()
        .header(header::ETAG, tag)
        .header(header::CONTENT_LANGUAGE, lang.as_str())
        .header(header::VARY, "accept-language, authorization")
        .header(header::CACHE_CONTROL, "private, no-cache");
    let response = if unchanged {
        response.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        response
            .header(header::CONTENT_TYPE, "application/pdf")
            .header(header::CONTENT_LENGTH, bytes.len())
            .header(header::CONTENT_DISPOSITION, disposition(name))
            .header("content-digest", format!("sha-256=:{}:", STANDARD.encode(digest)))
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(Body::from(Bytes::from(bytes)))
    };
    response.map_err(|error| inside(error.to_string()))
}
