//! Opening a SQLite database: WAL, full synchronisation, and migrations under a file lock, so that any number of
//! processes may open the same data directory at the same time, including the first time.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, SqlStr, SqliteConnection, SqlitePool};

use super::db::{Load, Tx};
use crate::fault::Fault;

/// Version, description and SQL of every migration, in order.
const MIGRATIONS: &[(i64, &str, &str)] = &include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

// `sqlx::migrate!` would do this at compile time, with a second copy of sqlx, SQLite and tokio built for the macro.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = MIGRATIONS.iter().map(|&(version, description, sql)| {
        Migration::new(version, description.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    });
    Migrator::with_migrations(migrations.collect())
});

/// Another process may hold the write lock for the duration of its batch.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names an unknown engine.
    #[error("'{0}' is not a database URL this program knows; use sqlite:PATH")]
    Url(String),
    /// The data directory or a file in it cannot be used.
    #[error("{}: {error}", .path.display())]
    Path { path: PathBuf, error: std::io::Error },
    /// An error of the database.
    #[error("{}: {error}", .path.display())]
    Database { path: PathBuf, error: sqlx::Error },
    /// The migrations failed.
    #[error("{}: {error}", .path.display())]
    Migrate { path: PathBuf, error: sqlx::migrate::MigrateError },
    /// The file is not a database of this program.
    #[error("{}: this file is not a database", .path.display())]
    Foreign { path: PathBuf },
    /// A newer program has migrated the schema.
    #[error(
        "{}: the database was changed by a newer version of this program (schema {version}); use that version",
        .path.display()
    )]
    Newer { path: PathBuf, version: i64 },
    /// The login does not exist.
    #[error("there is no '{login}' here; one of: {}", .logins.join(", "))]
    Login { login: String, logins: Vec<String> },
    /// The initial data could not be loaded.
    #[error("{0}")]
    Seed(String),
}

/// Connections to one SQLite file.
pub struct Pools {
    pub readers: SqlitePool,
    pub writer: SqlitePool,
}

/// Returns the file of a `sqlite:` URL.
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

/// Reads from a file as it is, with a separate connection: nothing is created, migrated or filled.
pub async fn read_alone<T>(
    path: &Path,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options(path).create_if_missing(false));
    let mut tx = Tx::Sqlite(pool.acquire().await?);
    let result = work(&mut tx).await;
    drop(tx);
    pool.close().await;
    result
}

/// As [`read_alone`], in a transaction that changes the file.
pub async fn write_alone<T>(
    path: &Path,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T, Fault>,
) -> Result<T, Fault> {
    read_alone(path, async |tx| {
        tx.raw("BEGIN IMMEDIATE").await?;
        let value = work(tx).await?;
        tx.raw("COMMIT").await?;
        Ok(value)
    })
    .await
}

/// Checkpoints the write-ahead log of a database into it. Returns false if another process has the database open,
/// because an open connection to a database with such a log prevents changing the journal mode.
pub async fn fold_in(path: &Path) -> bool {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_millis(500));
    // A file that is not a database is not in use.
    let Ok(mut connection) = SqliteConnection::connect_with(&options).await else { return true };
    let mode =
        sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE").fetch_one(&mut connection).await;
    let _ = connection.close().await;
    !matches!(mode, Err(sqlx::Error::Database(e)) if matches!(e.code().as_deref(), Some("5" | "6" | "261" | "517")))
}

/// Opens the file of this URL: creates it, migrates its schema and loads the initial data if necessary.
pub async fn open(url: &str, load: Load) -> Result<Pools, OpenError> {
    let path = path_of(url)?;
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        create_dir(parent).map_err(|error| OpenError::Path { path: parent.to_owned(), error })?;
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
    if !current(&path, &readers).await? {
        prepare(&path, &writer, load).await?;
    }
    Ok(Pools { readers, writer })
}

/// Creates a directory and its parents, accessible to the owner only.
pub fn create_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Returns whether the file has every migration of this program and the initial data: the common case, checked without
/// the lock, on a connection that serves readers afterwards.
async fn current(path: &Path, readers: &SqlitePool) -> Result<bool, OpenError> {
    match std::fs::OpenOptions::new().write(true).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(OpenError::Path { path: path.to_owned(), error }),
    }
    let newest: Result<i64, sqlx::Error> = sqlx::query_scalar(
        "SELECT max(version) FROM _sqlx_migrations WHERE success \
         AND EXISTS (SELECT 1 FROM meta WHERE name = 'seeded')",
    )
    .fetch_one(readers)
    .await;
    match newest {
        Ok(version) => Ok(Some(version) == MIGRATOR.iter().map(|m| m.version).max()),
        Err(error) if is_foreign(&error) => Err(OpenError::Foreign { path: path.to_owned() }),
        // Another process may be creating it right now; check again under the lock.
        Err(_) => Ok(false),
    }
}

/// Migrates and loads the initial data under the file lock.
async fn prepare(path: &Path, writer: &SqlitePool, load: Load) -> Result<(), OpenError> {
    let _lock = lock(path).await?;
    // SQLite would make its files readable for everyone; its log takes the permissions of the database.
    private()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| OpenError::Path { path: path.to_owned(), error })?;
    let database = |error: sqlx::Error| {
        if is_foreign(&error) {
            OpenError::Foreign { path: path.to_owned() }
        } else {
            OpenError::Database { path: path.to_owned(), error }
        }
    };
    let mut connection = writer.acquire().await.map_err(database)?;
    MIGRATOR.run_direct(None, &mut *connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => OpenError::Newer { path: path.to_owned(), version },
        error => OpenError::Migrate { path: path.to_owned(), error },
    })?;
    let mut tx = Tx::Sqlite(connection);
    tx.raw("BEGIN IMMEDIATE").await.map_err(database)?;
    match load(&mut tx).await {
        Ok(()) => tx.raw("COMMIT").await.map_err(database),
        Err(fault) => {
            let _ = tx.raw("ROLLBACK").await;
            Err(OpenError::Seed(fault.to_string()))
        }
    }
}

/// Returns whether SQLite reports that the file is not a database.
fn is_foreign(error: &sqlx::Error) -> bool {
    const NOT_A_DATABASE: &str = "26";
    matches!(error, sqlx::Error::Database(e) if e.code().as_deref() == Some(NOT_A_DATABASE))
}

/// Options for files that are created for their owner only.
fn private() -> std::fs::OpenOptions {
    #[allow(unused_mut, reason = "changed on systems with such permissions")]
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A lock that ends with the process that holds it.
pub struct Lock(#[allow(dead_code, reason = "held for its drop")] std::fs::File);

/// Waits for the lock of a database file, under which it is created, migrated and filled.
pub async fn lock(path: &Path) -> Result<Lock, OpenError> {
    let lock_path = path.with_extension("lock");
    let task = tokio::task::spawn_blocking(move || -> Result<Lock, OpenError> {
        let file = private()
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
