//! Backups, exports and imports.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::change::Reply;
use crate::http::extract::{Posted, Reader};
use crate::http::params::Keyed;
use crate::http::respond::Answer;
use crate::service::admin::{archive, import};
use crate::store::sqlite::create_dir;
use appeal_api::{BackupVerified, Empty, Imported};
use appeal_files::backup::ArchiveKind;

/// Create a backup of everything, without downtime
///
/// A ZIP archive with a snapshot of the database and the files it refers to; the last entry, `manifest.json`, lists
/// every other entry with its SHA-256. The header `X-Backup-Id` holds the id of the backup.
#[utoipa::path(
    get, path = "/v1/admin/backup", tag = "admin",
    responses((status = 200, description = "The archive", content_type = "application/zip"))
)]
pub async fn backup(State(app): State<App>, reader: Reader) -> Result<Response> {
    send(&app, reader, ArchiveKind::Backup).await
}

/// Export everything as JSON Lines, for a platform on another engine
#[utoipa::path(
    get, path = "/v1/admin/export", tag = "admin",
    responses((status = 200, description = "The archive", content_type = "application/zip"))
)]
pub async fn export(State(app): State<App>, reader: Reader) -> Result<Response> {
    send(&app, reader, ArchiveKind::Export).await
}

async fn send(app: &App, reader: Reader, kind: ArchiveKind) -> Result<Response> {
    let sending = archive::begin(app, &reader.context(app), kind).await?;
    let pieces = stream::unfold(sending.pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    Response::builder()
        .header(header::CONTENT_TYPE, "application/zip")
        .header("x-backup-id", &sending.id)
        .body(Body::from_stream(pieces))
        .map_err(|e| Fault::Internal(e.to_string()))
}

/// Confirm that a backup was received and verified
#[utoipa::path(
    post, path = "/v1/admin/backups/{id}/verified", tag = "admin", request_body = Empty,
    params(
        ("id" = String, Path, description = "Id of the backup"),
        Keyed,
    ),
    responses((status = 200, description = "The confirmation", body = BackupVerified))
)]
pub async fn backup_verified(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    app.change(posted, Reply::OK, |tx, ctx, asked| {
        Box::pin(async move {
            archive::verified(tx, ctx, &asked.path).await?;
            Ok(BackupVerified { id: asked.path.clone(), verified_at: ctx.now })
        })
    })
    .await
}

/// Import an export into a platform without appeals
#[utoipa::path(
    put, path = "/v1/admin/import", tag = "admin",
    request_body(content_type = "application/zip", description = "The archive of an export"),
    responses((status = 200, description = "The result of the import", body = Imported))
)]
pub async fn import(State(app): State<App>, reader: Reader, request: Request) -> Result<Json<Imported>> {
    let ctx = reader.context(&app);
    let archive = receive(&app, request.into_body()).await?;
    import::import(&app, &ctx, archive.path()).await.map(Json)
}

async fn receive(app: &App, body: Body) -> Result<tempfile::NamedTempFile> {
    let dir = app.files().join("tmp");
    let opened = tokio::task::spawn_blocking(move || {
        create_dir(&dir)?;
        tempfile::Builder::new().prefix("import-").tempfile_in(&dir)
    });
    let archive = opened.await.map_err(|e| Fault::Internal(e.to_string()))??;
    let mut file = tokio::fs::File::from_std(archive.as_file().try_clone()?);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        file.write_all(&piece.map_err(std::io::Error::other)?).await?;
    }
    file.flush().await?;
    Ok(archive)
}
