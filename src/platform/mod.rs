//! The platform: the same code embedded (`--server local`) and as a server (`appeal serve`). Requests come in as HTTP
//! messages ([`http`]), become use cases ([`service`]) on a transaction ([`store`]), and time-driven work is done by
//! [`jobs`].

pub mod clock;
pub mod fault;
pub mod http;
pub mod jobs;
pub mod service;
pub mod store;

use std::path::PathBuf;

pub use clock::Clock;
pub use store::sqlite::OpenError;

use http::state::App;
use store::Database;

/// How to open a platform.
#[derive(Clone)]
pub struct Settings {
    /// Where the database and the files are, unless told otherwise.
    pub data_dir: PathBuf,
    /// `sqlite:PATH`; by default `appeal.db` in the data directory.
    pub database: Option<String>,
    /// Where uploaded files are kept; by default `files` in the data directory.
    pub files: Option<PathBuf>,
    /// Whether a database that has no data yet gets people anybody may sign in as. True only for the embedded
    /// platform: a server never has an account that is open to all.
    pub local_people: bool,
    /// The clock.
    pub clock: Clock,
}

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
        let db = Database::open(&url).await?;
        let files = settings.files.clone().unwrap_or_else(|| settings.data_dir.join("files"));
        let app = App::open(db, files, settings.clock.clone());
        Ok(Platform { app })
    }

    /// The HTTP side.
    pub fn router(&self) -> axum::Router {
        http::router(self.app.clone())
    }
}
