//! What every handler shares, and the one way to change something.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use axum::http::StatusCode;
use axum::response::Response;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::allowance::Allowances;
use super::extract::Posted;
use super::feed::Feed;
use super::respond;
use crate::Settings;
use crate::args;
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::gateways::Gateways;
use crate::service::context::Ctx;
use crate::store::Database;
use crate::store::db::Tx;
use appeal_api::code;

/// The platform's shared state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Database,
    files: PathBuf,
    gateways: Gateways,
    clock: Clock,
    allowances: Option<Allowances>,
    metrics: Option<PrometheusHandle>,
    /// Sessions of this process: digest of the token → login. They are never on disk.
    sessions: RwLock<HashMap<String, String>>,
    feed: Arc<Feed>,
    stop: CancellationToken,
}

/// What a mutation gives: its version, for the `ETag`.
pub trait Versioned {
    /// The version, where there is one.
    fn version(&self) -> Option<i64> {
        None
    }
}

impl Versioned for appeal_api::Appeal {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for appeal_api::Discarded {}
impl Versioned for appeal_api::IssuedToken {}
impl Versioned for appeal_api::TrialRun {}
impl Versioned for appeal_api::LoadResult {}
impl Versioned for appeal_api::BackupVerified {}

impl App {
    /// The state over an open database.
    pub fn open(db: Database, files: PathBuf, settings: &Settings) -> App {
        let (gateways, clock) = (settings.gateways.clone(), settings.clock.clone());
        let allowances = settings.rate_limit.map(Allowances::new);
        let metrics = settings.metrics.clone();
        let stop = CancellationToken::new();
        let feed = Arc::new(Feed::new(db.clone(), stop.clone()));
        App(Arc::new(Inner {
            db,
            files,
            gateways,
            clock,
            allowances,
            metrics,
            sessions: RwLock::default(),
            feed,
            stop,
        }))
    }

    /// The database.
    pub fn db(&self) -> &Database {
        &self.0.db
    }

    /// Reads on one snapshot; unlike [`Database::read`] the use case may borrow what it needs.
    pub async fn read<T>(&self, use_case: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut snapshot = self.db().snapshot().await?;
        let result = use_case(&mut snapshot).await;
        snapshot.end().await?;
        result
    }

    /// Where files are kept.
    pub fn files(&self) -> &std::path::Path {
        &self.0.files
    }

    /// How messages leave the platform.
    pub fn gateways(&self) -> &Gateways {
        &self.0.gateways
    }

    /// How many requests people may make, where that is limited.
    pub fn allowances(&self) -> Option<&Allowances> {
        self.0.allowances.as_ref()
    }

    /// What was counted, where somebody counts.
    pub fn metrics(&self) -> Option<&PrometheusHandle> {
        self.0.metrics.as_ref()
    }

    /// Now.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// The newest position of the stream of changes, followed while somebody holds the receiver.
    pub fn follow_changes(&self) -> watch::Receiver<i64> {
        self.0.feed.subscribe()
    }

    /// Cancelled when the platform stops: what would never end by itself ends then.
    pub fn stopping(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Opens a session in memory for this login.
    pub fn open_session(&self, digest: String, login: String) {
        if let Ok(mut sessions) = self.0.sessions.write() {
            sessions.insert(digest, login);
        }
    }

    /// The login of a session in memory.
    pub fn session(&self, digest: &str) -> Option<String> {
        self.0.sessions.read().ok()?.get(digest).cloned()
    }

    /// Runs a use case that changes something: under the idempotency key if there is one (the same key and bytes give
    /// the first answer again, before any check of state), rolled back on a trial run.
    ///
    /// `filing` marks keys that live as long as the appeal.
    pub async fn mutate<B, T>(
        &self,
        posted: Posted<B>,
        status: StatusCode,
        filing: bool,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t B) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Response
    where
        B: Send + Sync + 'static,
        T: Serialize + Versioned + Send + 'static,
    {
        let lang = posted.lang;
        match self.perform(posted, status, filing, use_case).await {
            Ok(answer) => respond::answer(answer),
            Err(fault) => respond::fault(&fault, lang),
        }
    }

    /// What [`App::mutate`] does, with the answer still in the hand: for a handler whose answer is not quite what is
    /// stored. A trial run ends in [`Fault::Rehearsed`].
    pub async fn perform<B, T>(
        &self,
        posted: Posted<B>,
        status: StatusCode,
        filing: bool,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t B) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Result<Answer>
    where
        B: Send + Sync + 'static,
        T: Serialize + Versioned + Send + 'static,
    {
        let Posted { caller, lang, key, route, digest, dry_run, body, .. } = posted;
        let ctx = Ctx { caller, now: self.now(), lang, trial: dry_run };
        let shared = Arc::new((ctx, body, use_case, route, digest, key));
        self.db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (ctx, body, use_case, route, digest, key) = &*shared;
                    let person = ctx.caller.person_id.as_str();
                    if let Some(key) = key {
                        let stored = tx
                            .first(
                                "SELECT digest, status, body FROM idempotency \
                                 WHERE person_id = $1 AND route = $2 AND key = $3",
                                args![person, route, key],
                            )
                            .await?;
                        if let Some(row) = stored {
                            if row.text("digest")? != *digest {
                                return Err(Fault::refuse(422, code::IDEMPOTENCY_REUSED).into());
                            }
                            if dry_run {
                                // It would give the first answer again.
                                return Err(Fault::Rehearsed);
                            }
                            return Ok(Answer {
                                status: u16::try_from(row.int("status")?).unwrap_or(200),
                                body: row.text("body")?,
                                version: None,
                                replayed: true,
                            });
                        }
                    }
                    let value = use_case(tx, ctx, body).await?;
                    if dry_run {
                        return Err(Fault::Rehearsed);
                    }
                    let text = serde_json::to_string(&value).map_err(|e| Fault::Internal(e.to_string()))?;
                    if let Some(key) = key {
                        tx.run(
                            "INSERT INTO idempotency (person_id, route, key, digest, status, body, created_at, filing) \
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                            args![
                                person,
                                route,
                                key,
                                digest,
                                i64::from(status.as_u16()),
                                &text,
                                ctx.now,
                                filing
                            ],
                        )
                        .await?;
                    }
                    Ok(Answer { status: status.as_u16(), body: text, version: value.version(), replayed: false })
                })
            })
            .await
    }
}

/// An answer as it is stored and sent.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
    /// For the `ETag`.
    pub version: Option<i64>,
    /// True when it is an earlier request's answer.
    pub replayed: bool,
}
