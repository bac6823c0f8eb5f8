//! Files of an appeal.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::change::Reply;
use crate::http::extract::{Posted, Queried, Reader, Segments};
use crate::http::params::{Keyed, Numbered};
use crate::http::respond::Answer;
use crate::service::{files, uploads};
use crate::store::attachments::VersionRow;
use appeal_api::{Appeal, AttachFiles, Attachment, Empty, FileVersion, RestoreFile};

/// Characters allowed in an extended value (RFC 8187).
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!').remove(b'+');

/// List the files of an appeal
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments", tag = "files", operation_id = "list_files",
    params(Numbered),
    responses((status = 200, description = "The files", body = Vec<Attachment>))
)]
pub async fn list_files(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<Attachment>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| files::list(tx, &ctx, &number).await).await.map(Json)
}

/// Add files, or a new version of a file
#[utoipa::path(
    post, path = "/v1/appeals/{number}/attachments", tag = "files", request_body = AttachFiles,
    params(
        Numbered,
        Keyed,
    ),
    responses((status = 201, description = "The changed appeal", body = Appeal))
)]
pub async fn attach_files(State(app): State<App>, posted: Posted<AttachFiles, String>) -> Result<Answer> {
    app.change(posted, Reply::CREATED, |tx, ctx, asked| {
        Box::pin(files::attach(tx, ctx, &asked.path, &asked.body))
    })
    .await
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// By default the current version.
    version: Option<u32>,
}

/// Download a file
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments/{id}", tag = "files",
    params(
        Numbered,
        ("id" = String, Path, description = "Id of the file"),
        VersionQuery,
    ),
    responses((status = 200, description = "The bytes; `Content-Digest` and `ETag` state their SHA-256",
        content_type = "application/octet-stream"))
)]
pub async fn download_file(
    State(app): State<App>,
    reader: Reader,
    Segments((number, id)): Segments<(String, String)>,
    Queried(query): Queried<VersionQuery>,
) -> Result<Response> {
    let ctx = reader.context(&app);
    let version = app.read(async |tx| files::version(tx, &ctx, &number, &id, query.version).await).await?;
    stream(&app, &version).await
}

async fn stream(app: &App, version: &VersionRow) -> Result<Response> {
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

/// Builds `Content-Disposition` (RFC 6266): the name in UTF-8, and its ASCII characters for old clients.
pub fn disposition(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

/// Remove a file, as long as work has not started
#[utoipa::path(
    delete, path = "/v1/appeals/{number}/attachments/{id}", tag = "files",
    params(
        Numbered,
        ("id" = String, Path, description = "Id of the file"),
    ),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn remove_file(State(app): State<App>, posted: Posted<Empty, (String, String)>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(files::remove(tx, ctx, &asked.path.0, &asked.path.1))
    })
    .await
}

/// List the versions of a file
#[utoipa::path(
    get, path = "/v1/appeals/{number}/attachments/{id}/versions", tag = "files",
    params(
        Numbered,
        ("id" = String, Path, description = "Id of the file"),
    ),
    responses((status = 200, description = "The versions, oldest first", body = Vec<FileVersion>))
)]
pub async fn list_versions(
    State(app): State<App>,
    reader: Reader,
    Segments((number, id)): Segments<(String, String)>,
) -> Result<Json<Vec<FileVersion>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| files::versions(tx, &ctx, &number, &id).await).await.map(Json)
}

/// Make an earlier version of a file the current one
#[utoipa::path(
    post, path = "/v1/appeals/{number}/attachments/{id}/restore", tag = "files", request_body = RestoreFile,
    params(
        Numbered,
        ("id" = String, Path, description = "Id of the file"),
        Keyed,
    ),
    responses((status = 200, description = "The changed appeal", body = Appeal))
)]
pub async fn restore_version(
    State(app): State<App>,
    posted: Posted<RestoreFile, (String, String)>,
) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(files::restore(tx, ctx, &asked.path.0, &asked.path.1, &asked.body))
    })
    .await
}
