//! What everybody may read: categories, templates, departments, limits.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::extract::{Rejection, Segments, lang};
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::fault::Fault;
use crate::service;
use crate::store::catalogue;
use appeal_api::{Category, Department, Limits, Template};

/// Routes of the platform's own data.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::limits]
        [self::list_categories]
        [self::show_category]
        [self::list_templates]
        [self::show_template]
        [self::list_departments]
    }
}

/// Limits on texts and files
#[utoipa::path(get, path = "/v1/limits", tag = "catalogue", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits() -> Json<Limits> {
    Json(service::catalogue::limits())
}

/// The category tree
///
/// Parents come before their children.
#[utoipa::path(get, path = "/v1/categories", tag = "catalogue", responses((status = 200, description = "Every category", body = Vec<Category>)))]
async fn list_categories(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Vec<Category>>, Rejection> {
    let found = app.read(async |tx| catalogue::categories(tx).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang(&headers)))
}

/// One category
#[utoipa::path(
    get, path = "/v1/categories/{code}", tag = "catalogue", params(("code" = String, Path, description = "Such as `housing.repairs`")),
    responses((status = 200, description = "The category", body = Category))
)]
async fn show_category(
    State(app): State<App>,
    headers: HeaderMap,
    Segments(code): Segments<String>,
) -> Result<Json<Category>, Rejection> {
    let found = app.read(async |tx| catalogue::category(tx, &code).await).await;
    there(found, &code).map_err(|fault| Rejection(fault, lang(&headers)))
}

/// Templates of typical problems
#[utoipa::path(get, path = "/v1/templates", tag = "catalogue", responses((status = 200, description = "Every template", body = Vec<Template>)))]
async fn list_templates(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Vec<Template>>, Rejection> {
    let found = app.read(async |tx| catalogue::templates(tx).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang(&headers)))
}

/// One template
#[utoipa::path(
    get, path = "/v1/templates/{id}", tag = "catalogue", params(("id" = String, Path, description = "Such as `no-heating`")),
    responses((status = 200, description = "The template", body = Template))
)]
async fn show_template(
    State(app): State<App>,
    headers: HeaderMap,
    Segments(id): Segments<String>,
) -> Result<Json<Template>, Rejection> {
    let found = app.read(async |tx| catalogue::template(tx, &id).await).await;
    there(found, &id).map_err(|fault| Rejection(fault, lang(&headers)))
}

/// Departments
#[utoipa::path(get, path = "/v1/departments", tag = "catalogue", responses((status = 200, description = "Every department", body = Vec<Department>)))]
async fn list_departments(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Vec<Department>>, Rejection> {
    let found = app.read(async |tx| catalogue::departments(tx).await).await;
    found.map(Json).map_err(|fault| Rejection(fault, lang(&headers)))
}

fn there<T>(found: Result<Option<T>, Fault>, name: &str) -> Result<Json<T>, Fault> {
    found?.map(Json).ok_or_else(|| Fault::not_found(name))
}
