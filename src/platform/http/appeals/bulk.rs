//! Filing many appeals in one request.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::access::FILE;
use crate::http::change::Reply;
use crate::http::extract::{Asked, Posted, Reader, bad, broken_body, read_whole};
use crate::service::context::Ctx;
use crate::service::{filing, similar};
use appeal_api::{
    BULK_BYTES_MAX, BULK_LINES_MAX, BulkLine, BulkResult, BulkStatus, IDEMPOTENCY_KEY_MAX, JSON_LINES,
    NewAppeal, Problem, Similar, code,
};

/// Number of lines handed to the writer at once, which puts them into one commit.
const AT_ONCE: usize = 128;
/// The scope of the keys: the same as for filing a single appeal.
const ROUTE: &str = "POST /v1/appeals";

/// File many appeals
///
/// JSON Lines, at most 500 lines and 16 MiB: `{"key":…,"appeal":{…}}`. Every line is filed or refused on its own; the
/// response has a line for each, in order, after the commit. `key` is the idempotency key of the line, equivalent to
/// the header of `POST /v1/appeals`: the request can be repeated, whole or split differently.
#[utoipa::path(
    post, path = "/v1/appeals/batch", tag = "appeals",
    request_body(content = BulkLine, content_type = "application/jsonl"),
    params(("Idempotency-Key" = Option<String>, Header, description = "Not needed; each line has its own key")),
    responses((status = 200, description = "One result per line", body = BulkResult, content_type = "application/jsonl"))
)]
pub async fn file_many(State(app): State<App>, reader: Reader, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let typed = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !is_lines(typed) {
        return Err(Fault::refuse(415, code::UNSUPPORTED_MEDIA_TYPE).message("lines-expected").into());
    }
    let waits = parts.headers.contains_key(header::EXPECT);
    let bytes = match read_whole(body, waits, BULK_BYTES_MAX).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Err(Fault::refuse(413, code::TOO_LARGE).arg("limit", BULK_BYTES_MAX.to_string()).into());
        }
        Err(error) => return Err(broken_body(&error)),
    };
    let lines: Vec<Bytes> = bytes
        .split(|b| *b == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| bytes.slice_ref(line))
        .collect();
    if lines.len() > BULK_LINES_MAX {
        let refusal = Fault::refuse(413, code::TOO_LARGE).message("too-many-lines");
        return Err(refusal.arg("limit", BULK_LINES_MAX.to_string()).into());
    }
    let results: Vec<BulkResult> =
        stream::iter(lines).map(|line| file_one(&app, &reader, line)).buffered(AT_ONCE).collect().await;
    let mut answer = Vec::with_capacity(results.len() * 128);
    for result in &results {
        serde_json::to_writer(&mut answer, result).map_err(|e| Fault::Internal(e.to_string()))?;
        answer.push(b'\n');
    }
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, JSON_LINES)], Body::from(answer)).into_response())
}

/// Returns whether the media type is one of those used for JSON Lines.
fn is_lines(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        essence.as_str(),
        JSON_LINES | "application/x-ndjson" | "application/x-jsonlines" | "application/json-lines"
    )
}

async fn file_one(app: &App, reader: &Reader, line: Bytes) -> BulkResult {
    let refused = |key: Option<String>, fault: Fault| BulkResult {
        key,
        status: BulkStatus::Failed.into(),
        number: None,
        replayed: false,
        error: Some(problem(&fault, reader)),
        similar: Vec::new(),
    };
    let BulkLine { key, appeal } = match serde_json::from_slice(&line) {
        Ok(line) => line,
        Err(error) => return refused(None, bad(error.to_string())),
    };
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_MAX {
        let reason = format!("key must have 1 to {IDEMPOTENCY_KEY_MAX} bytes");
        return refused(Some(key), bad(reason));
    }
    // Checked before a stored response is replayed.
    if let Err(fault) = FILE.check(&reader.caller, app.now()) {
        return refused(Some(key), fault);
    }
    let body: NewAppeal = match serde_json::from_str(appeal.get()) {
        Ok(body) => body,
        Err(error) => return refused(Some(key), bad(error.to_string())),
    };
    let posted = Posted {
        caller: reader.caller.clone(),
        lang: reader.lang,
        key: Some(key.clone()),
        route: ROUTE.to_owned(),
        digest: hex::encode(Sha256::digest(appeal.get())),
        dry_run: false,
        asked: Asked { path: (), body, if_match: None },
    };
    let filed = app
        .change(posted, Reply::CREATED.kept_with_the_appeal(), |tx, ctx, asked| {
            Box::pin(filing::create(tx, ctx, &asked.body))
        })
        .await
        .and_then(|answer| {
            let card: Numbered =
                serde_json::from_str(&answer.body).map_err(|e| Fault::Internal(e.to_string()))?;
            Ok((card.number, answer.replayed))
        });
    match filed {
        Ok((number, replayed)) => {
            let similar = if replayed { Vec::new() } else { likely(app, reader, &number).await };
            BulkResult {
                key: Some(key),
                status: BulkStatus::Filed.into(),
                number: Some(number),
                replayed,
                error: None,
                similar,
            }
        }
        Err(fault) => refused(Some(key), fault),
    }
}

/// Similar appeals to one just filed. A failure does not affect the filing.
async fn likely(app: &App, reader: &Reader, number: &str) -> Vec<Similar> {
    let ctx = Ctx { caller: reader.caller.clone(), now: app.now(), lang: reader.lang, dry_run: false };
    match app.read(async |tx| similar::to_filed(tx, &ctx, number).await).await {
        Ok(found) => found,
        Err(fault) => {
            tracing::warn!(error = %fault, "likely duplicates were not looked for");
            Vec::new()
        }
    }
}

/// The only member of a card needed here.
#[derive(Deserialize)]
struct Numbered {
    number: String,
}

fn problem(fault: &Fault, reader: &Reader) -> Problem {
    let problem = fault.problem(reader.lang);
    if problem.status >= 500 {
        tracing::error!(error = %fault, "a line of a batch failed");
    }
    problem
}
