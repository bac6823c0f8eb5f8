//! Public reference data: categories, templates, departments, limits.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::access::OPEN;
use super::extract::Segments;
use super::respond;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service;
use crate::store::catalogue;
use appeal_api::{Category, Department, Limits, Template};
use appeal_domain::{Region, Regions, Rules};

/// Routes of the platform's own data.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::limits: OPEN,
        self::rules: OPEN,
        self::list_categories: OPEN,
        self::show_category: OPEN,
        self::list_templates: OPEN,
        self::show_template: OPEN,
        self::list_departments: OPEN,
        self::list_regions: OPEN,
    }
}

/// Show the limits on texts and files
#[utoipa::path(get, path = "/v1/limits", tag = "catalogue", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits() -> Json<Limits> {
    Json(service::catalogue::limits())
}

/// Show the rules for examining appeals
///
/// Limits on texts and files, and the requirements of each category: enough for a client to find everything that the
/// platform would find, except what only the platform can know.
#[utoipa::path(
    get, path = "/v1/rules", tag = "catalogue",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the rules that the client has")),
    responses(
        (status = 200, description = "The rules, with an `ETag`", body = Rules),
        (status = 304, description = "Matches `If-None-Match`"),
    )
)]
async fn rules(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let rules = app.read(async |tx| service::catalogue::rules(tx).await).await?;
    respond::tagged_json(&rules, &headers)
}

/// List the category tree
///
/// Parents come before their children.
#[utoipa::path(get, path = "/v1/categories", tag = "catalogue", responses((status = 200, description = "All categories", body = Vec<Category>)))]
async fn list_categories(State(app): State<App>) -> Result<Json<Vec<Category>>> {
    app.read(async |tx| catalogue::categories(tx).await).await.map(Json)
}

/// Show a category
#[utoipa::path(
    get, path = "/v1/categories/{code}", tag = "catalogue", params(("code" = String, Path, description = "For example `housing.repairs`")),
    responses((status = 200, description = "The category", body = Category))
)]
async fn show_category(State(app): State<App>, Segments(code): Segments<String>) -> Result<Json<Category>> {
    there(app.read(async |tx| catalogue::category(tx, &code).await).await, &code)
}

/// List the regions
///
/// With the names by which an appeal may call them.
#[utoipa::path(get, path = "/v1/regions", tag = "catalogue", responses((status = 200, description = "All regions", body = Vec<Region>)))]
async fn list_regions(State(app): State<App>) -> Result<Json<Regions>> {
    app.read(async |tx| service::rules::regions(tx).await).await.map(Json)
}

/// List the templates of typical problems
#[utoipa::path(get, path = "/v1/templates", tag = "catalogue", responses((status = 200, description = "All templates", body = Vec<Template>)))]
async fn list_templates(State(app): State<App>) -> Result<Json<Vec<Template>>> {
    app.read(async |tx| catalogue::templates(tx).await).await.map(Json)
}

/// Show a template
#[utoipa::path(
    get, path = "/v1/templates/{id}", tag = "catalogue", params(("id" = String, Path, description = "For example `no-heating`")),
    responses((status = 200, description = "The template", body = Template))
)]
async fn show_template(State(app): State<App>, Segments(id): Segments<String>) -> Result<Json<Template>> {
    there(app.read(async |tx| catalogue::template(tx, &id).await).await, &id)
}

/// List the departments
#[utoipa::path(get, path = "/v1/departments", tag = "catalogue", responses((status = 200, description = "All departments", body = Vec<Department>)))]
async fn list_departments(State(app): State<App>) -> Result<Json<Vec<Department>>> {
    app.read(async |tx| catalogue::departments(tx).await).await.map(Json)
}

fn there<T>(found: Result<Option<T>>, name: &str) -> Result<Json<T>> {
    found?.map(Json).ok_or_else(|| Fault::not_found(name))
}
