//! Data that an administrator lists and loads.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::change::Reply;
use crate::http::extract::{Asked, Posted, Queried, Segments};
use crate::http::params::Keyed;
use crate::http::respond::Answer;
use crate::service::admin::passwords::{self, Passwords};
use crate::service::admin::{load, records, status};
use crate::store::admin_log;
use appeal_api::*;
use appeal_domain::DataKind;

/// Page parameters.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` cursor of the previous page.
    after: Option<String>,
    /// Page size in rows; 100 by default, at most 500.
    limit: Option<u32>,
}

impl PageQuery {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
    }
}

/// Parameters of the status.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatusQuery {
    /// Also check the database, every file and every journal; takes time.
    verify: Option<bool>,
}

fn kind(name: &str) -> Result<DataKind> {
    DataKind::ALL.iter().copied().find(|k| k.as_str() == name).ok_or_else(|| Fault::not_found(name))
}

/// List records of the platform's own data
///
/// Records have the form in which they can be loaded. `kind` is people, departments, categories, templates, calendar,
/// policies or contacts.
#[utoipa::path(
    get, path = "/v1/admin/{kind}", tag = "admin",
    params(("kind" = String, Path, description = "Kind of data"), PageQuery),
    responses((status = 200, description = "A page: `items`, and `next` if there are more", body = Object))
)]
pub async fn list_data(
    State(app): State<App>,
    Segments(name): Segments<String>,
    Queried(query): Queried<PageQuery>,
) -> Result<Json<Page<Value>>> {
    let limit = query.limit() as usize;
    app.read(async |tx| {
        let (maps, next) = records::page(tx, kind(&name)?, query.after.as_deref(), limit).await?;
        Ok(Page { items: maps.into_iter().map(Value::Object).collect(), next })
    })
    .await
    .map(Json)
}

/// Show one record
#[utoipa::path(
    get, path = "/v1/admin/{kind}/{id}", tag = "admin",
    params(
        ("kind" = String, Path, description = "Kind of data"),
        ("id" = String, Path, description = "Login, code, id or name of the record"),
    ),
    responses((status = 200, description = "The record", body = Object))
)]
pub async fn show_data(
    State(app): State<App>,
    Segments((name, id)): Segments<(String, String)>,
) -> Result<Json<Value>> {
    app.read(async |tx| Ok(Value::Object(records::one(tx, kind(&name)?, &id).await?))).await.map(Json)
}

/// Load records
///
/// Everything is checked first and all findings are reported; then either all records are loaded or none. With
/// `dry_run=true` the response shows what would change. The record of a person may have a `password`, of which only the
/// hash is stored; the response to such a request is not stored under its idempotency key, but loading the same records
/// twice changes nothing.
#[utoipa::path(
    post, path = "/v1/admin/{kind}", tag = "admin", request_body = LoadData,
    params(
        ("kind" = String, Path, description = "Kind of data"),
        ("dry_run" = Option<bool>, Query, description = "Check only; change nothing"),
        Keyed,
    ),
    responses((status = 200, description = "The result of loading", body = LoadResult))
)]
pub async fn load_data(State(app): State<App>, mut posted: Posted<LoadData, String>) -> Result<Answer> {
    let kind = kind(&posted.asked.path)?;
    let passwords = passwords::take(&app, kind, &mut posted.asked.body.records).await?;
    load(&app, posted, kind, passwords).await
}

async fn load(
    app: &App,
    mut posted: Posted<LoadData, String>,
    kind: DataKind,
    passwords: Passwords,
) -> Result<Answer> {
    // Only loading itself knows what would change, so a dry run executes it and stops before writing.
    let dry_run = std::mem::take(&mut posted.dry_run);
    if dry_run || !passwords.is_empty() {
        // A dry run must leave no traces; and the stored digest of a body with a password would allow guessing the
        // password from the database.
        posted.key = None;
    }
    let mut answer = app
        .change(posted, Reply::OK, move |tx, ctx, asked| {
            let passwords = passwords.clone();
            Box::pin(async move { load::load(tx, ctx, kind, &asked.body, passwords, dry_run).await })
        })
        .await?;
    let wrong = |error: serde_json::Error| Fault::Internal(error.to_string());
    let result = serde_json::from_str(&answer.body).map_err(wrong)?;
    answer.body = serde_json::to_string(&load::recounted(app, result).await?).map_err(wrong)?;
    Ok(answer)
}

/// Block an account immediately
#[utoipa::path(
    post, path = "/v1/admin/people/{login}/block", tag = "admin", request_body = Reasoned,
    params(
        ("login" = String, Path, description = "Login of the account"),
        Keyed,
    ),
    responses((status = 200, description = "The result", body = LoadResult))
)]
pub async fn block_person(State(app): State<App>, posted: Posted<Reasoned, String>) -> Result<Answer> {
    let record =
        json!({ "login": posted.asked.path, "state": "blocked", "reason": posted.asked.body.reason });
    load_state(&app, posted, record).await
}

/// Unblock an account
#[utoipa::path(
    post, path = "/v1/admin/people/{login}/unblock", tag = "admin", request_body = Empty,
    params(
        ("login" = String, Path, description = "Login of the account"),
        Keyed,
    ),
    responses((status = 200, description = "The result", body = LoadResult))
)]
pub async fn unblock_person(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    let record = json!({ "login": posted.asked.path, "state": "active" });
    load_state(&app, posted, record).await
}

/// Loads a record with the state of an existing account.
async fn load_state<B>(app: &App, posted: Posted<B, String>, record: Value) -> Result<Answer> {
    let Posted { caller, lang, key, route, digest, dry_run, asked } = posted;
    app.read(async |tx| records::one(tx, DataKind::People, &asked.path).await).await?;
    let Asked { path, if_match, .. } = asked;
    let body = LoadData { records: vec![record], prune: false };
    let asked = Asked { path, body, if_match };
    let posted = Posted { caller, lang, key, route, digest, dry_run, asked };
    load(app, posted, DataKind::People, Default::default()).await
}

/// List the administration journal
///
/// Newest entries first.
#[utoipa::path(
    get, path = "/v1/admin/log", tag = "admin", params(PageQuery),
    responses((status = 200, description = "A page: `items`, and `next` if there are more", body = Page<AdminEntry>))
)]
pub async fn admin_log(
    State(app): State<App>,
    Queried(query): Queried<PageQuery>,
) -> Result<Json<Page<AdminEntry>>> {
    app.read(async |tx| {
        let (items, next) = admin_log::page(tx, query.after.as_deref(), query.limit()).await?;
        Ok(Page { items, next })
    })
    .await
    .map(Json)
}

/// Show the state of the platform
#[utoipa::path(
    get, path = "/v1/admin/status", tag = "admin", params(StatusQuery),
    responses((status = 200, description = "The state of the platform", body = PlatformStatus))
)]
pub async fn admin_status(
    State(app): State<App>,
    Queried(query): Queried<StatusQuery>,
) -> Result<Json<PlatformStatus>> {
    let now = app.now();
    app.read(async |tx| status::status(tx, app.files(), now, query.verify.unwrap_or(false)).await)
        .await
        .map(Json)
}
