//! State shared by handlers, use cases and jobs: the database, the files, the clock and the gateways.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::allowances::Allowances;
use super::clock::Clock;
use super::fault::{Fault, Result};
use super::gateways::Gateways;
use super::health::Health;
use super::metrics::Metrics;
use super::settings::Settings;
use super::store::Database;
use super::store::db::Tx;
use super::store::feed::Feed;
use super::store::readiness::Readiness;
use appeal_api::code;

/// Maximum number of open streams of changes of a person.
const STREAMS: usize = 10;
/// Seconds after which another stream may be possible.
const STREAM_AGAIN: u64 = 30;

/// An open stream of changes.
pub struct OpenStream {
    app: App,
    person_id: String,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = self.app.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.person_id) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.person_id);
            }
        }
    }
}

/// The platform's shared state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Database,
    files: PathBuf,
    gateways: Gateways,
    clock: Clock,
    allowances: Option<Allowances>,
    metrics: Option<Metrics>,
    /// Sessions of this process: digest of the token → login. Never stored on disk.
    sessions: RwLock<HashMap<String, String>>,
    feed: Arc<Feed>,
    /// Number of open streams of changes by person.
    streams: Mutex<HashMap<String, usize>>,
    health: Health,
    readiness: Readiness,
    stop: CancellationToken,
}

impl App {
    /// Creates the state over an open database.
    pub fn open(db: Database, path: &Path, files: PathBuf, settings: &Settings) -> App {
        let (gateways, clock) = (settings.gateways.clone(), settings.clock.clone());
        let allowances = settings.rate_limit.map(Allowances::new);
        let metrics = settings.metrics.clone();
        let stop = CancellationToken::new();
        let readiness = Readiness::of(path, &files);
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
            streams: Mutex::default(),
            health: Health::default(),
            readiness,
            stop,
        }))
    }

    /// Returns the database.
    pub fn db(&self) -> &Database {
        &self.0.db
    }

    /// Reads from one snapshot; unlike with [`Database::read`], the use case may borrow.
    pub async fn read<T>(&self, use_case: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut snapshot = self.db().snapshot().await?;
        let result = use_case(&mut snapshot).await;
        snapshot.end().await?;
        result
    }

    /// Returns the directory of stored files.
    pub fn files(&self) -> &Path {
        &self.0.files
    }

    /// Returns the gateways for outgoing messages.
    pub fn gateways(&self) -> &Gateways {
        &self.0.gateways
    }

    /// Returns the request allowances, if requests are limited.
    pub fn allowances(&self) -> Option<&Allowances> {
        self.0.allowances.as_ref()
    }

    /// Returns the metrics, if they are collected.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.0.metrics.as_ref()
    }

    /// Returns the current time.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// Subscribes to the newest position of the stream of changes, which is watched while a receiver exists.
    pub fn follow_changes(&self) -> watch::Receiver<i64> {
        self.0.feed.subscribe()
    }

    /// Returns how the background tasks are doing.
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// Checks whether the platform can write.
    ///
    /// # Errors
    /// It cannot.
    pub async fn check_writes(&self) -> Result<()> {
        self.0.readiness.check(self.db()).await
    }

    /// Counts an open stream of changes of a person, until the result is dropped.
    ///
    /// # Errors
    /// 429: the person has too many.
    pub fn open_stream(&self, person_id: &str) -> Result<OpenStream> {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(person_id.to_owned()).or_default();
        if *open >= STREAMS {
            let refusal = Fault::refuse(429, code::TOO_MANY_STREAMS).arg("limit", STREAMS.to_string());
            return Err(refusal.retry_after(STREAM_AGAIN).into());
        }
        *open += 1;
        Ok(OpenStream { app: self.clone(), person_id: person_id.to_owned() })
    }

    /// Cancelled when the platform stops; ends what would otherwise run forever.
    pub fn stopping(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Opens an in-memory session for this login.
    pub fn open_session(&self, digest: String, login: String) {
        if let Ok(mut sessions) = self.0.sessions.write() {
            sessions.insert(digest, login);
        }
    }

    /// Returns the login of an in-memory session.
    pub fn session(&self, digest: &str) -> Option<String> {
        self.0.sessions.read().ok()?.get(digest).cloned()
    }
}
