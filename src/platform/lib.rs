//! The platform: the same code embedded (`--server local`) and as a server (`appeal serve`). Requests come in as HTTP
//! messages ([`http`]), become use cases ([`service`]) on a transaction ([`store`]), and time-driven work is done by
//! [`jobs`].

pub mod allowances;
pub mod app;
pub mod caller;
pub mod clock;
pub mod fault;
pub mod gateways;
pub mod http;
pub mod jobs;
pub mod metrics;
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
pub use metrics_exporter_prometheus::PrometheusHandle;
pub use settings::Settings;
pub use store::sqlite::OpenError;

use app::App;
use fault::Fault;
use seed::Seed;
use store::Database;

/// How long a server that was told to stop waits for the requests it is busy with.
const GRACE: Duration = Duration::from_secs(20);
/// How often a server does what is due.
const JOBS_EVERY: Duration = Duration::from_secs(20);

/// How long a command waits for a gateway.
const BRIEFLY: Duration = Duration::from_secs(5);

/// An open platform.
#[derive(Clone)]
pub struct Platform {
    app: App,
}

impl Platform {
    /// Opens a platform: creates and migrates the database and loads the stock data where needed.
    ///
    /// # Errors
    /// The data directory or the database cannot be used.
    pub async fn open(settings: Settings) -> Result<Platform, OpenError> {
        let url = match &settings.database {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", settings.data_dir.join("appeal.db").display()),
        };
        // The files belong to the database: whoever opens it finds them beside it.
        let files = match &settings.files {
            Some(files) => files.clone(),
            None => store::sqlite::path_of(&url)?.with_file_name("files"),
        };
        let seed = Seed { local_people: settings.local_people, now: settings.clock.now() };
        let db = Database::open(&url, seed.load()).await?;
        Ok(Platform { app: App::open(db, files, &settings) })
    }

    /// The HTTP side.
    pub fn router(&self) -> axum::Router {
        http::router(self.app.clone())
    }

    /// Signs in as one of the people without a password and gives the token, which is known to this process alone and
    /// never on disk. For who may read the database file anyway.
    ///
    /// # Errors
    /// Nobody has this login; the error names those that exist.
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

    /// Answers requests on this socket until `shutdown` is ready; then lets the ones under way end, for a while.
    /// Does what is due now and then.
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
                // Streams of changes never end by themselves: this ends them.
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

    /// Does what time has made due, once a minute at most: deadlines, closings, and the removal of uploads that nobody
    /// attached.
    ///
    /// Gives whether anything was done.
    pub async fn run_due(&self) -> Result<bool, Fault> {
        let ran = jobs::run_due(&self.app).await?;
        if ran {
            service::uploads::sweep(&self.app).await?;
        }
        Ok(ran)
    }

    /// Delivers the messages that are due, for a platform that nobody serves; `codes` delivers one-time codes alone,
    /// which somebody may be waiting for. A gateway that does not answer is not waited for long.
    pub async fn deliver(&self, codes: bool) -> Result<(), Fault> {
        jobs::delivery::run_once(&self.app, codes, BRIEFLY).await
    }

    /// Waits for what is being written and closes the database.
    pub async fn close(&self) {
        self.app.stopping().cancel();
        self.app.db().close().await;
    }
}
