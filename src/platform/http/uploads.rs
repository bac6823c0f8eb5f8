//! Uploads: bytes are sent first, under their digest; requests refer to them afterwards.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::access::FILE_OR_OPERATE;
use super::extract::{Queried, Reader, Segments, broken_body, drain};
use super::respond;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::uploads::{self, Received, Receiving};
use appeal_api::{Uploaded, code};
use appeal_domain::{AttachmentPolicy, Finding};

/// Routes of uploads.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::has_upload: FILE_OR_OPERATE,
        self::put_upload: FILE_OR_OPERATE,
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Name of the file in the appeal. If given, the content is checked against the extension immediately.
    name: Option<String>,
}

/// Check whether an upload is needed
///
/// 200 if the caller uploaded the bytes in the last 24 hours, or has them in one of their own appeals; they need not be
/// sent again.
#[utoipa::path(
    head, path = "/v1/uploads/{sha256}", tag = "uploads", params(("sha256" = String, Path, description = "Hexadecimal digest of the bytes")),
    responses((status = 200, description = "The platform has the bytes"))
)]
async fn has_upload(
    State(app): State<App>,
    Reader { caller, .. }: Reader,
    Segments(sha256): Segments<String>,
) -> Result<Response> {
    let sha256 = digest(&sha256)?;
    if uploads::has(&app, &caller, &sha256).await? {
        Ok(StatusCode::OK.into_response())
    } else {
        Err(Fault::not_found(sha256))
    }
}

/// Upload a file
///
/// The bytes are private to the caller and kept for 24 hours, longer once an appeal refers to them.
#[utoipa::path(
    put, path = "/v1/uploads/{sha256}", tag = "uploads",
    params(
        ("sha256" = String, Path, description = "Hexadecimal digest of the bytes"),
        UploadQuery,
        ("Content-Digest" = Option<String>, Header, description = "Verified too if it includes sha-256 (RFC 9530)"),
    ),
    request_body(content_type = "application/octet-stream", description = "The bytes"),
    responses(
        (status = 200, description = "The platform already had the bytes", body = Uploaded),
        (status = 201, description = "The bytes were stored", body = Uploaded),
    )
)]
async fn put_upload(
    State(app): State<App>,
    Reader { caller, .. }: Reader,
    Segments(sha256): Segments<String>,
    Queried(query): Queried<UploadQuery>,
    request: Request,
) -> Result<Response> {
    put(&app, &caller, &sha256, query.name.as_deref(), request).await
}

async fn put(
    app: &App,
    caller: &Caller,
    sha256: &str,
    name: Option<&str>,
    request: Request,
) -> Result<Response> {
    let sha256 = digest(sha256)?;
    let (parts, body) = request.into_parts();
    if let Some(promised) = content_digest(&parts.headers)?
        && promised != sha256
    {
        drain(body, 0).await;
        return Err(mismatch(&sha256, &promised));
    }
    let received = receive(app, &parts.headers, body, name).await?;
    let inspected = &received.inspected;
    if inspected.sha256 != sha256 {
        return Err(mismatch(&sha256, &inspected.sha256));
    }
    let findings = uploads::judge(name, inspected);
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    let answer =
        Uploaded { sha256, size: inspected.size, media_type: inspected.sniffed.media_type().to_owned() };
    let fresh = uploads::keep(app, caller, received).await?;
    Ok(respond::json(if fresh { StatusCode::CREATED } else { StatusCode::OK }, &answer))
}

/// Streams the body to a temporary file, up to the limit.
async fn receive(app: &App, headers: &HeaderMap, body: Body, name: Option<&str>) -> Result<Received> {
    let limit = AttachmentPolicy::default().max_file_bytes;
    let announced: Option<u64> =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if let Some(size) = announced.filter(|size| *size > limit) {
        // A client waiting for "100 Continue" has sent nothing yet and sees the response immediately.
        if !headers.contains_key(header::EXPECT) {
            drain(body, 0).await;
        }
        return Err(Fault::invalid(uploads::too_large(name, size)));
    }
    let mut receiving = Receiving::begin(app.files()).await?;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| broken_body(&error))?;
        let size = receiving.size() + chunk.len() as u64;
        if size > limit {
            drop(receiving);
            let total = drain(Body::from_stream(stream), size).await;
            return Err(Fault::invalid(uploads::too_large(name, total)));
        }
        receiving.write(&chunk).await?;
    }
    receiving.finish().await
}

fn mismatch(expected: &str, actual: &str) -> Fault {
    Fault::refuse(422, code::DIGEST_MISMATCH).arg("expected", expected).arg("actual", actual).into()
}

/// Returns the digest in the path, in lower case.
fn digest(sha256: &str) -> Result<String> {
    if sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(sha256.to_ascii_lowercase());
    }
    Err(Fault::refuse(400, code::BAD_REQUEST)
        .arg("reason", "the path must end in 64 hexadecimal digits of SHA-256")
        .into())
}

/// Returns the SHA-256 in `Content-Digest` as hexadecimal; `None` if it lists only other algorithms.
fn content_digest(headers: &HeaderMap) -> Result<Option<String>> {
    let bad = || {
        Fault::from(
            Fault::refuse(400, code::BAD_REQUEST)
                .arg("reason", "Content-Digest is not understood; it looks like sha-256=:BASE64:"),
        )
    };
    for value in headers.get_all("content-digest") {
        for member in value.to_str().map_err(|_| bad())?.split(',') {
            let Some((algorithm, value)) = member.trim().split_once('=') else { return Err(bad()) };
            if !algorithm.eq_ignore_ascii_case("sha-256") {
                continue;
            }
            let encoded = value.strip_prefix(':').and_then(|v| v.strip_suffix(':')).ok_or_else(bad)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| bad())?;
            return Ok(Some(hex::encode(bytes)));
        }
    }
    Ok(None)
}
