//! The platform, both embedded (`--server local`) and as a server (`appeal serve`). HTTP requests ([`http`]) become use
//! cases ([`service`]) on a transaction ([`store`]); [`jobs`] does time-driven work.

pub mod allowances;
pub mod app;
pub mod caller;
pub mod clock;
pub mod fault;
pub mod gateways;
pub mod http;
pub mod jobs;
mod metrics;
pub mod pdf;
pub mod restore;
pub mod seed;
pub mod service;
pub mod settings;
pub mod store;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

pub use clock::Clock;
pub use gateways::Gateways;
pub use metrics::Metrics;
pub use settings::Settings;
pub use store::sqlite::OpenError;

use app::App;
use fault::Fault;
use seed::Seed;
use store::Database;

/// How long a stopping server waits for requests in flight.
const GRACE: Duration = Duration::from_secs(20);
/// Interval at which a server runs jobs.
const JOBS_EVERY: Duration = Duration::from_secs(20);

/// How long a command waits for a gateway.
const BRIEFLY: Duration = Duration::from_secs(5);

/// An open platform.
#[derive(Clone)]
pub struct Platform {
    app: App,
}

impl Platform {
    /// Opens a platform: creates and migrates the database, and loads the initial data if necessary.
    ///
    /// # Errors
    /// The data directory or the database cannot be used.
    pub async fn open(settings: Settings) -> Result<Platform, OpenError> {
        let url = match &settings.database {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", settings.data_dir.join("appeal.db").display()),
        };
        // The files belong to the database and are stored next to it.
        let files = match &settings.files {
            Some(files) => files.clone(),
            None => store::sqlite::path_of(&url)?.with_file_name("files"),
        };
        let seed = Seed { local_people: settings.local_people, now: settings.clock.now() };
        let db = Database::open(&url, seed.load(), settings.metrics.clone()).await?;
        Ok(Platform { app: App::open(db, files, &settings) })
    }

    /// Returns the HTTP router.
    pub fn router(&self) -> axum::Router {
        http::router(self.app.clone())
    }

    /// Signs in as a person without a password and returns a token that only this process knows and that is never
    /// stored on disk. For callers who can read the database file anyway.
    ///
    /// # Errors
    /// The login does not exist; the error lists those that do.
    pub async fn local_session(&self, login: &str) -> Result<String, OpenError> {
        let wanted = login.to_owned();
        let known = self
            .app
            .db()
            .read(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move {
                    if store::catalogue::person_by_login(tx, &wanted).await?.is_some() {
                        return Ok(None);
                    }
                    store::people::logins(tx).await.map(Some)
                })
            })
            .await
            .map_err(|fault| OpenError::Seed(fault.to_string()))?;
        if let Some(logins) = known {
            return Err(OpenError::Login { login: login.to_owned(), logins });
        }
        let token = service::tokens::random_secret();
        self.app.open_session(service::tokens::digest_of(&token), login.to_owned());
        Ok(token)
    }

    /// Serves requests on this socket until `shutdown` resolves, then waits for requests in flight for a limited time.
    /// Also runs jobs.
    ///
    /// # Errors
    /// The socket failed.
    pub async fn serve(
        &self,
        listener: tokio::net::TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let stop = self.app.stopping();
        let jobs = tokio::spawn({
            let (platform, stop) = (self.clone(), stop.clone());
            async move {
                while stop.run_until_cancelled(tokio::time::sleep(JOBS_EVERY)).await.is_some() {
                    if let Some(allowances) = platform.app.allowances() {
                        allowances.tidy();
                    }
                    if let Err(fault) = platform.run_due().await {
                        tracing::error!(error = %fault, "due work failed");
                    }
                }
            }
        });
        let posting = tokio::spawn({
            let (app, stop) = (self.app.clone(), stop.clone());
            async move { jobs::delivery::run(&app, &stop).await }
        });
        let signal = {
            let stop = stop.clone();
            async move {
                shutdown.await;
                // Ends streams of changes, which would otherwise never end.
                stop.cancel();
            }
        };
        let serving = axum::serve(listener, self.router()).with_graceful_shutdown(signal);
        let result = tokio::select! {
            result = async { serving.await } => result,
            () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
        };
        stop.cancel();
        let _ = jobs.await;
        let _ = posting.await;
        result
    }

    /// Runs due jobs, at most once a minute: deadlines, closings, and the removal of unused uploads.
    ///
    /// Returns whether they ran.
    pub async fn run_due(&self) -> Result<bool, Fault> {
        let ran = jobs::run_due(&self.app).await?;
        if ran {
            service::uploads::sweep(&self.app).await?;
        }
        Ok(ran)
    }

    /// Delivers due messages, for a platform without a server; `codes` delivers only one-time codes, which a person may
    /// be waiting for. Does not wait long for a gateway that does not respond.
    pub async fn deliver(&self, codes: bool) -> Result<(), Fault> {
        jobs::delivery::run_once(&self.app, codes, BRIEFLY).await
    }

    /// Waits for pending writes and closes the database.
    pub async fn close(&self) {
        self.app.stopping().cancel();
        self.app.db().close().await;
    }
}
