//! Cards, lists, journals.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::fault::Result;
use crate::http::extract::{Queried, Reader, Segments};
use crate::http::params::Numbered;
use crate::http::respond;
use crate::service::{lists, reading, versions};
use appeal_api::{Appeal, AppealVersion, Journal, ListQuery, Page};

/// List appeals
///
/// Appeals visible to the caller, or those of a view; without text, comments and answers. `next` and the header `Link:
/// rel="next"` refer to the next page; appeals filed in the meantime neither repeat nor hide others.
#[utoipa::path(
    get, path = "/v1/appeals", tag = "appeals", operation_id = "list_appeals", params(ListQuery),
    responses((status = 200, description = "A page", body = Page<Appeal>))
)]
pub async fn list_appeals(
    State(app): State<App>,
    reader: Reader,
    Queried(query): Queried<ListQuery>,
    RawQuery(raw): RawQuery,
) -> Result<Response> {
    let ctx = reader.context(&app);
    let page = app.read(async |tx| lists::list(tx, &ctx, &query).await).await?;
    let mut response = respond::json(StatusCode::OK, &page);
    if let Some(next) = &page.next
        && let Ok(link) = next_link(raw.as_deref().unwrap_or_default(), next).parse()
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Returns the same query with another cursor.
fn next_link(raw: &str, next: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()).filter(|(name, _)| name != "after") {
        query.append_pair(&name, &value);
    }
    query.append_pair("after", next);
    format!("</v1/appeals?{}>; rel=\"next\"", query.finish())
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShowQuery {
    /// Include the entries of the journal.
    journal: bool,
}

/// Show an appeal
#[utoipa::path(
    get, path = "/v1/appeals/{number}", tag = "appeals",
    params(("number" = String, Path, description = "Number of the appeal, or of its former draft"), ShowQuery),
    responses((status = 200, description = "The appeal", body = Appeal))
)]
pub async fn show_appeal(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
    Queried(query): Queried<ShowQuery>,
) -> Result<Response> {
    let ctx = reader.context(&app);
    let card = app.read(async |tx| reading::show(tx, &ctx, &number, query.journal).await).await?;
    let tag = format!("\"{}\"", card.version);
    Ok(([(header::ETAG, tag)], respond::json(StatusCode::OK, &card)).into_response())
}

/// Show the journal of an appeal
///
/// Includes everything needed to verify the hash chain. An entry that the caller may not see is represented by its
/// seal.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/journal", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "The journal", body = Journal))
)]
pub async fn show_journal(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Journal>> {
    let ctx = reader.context(&app);
    app.read(async |tx| reading::journal(tx, &ctx, &number).await).await.map(Json)
}

/// List the versions of an appeal's content
///
/// The first version is the appeal as filed; each of the others names the changed fields, with their values before and
/// after.
#[utoipa::path(
    get, path = "/v1/appeals/{number}/versions", tag = "appeals",
    params(Numbered),
    responses((status = 200, description = "The versions, oldest first", body = Vec<AppealVersion>))
)]
pub async fn list_appeal_versions(
    State(app): State<App>,
    reader: Reader,
    Segments(number): Segments<String>,
) -> Result<Json<Vec<AppealVersion>>> {
    let ctx = reader.context(&app);
    app.read(async |tx| versions::versions(tx, &ctx, &number).await).await.map(Json)
}
