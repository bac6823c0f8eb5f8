//! Data that an administrator lists and loads.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::fault::{Fault, Result};
use crate::http::extract::{Posted, Queried, Reader, Rejection, Segments};
use crate::http::respond::{self, Answer};
use crate::service::admin::data_set::Hashes;
use crate::service::admin::{self, load, records, status};
use crate::service::{deadlines, passwords as secrets};
use crate::store::{admin_log, admin_people};
use appeal_api::*;
use appeal_domain::{DataKind, Finding};
use appeal_i18n::Lang;

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
    Reader { caller, lang }: Reader,
    Segments(name): Segments<String>,
    Queried(query): Queried<PageQuery>,
) -> Result<Json<Page<Value>>, Rejection> {
    let limit = query.limit() as usize;
    let read = app
        .read(async |tx| {
            admin::allowed(&caller)?;
            let (maps, next) = records::page(tx, kind(&name)?, query.after.as_deref(), limit).await?;
            Ok(Page { items: maps.into_iter().map(Value::Object).collect(), next })
        })
        .await;
    read.map(Json).map_err(|fault| Rejection(fault, lang))
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
    Reader { caller, lang }: Reader,
    Segments((name, id)): Segments<(String, String)>,
) -> Result<Json<Value>, Rejection> {
    let read = app
        .read(async |tx| {
            admin::allowed(&caller)?;
            Ok(Value::Object(records::one(tx, kind(&name)?, &id).await?))
        })
        .await;
    read.map(Json).map_err(|fault| Rejection(fault, lang))
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
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn load_data(
    State(app): State<App>,
    Segments(name): Segments<String>,
    mut posted: Posted<LoadData>,
) -> Result<Response, Rejection> {
    let lang = posted.lang;
    let reject = |fault: Fault| Rejection(fault, lang);
    admin::allowed(&posted.caller).map_err(reject)?;
    let kind = kind(&name).map_err(reject)?;
    let secret = match kind {
        DataKind::People => passwords(&app, &mut posted.body.records).await.map_err(reject)?,
        _ => Default::default(),
    };
    run(app, posted, kind, secret, lang).await
}

async fn run(
    app: App,
    mut posted: Posted<LoadData>,
    kind: DataKind,
    (hashes, weak): (Hashes, Vec<Finding>),
    lang: Lang,
) -> Result<Response, Rejection> {
    let dry_run = std::mem::take(&mut posted.dry_run);
    if dry_run || !hashes.is_empty() || !weak.is_empty() {
        // A trial run leaves nothing behind; and the digest of a body with a password in it would be a way to guess
        // the password from the database.
        posted.key = None;
    }
    let answer = app
        .perform(posted, StatusCode::OK, false, move |tx, ctx, data| {
            let (hashes, weak) = (hashes.clone(), weak.clone());
            Box::pin(async move { load::load(tx, ctx, kind, data, &hashes, weak, dry_run).await })
        })
        .await;
    let answer = answer.map_err(|fault| Rejection(fault, lang))?;
    let answer = recounted(&app, kind, answer).await.map_err(|fault| Rejection(fault, lang))?;
    Ok(respond::answer(answer))
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
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn block_person(
    State(app): State<App>,
    Segments(login): Segments<String>,
    posted: Posted<Reasoned>,
) -> Result<Response, Rejection> {
    let record = json!({ "login": login, "state": "blocked", "reason": posted.body.reason });
    state(app, login, posted, record).await
}

/// Give a blocked account its access back
#[utoipa::path(
    post, path = "/v1/admin/people/{login}/unblock", tag = "admin", request_body = Empty,
    params(
        ("login" = String, Path, description = "Whose account"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    responses((status = 200, description = "What it did", body = LoadResult))
)]
pub async fn unblock_person(
    State(app): State<App>,
    Segments(login): Segments<String>,
    posted: Posted<Empty>,
) -> Result<Response, Rejection> {
    let record = json!({ "login": login, "state": "active" });
    state(app, login, posted, record).await
}

async fn state<T>(app: App, login: String, posted: Posted<T>, record: Value) -> Result<Response, Rejection> {
    let lang = posted.lang;
    let there = app
        .read(async |tx| {
            admin::allowed(&posted.caller)?;
            records::one(tx, DataKind::People, &login).await
        })
        .await;
    there.map_err(|fault| Rejection(fault, lang))?;
    let Posted { caller, lang, key, route, digest, dry_run, if_match, .. } = posted;
    let body = LoadData { records: vec![record], prune: false };
    let posted = Posted { caller, lang, key, route, digest, dry_run, if_match, body };
    run(app, posted, DataKind::People, Default::default(), lang).await
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
    Reader { caller, lang }: Reader,
    Queried(query): Queried<PageQuery>,
) -> Result<Json<Page<AdminEntry>>, Rejection> {
    let read = app
        .read(async |tx| {
            admin::allowed(&caller)?;
            let (items, next) = admin_log::page(tx, query.after.as_deref(), query.limit()).await?;
            Ok(Page { items, next })
        })
        .await;
    read.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// The platform at a glance
#[utoipa::path(
    get, path = "/v1/admin/status", tag = "admin", params(StatusQuery),
    responses((status = 200, description = "How it is", body = PlatformStatus))
)]
pub async fn admin_status(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    Queried(query): Queried<StatusQuery>,
) -> Result<Json<PlatformStatus>, Rejection> {
    let now = app.now();
    let read = app
        .read(async |tx| {
            admin::allowed(&caller)?;
            status::status(tx, app.files(), now, query.verify.unwrap_or(false)).await
        })
        .await;
    read.map(Json).map_err(|fault| Rejection(fault, lang))
}
