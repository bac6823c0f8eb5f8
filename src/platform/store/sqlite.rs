//! Opening a SQLite database: WAL, full synchronisation, and migrations under a file lock, so that any number of
//! processes may open the same data directory at once, its first use included.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

static MIGRATIONS: Migrator = sqlx::migrate!("src/platform/store/migrations/sqlite");

/// Another process may hold the write lock for as long as its batch takes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no engine we know.
    #[error("'{0}' is not a database URL this program knows; use sqlite:PATH")]
    Url(String),
    /// The data directory or a file in it cannot be used.
    #[error("{}: {error}", .path.display())]
    Path { path: PathBuf, error: std::io::Error },
    /// The database refused.
    #[error("{}: {error}", .path.display())]
    Database { path: PathBuf, error: sqlx::Error },
    /// The schema could not be brought up to date.
    #[error("{}: {error}", .path.display())]
    Migrate { path: PathBuf, error: sqlx::migrate::MigrateError },
    /// The data could not be prepared.
    #[error("{0}")]
    Seed(String),
}

/// Connections to one SQLite file.
pub struct Pools {
    pub readers: SqlitePool,
    pub writer: SqlitePool,
}

/// The file of a `sqlite:` URL.
pub fn path_of(url: &str) -> Result<PathBuf, OpenError> {
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| OpenError::Url(url.to_owned()))?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or(rest);
    if path.is_empty() || path == ":memory:" {
        return Err(OpenError::Url(url.to_owned()));
    }
    Ok(PathBuf::from(path))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::from_str("sqlite:")
        .unwrap_or_default()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .optimize_on_close(false, None)
        .disable_statement_logging()
}

/// Opens the file of this URL. The caller seeds a database that has no data yet, see [`locked`].
pub async fn open(url: &str) -> Result<Pools, OpenError> {
    let path = path_of(url)?;
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)
            .map_err(|error| OpenError::Path { path: parent.to_owned(), error })?;
    }
    if !current(&path).await? {
        let _lock = lock(&path).await?;
        let mut connection = connect(&path).await?;
        MIGRATIONS
            .run_direct(None, &mut connection, false)
            .await
            .map_err(|error| OpenError::Migrate { path: path.clone(), error })?;
        connection.close().await.map_err(|error| OpenError::Database { path: path.clone(), error })?;
    }
    let readers = SqlitePoolOptions::new()
        .max_connections(8)
        .min_connections(0)
        .acquire_timeout(BUSY_TIMEOUT)
        .test_before_acquire(false)
        .connect_lazy_with(options(&path));
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(0)
        .acquire_timeout(BUSY_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options(&path));
    Ok(Pools { readers, writer })
}

async fn connect(path: &Path) -> Result<SqliteConnection, OpenError> {
    options(path).connect().await.map_err(|error| OpenError::Database { path: path.to_owned(), error })
}

/// True when the file exists and has every migration of this program: the common case, answered without the lock.
async fn current(path: &Path) -> Result<bool, OpenError> {
    let writable = std::fs::OpenOptions::new().write(true).open(path);
    match writable {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(OpenError::Path { path: path.to_owned(), error }),
    }
    let mut connection = connect(path).await?;
    let newest: Result<i64, sqlx::Error> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&mut connection)
            .await;
    let newest = match newest {
        Ok(version) => version,
        Err(sqlx::Error::Database(_) | sqlx::Error::ColumnDecode { .. }) => return Ok(false),
        Err(error) => return Err(OpenError::Database { path: path.to_owned(), error }),
    };
    connection.close().await.map_err(|error| OpenError::Database { path: path.to_owned(), error })?;
    Ok(Some(newest) == MIGRATIONS.iter().map(|m| m.version).max())
}

/// A lock that ends with the process that holds it.
pub struct Lock(#[allow(dead_code, reason = "held for its drop")] std::fs::File);

/// Waits for the lock of a database file: creating, migrating and seeding happen under it.
pub async fn lock(path: &Path) -> Result<Lock, OpenError> {
    let lock_path = path.with_extension("lock");
    let task = tokio::task::spawn_blocking(move || -> Result<Lock, OpenError> {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|error| OpenError::Path { path: lock_path.clone(), error })?;
        file.lock().map_err(|error| OpenError::Path { path: lock_path, error })?;
        Ok(Lock(file))
    });
    task.await.map_err(|e| OpenError::Seed(e.to_string()))?
}
