//! Files of an appeal.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::super::extract::{Posted, Queried, Reader, Rejection, Segments};
use crate::app::App;
use crate::fault::{Fault, Result as Done};
use crate::service::{files, uploads};
use crate::store::attachments::VersionRow;
use appeal_api::{Appeal, AttachFiles, Attachment, Empty, FileVersion, RestoreFile};

/// What RFC 8187 lets stand in an extended value.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!').remove(b'+');

/// The files of an appeal
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments", tag = "files", operation_id = "list_files",
    params(("number" = String, Path, description = "Number of the appeal")),
    responses((status = 200, description = "Its files", body = Vec<Attachment>))
)]
pub async fn list_files(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<Attachment>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| files::list(tx, &ctx, &number).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Add files, or a new version of one
#[utoipa::path(
    post, path = "/v1/appeals/{number}/attachments", tag = "files", request_body = AttachFiles,
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 201, description = "The appeal after it", body = Appeal))
)]
pub async fn attach_files(
    State(app): State<App>,
    Segments(number): Segments<String>,
    posted: Posted<AttachFiles>,
) -> Response {
    app.mutate(posted, StatusCode::CREATED, false, move |tx, ctx, body| {
        let number = number.clone();
        Box::pin(async move { files::attach(tx, ctx, &number, body).await })
    })
    .await
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// The current one where absent.
    version: Option<u32>,
}

/// The bytes of a file
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments/{id}", tag = "files",
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("id" = String, Path, description = "Id of the file"),
        VersionQuery,
    ),
    responses((status = 200, description = "The bytes; `Content-Digest` and `ETag` tell their SHA-256",
        content_type = "application/octet-stream"))
)]
pub async fn download_file(
    State(app): State<App>,
    reader: Reader,
    Segments((number, id)): Segments<(String, String)>,
    Queried(query): Queried<VersionQuery>,
) -> Result<Response, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let reject = |fault: Fault| Rejection(fault, lang);
    let version = app
        .read(async |tx| files::version(tx, &ctx, &number, &id, query.version).await)
        .await
        .map_err(reject)?;
    stream(&app, &version).await.map_err(reject)
}

async fn stream(app: &App, version: &VersionRow) -> Done<Response> {
    let file = uploads::open(app.files(), &version.sha256).await?;
    let digest = hex::decode(&version.sha256).map_err(|e| Fault::Internal(e.to_string()))?;
    Response::builder()
        .header(header::CONTENT_TYPE, &version.media_type)
        .header(header::CONTENT_LENGTH, version.size)
        .header(header::CONTENT_DISPOSITION, disposition(&version.name))
        .header(header::ETAG, format!("\"{}\"", version.sha256))
        .header("content-digest", format!("sha-256=:{}:", STANDARD.encode(digest)))
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024)))
        .map_err(|e| Fault::Internal(e.to_string()))
}

/// `Content-Disposition` (RFC 6266): the name in UTF-8, and what is left of it in ASCII for clients of old.
pub fn disposition(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

/// Remove a file, until work starts
#[utoipa::path(
    delete, path = "/v1/appeals/{number}/attachments/{id}", tag = "files",
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("id" = String, Path, description = "Id of the file"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn remove_file(
    State(app): State<App>,
    Segments((number, id)): Segments<(String, String)>,
    posted: Posted<Empty>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, _| {
        let (number, id) = (number.clone(), id.clone());
        Box::pin(async move { files::remove(tx, ctx, &number, &id).await })
    })
    .await
}

/// The versions of a file
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments/{id}/versions", tag = "files",
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("id" = String, Path, description = "Id of the file"),
    ),
    responses((status = 200, description = "The first one first", body = Vec<FileVersion>))
)]
pub async fn list_versions(
    State(app): State<App>,
    reader: Reader,
    Segments((number, id)): Segments<(String, String)>,
) -> Result<Json<Vec<FileVersion>>, Rejection> {
    let lang = reader.lang;
    let ctx = reader.context(&app);
    let found = app.read(async |tx| files::versions(tx, &ctx, &number, &id).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Make an old version the current one
#[utoipa::path(
    post, path = "/v1/appeals/{number}/attachments/{id}/restore", tag = "files", request_body = RestoreFile,
    params(
        ("number" = String, Path, description = "Number of the appeal"),
        ("id" = String, Path, description = "Id of the file"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "The appeal after it", body = Appeal))
)]
pub async fn restore_version(
    State(app): State<App>,
    Segments((number, id)): Segments<(String, String)>,
    posted: Posted<RestoreFile>,
) -> Response {
    app.mutate(posted, StatusCode::OK, false, move |tx, ctx, body| {
        let (number, id) = (number.clone(), id.clone());
        Box::pin(async move { files::restore(tx, ctx, &number, &id, body).await })
    })
    .await
}
