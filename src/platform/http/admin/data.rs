//! Data that an administrator lists and loads.

use axum::Json;
use axum::extract::State;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::change::Reply;
use crate::http::extract::{Asked, Posted, Queried, Segments};
use crate::http::params::Keyed;
use crate::http::respond::Answer;
use crate::service::admin::data_set::Hashes;
use crate::service::admin::{load, records, status};
use crate::service::{deadlines, passwords as secrets};
use crate::store::{admin_log, admin_people};
use appeal_api::*;
use appeal_domain::{DataKind, Finding};

/// Which page.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// What the page before named as `next`.
    after: Option<String>,
    /// Rows of a page, 100 unless given, 500 at most.
    limit: Option<u32>,
}

impl PageQuery {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
    }
}

/// What status is to look at.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatusQuery {
    /// Check the database, every file and every journal as well; takes a while.
    verify: Option<bool>,
}

fn kind(name: &str) -> Result<DataKind> {
    DataKind::ALL.iter().copied().find(|k| k.as_str() == name).ok_or_else(|| Fault::not_found(name))
}

/// Records of the platform's own data
///
/// Each is as loading takes it back. `kind` is people, departments, categories, templates, calendar or policies.
#[utoipa::path(
    get, path = "/v1/admin/{kind}", tag = "admin",
    params(("kind" = String, Path, description = "What kind of data"), PageQuery),
    responses((status = 200, description = "A page: `items`, and `next` where there are more", body = Object))
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

/// One record
#[utoipa::path(
    get, path = "/v1/admin/{kind}/{id}", tag = "admin",
    params(
        ("kind" = String, Path, description = "What kind of data"),
        ("id" = String, Path, description = "Login, code, id or name"),
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
/// Everything is checked first and every finding told; then all of it takes effect, or nothing. With `dry_run=true` the
/// answer says what would change. A record of a person may have a `password`, of which only the hash is kept; an answer
/// to such a request is not stored under its idempotency key, and to load the same twice changes nothing.
#[utoipa::path(
    post, path = "/v1/admin/{kind}", tag = "admin", request_body = LoadData,
    params(
        ("kind" = String, Path, description = "What kind of data"),
        ("dry_run" = Option<bool>, Query, description = "Change nothing"),
        Keyed,
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn load_data(State(app): State<App>, mut posted: Posted<LoadData, String>) -> Result<Answer> {
    let kind = kind(&posted.asked.path)?;
    let secret = match kind {
        DataKind::People => passwords(&app, &mut posted.asked.body.records).await?,
        _ => Default::default(),
    };
    load(&app, posted, kind, secret).await
}

async fn load(
    app: &App,
    mut posted: Posted<LoadData, String>,
    kind: DataKind,
    (hashes, weak): (Hashes, Vec<Finding>),
) -> Result<Answer> {
    // A dry run says what would change, which only loading itself knows; it stops before it writes.
    let dry_run = std::mem::take(&mut posted.dry_run);
    if dry_run || !hashes.is_empty() || !weak.is_empty() {
        // A dry run leaves nothing behind; and the digest of a body with a password in it would be a way to guess the
        // password from the database.
        posted.key = None;
    }
    let answer = app
        .change(posted, Reply::OK, move |tx, ctx, asked| {
            let (hashes, weak) = (hashes.clone(), weak.clone());
            Box::pin(async move { load::load(tx, ctx, kind, &asked.body, &hashes, weak, dry_run).await })
        })
        .await?;
    recounted(app, kind, answer).await
}

/// Deadlines follow the calendar and the policies by which they are counted.
async fn recounted(app: &App, kind: DataKind, mut answer: Answer) -> Result<Answer> {
    if !matches!(kind, DataKind::Calendar | DataKind::Policies) {
        return Ok(answer);
    }
    let mut result: LoadResult = read(&answer.body)?;
    if !result.dry_run && result.added + result.changed + result.removed > 0 {
        result.deadlines_moved = Some(deadlines::recompute_all(app).await?.changed);
        answer.body = serde_json::to_string(&result).map_err(|e| Fault::Internal(e.to_string()))?;
    }
    Ok(answer)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Fault::Internal(e.to_string()))
}

/// Takes the passwords out of the records and makes hashes of them, but for those that people have already. What is
/// wrong with one is told with everything else.
async fn passwords(app: &App, records: &mut [Value]) -> Result<(Hashes, Vec<Finding>)> {
    let mut hashes = Hashes::new();
    let mut findings = Vec::new();
    for (n, record) in (1..).zip(records.iter_mut()) {
        let Value::Object(map) = record else { continue };
        let Some(password) = map.remove("password") else { continue };
        let login = map.get("login").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let at = format!("{n} ({login})");
        let password = match password {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) => SecretString::from(text),
            _ => {
                let finding = Finding::error("admin-value", "password").at(at);
                findings.push(finding.arg("field", "password").arg("error", "it has to be a text"));
                continue;
            }
        };
        let known = app.read(async |tx| admin_people::password_hash(tx, &login).await).await?;
        if known.is_some() && secrets::verify(&password, known).await? {
            hashes.insert(login, None);
            continue;
        }
        let weak = secrets::weaknesses(password.expose_secret(), &login);
        if weak.is_empty() {
            hashes.insert(login, Some(secrets::hash(&password).await?));
        }
        findings.extend(weak.into_iter().map(|finding| finding.at(&at)));
    }
    Ok((hashes, findings))
}

/// Block an account; it loses access at once
#[utoipa::path(
    post, path = "/v1/admin/people/{login}/block", tag = "admin", request_body = Reasoned,
    params(
        ("login" = String, Path, description = "Whose account"),
        Keyed,
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn block_person(State(app): State<App>, posted: Posted<Reasoned, String>) -> Result<Answer> {
    let record =
        json!({ "login": posted.asked.path, "state": "blocked", "reason": posted.asked.body.reason });
    load_state(&app, posted, record).await
}

/// Give a blocked account its access back
#[utoipa::path(
    post, path = "/v1/admin/people/{login}/unblock", tag = "admin", request_body = Empty,
    params(
        ("login" = String, Path, description = "Whose account"),
        Keyed,
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn unblock_person(State(app): State<App>, posted: Posted<Empty, String>) -> Result<Answer> {
    let record = json!({ "login": posted.asked.path, "state": "active" });
    load_state(&app, posted, record).await
}

/// Loads a record with the state of an account that is there.
async fn load_state<B>(app: &App, posted: Posted<B, String>, record: Value) -> Result<Answer> {
    let Posted { caller, lang, key, route, digest, dry_run, asked } = posted;
    app.read(async |tx| records::one(tx, DataKind::People, &asked.path).await).await?;
    let Asked { path, if_match, .. } = asked;
    let body = LoadData { records: vec![record], prune: false };
    let asked = Asked { path, body, if_match };
    let posted = Posted { caller, lang, key, route, digest, dry_run, asked };
    load(app, posted, DataKind::People, Default::default()).await
}

/// The journal of administration
///
/// The newest entry first.
#[utoipa::path(
    get, path = "/v1/admin/log", tag = "admin", params(PageQuery),
    responses((status = 200, description = "A page: `items`, and `next` where there are more", body = Page<AdminEntry>))
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

/// The platform at a glance
#[utoipa::path(
    get, path = "/v1/admin/status", tag = "admin", params(StatusQuery),
    responses((status = 200, description = "How it is", body = PlatformStatus))
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
