//! The platform, both embedded (`--server local`) and as a server (`appeal serve`). HTTP requests ([`http`]) become use
//! cases ([`service`]) on a transaction ([`store`]); [`jobs`] does time-driven work.

pub mod allowances;
pub mod app;
pub mod caller;
pub mod clock;
pub mod fault;
pub mod gateways;
mod health;
pub mod http;
pub mod jobs;
mod metrics;
pub mod pdf;
pub mod reach;
pub mod restore;
pub mod seed;
mod server;
pub mod service;
pub mod settings;
pub mod store;
mod tasks;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use ipnet::IpNet;

pub use clock::Clock;
pub use gateways::Gateways;
pub use metrics::Metrics;
pub use reach::Reach;
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
    proxies: Vec<IpNet>,
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
        let path = store::sqlite::path_of(&url)?;
        let files = match &settings.files {
            Some(files) => files.clone(),
            None => path.with_file_name("files"),
        };
        let seed = Seed { local_people: settings.local_people, now: settings.clock.now() };
        let db = Database::open(&url, settings.existing, seed.load(), settings.metrics.clone()).await?;
        Ok(Platform { app: App::open(db, &path, files, &settings), proxies: settings.proxies })
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

    /// Returns whether there are the people of an embedded platform, as whom anyone on the machine may sign in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn has_local_people(&self) -> std::io::Result<bool> {
        let found = self.app.db().read(|tx| Box::pin(store::people::are_local(tx))).await;
        found.map_err(std::io::Error::other)
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
            let (app, platform) = (self.app.clone(), self.clone());
            async move { tasks::watch(&app, health::JOBS, |_| platform.clone().run_jobs()).await }
        });
        let posting = tokio::spawn({
            let app = self.app.clone();
            async move {
                tasks::watch(&app, health::DELIVERY, |app| async move {
                    jobs::delivery::run(&app, &app.stopping()).await;
                })
                .await;
            }
        });
        let signal = {
            let stop = stop.clone();
            async move {
                shutdown.await;
                // Ends streams of changes, which would otherwise never end.
                stop.cancel();
            }
        };
        let serving = server::serve(listener, self.router(), self.proxies.clone(), signal);
        let result = tokio::select! {
            result = serving => result,
            () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
        };
        stop.cancel();
        let _ = jobs.await;
        let _ = posting.await;
        result
    }

    /// Runs due jobs from time to time, until the platform stops.
    async fn run_jobs(self) {
        let stop = self.app.stopping();
        while stop.run_until_cancelled(tokio::time::sleep(JOBS_EVERY)).await.is_some() {
            if let Some(allowances) = self.app.allowances() {
                allowances.tidy();
            }
            let round = self.run_due().await.map(drop);
            if let Err(fault) = &round {
                tracing::error!(error = %fault, "due work failed");
            }
            self.app.health().report(health::JOBS, round);
        }
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
