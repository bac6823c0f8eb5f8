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

/// Returns the migrations after this one that change only data, `NNNN_data_….sql`. Rows of an older export need them.
pub fn data_migrations(after: i64) -> impl Iterator<Item = &'static str> {
    MIGRATIONS
        .iter()
        .filter(move |(version, what, _)| *version > after && what.starts_with("data "))
        .map(|(_, _, sql)| *sql)
}

/// Marks the files of this program: "apl" and a version.
const APPLICATION_ID: i64 = 0x6170_6c01;
/// Length of the header of a SQLite file up to and including the application id.
const HEADER: usize = 72;

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
    /// The file is a database of another program.
    #[error("{}: this is a database of another program", .path.display())]
    OtherProgram { path: PathBuf },
    /// The file is empty: it was truncated, or created by another program.
    #[error("{}: the file is empty; restore it from a backup, or delete it to begin anew", .path.display())]
    Empty { path: PathBuf },
    /// There is no file, and none is to be created.
    #[error("{}: there is no database; `appeal serve --database` creates one", .path.display())]
    Missing { path: PathBuf },
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
        .create_if_missing(false)
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
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options(path));
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

/// Opens the file of this URL: creates it unless it must exist, migrates its schema and loads the initial data if
/// necessary.
pub async fn open(url: &str, existing: bool, load: Load) -> Result<Pools, OpenError> {
    let path = path_of(url)?;
    if path.exists() {
        identify(&path).await?;
    } else if existing {
        return Err(OpenError::Missing { path });
    }
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
        let _lock = lock(&path).await?;
        // Another process may have created it while this one waited for the lock.
        if path.exists() {
            upgrade(&path, &writer, load).await?;
        } else {
            create(&path, load).await?;
        }
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
    let newest: Result<(i64, i64), sqlx::Error> = sqlx::query_as(
        "SELECT max(version), (SELECT application_id FROM pragma_application_id) FROM _sqlx_migrations WHERE success \
         AND EXISTS (SELECT 1 FROM meta WHERE name = 'seeded')",
    )
    .fetch_one(readers)
    .await;
    match newest {
        Ok((version, id)) => {
            Ok(id == APPLICATION_ID && Some(version) == MIGRATOR.iter().map(|m| m.version).max())
        }
        Err(error) if is_foreign(&error) => Err(OpenError::Foreign { path: path.to_owned() }),
        // Another process may be creating it right now; check again under the lock.
        Err(_) => Ok(false),
    }
}

/// Creates a database under the file lock: completely in a temporary file first, so that a process that is killed leaves
/// no part of a database behind.
async fn create(path: &Path, load: Load) -> Result<(), OpenError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| OpenError::Path { path, error }
    };
    let fresh = path.with_extension("new");
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = fresh.clone().into_os_string();
        name.push(ending);
        // Usually there is nothing left of an earlier attempt.
        let _ = std::fs::remove_file(name);
    }
    // SQLite would make its files readable for everyone; its log takes the permissions of the database.
    private().create_new(true).write(true).open(&fresh).map_err(at(&fresh))?;
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options(&fresh));
    let filled = fill(&fresh, &pool, load).await;
    pool.close().await;
    filled?;
    std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(at(&fresh))?;
    std::fs::rename(&fresh, path).map_err(at(path))?;
    #[cfg(unix)]
    {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir))?;
    }
    Ok(())
}

/// Migrates an existing database under the file lock.
async fn upgrade(path: &Path, writer: &SqlitePool, load: Load) -> Result<(), OpenError> {
    fill(path, writer, load).await
}

/// Checks that an existing file is a database of this program, without changing it: opened for writing, even an empty file
/// or a database of another program would be changed.
async fn identify(path: &Path) -> Result<(), OpenError> {
    let at = |error| OpenError::Path { path: path.to_owned(), error };
    let mut file = std::fs::File::open(path).map_err(at)?;
    let mut header = [0; HEADER];
    let mut read = 0;
    while let Some(rest) = header.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match std::io::Read::read(&mut file, rest).map_err(at)? {
            0 => break,
            count => read += count,
        }
    }
    drop(file);
    // A log next to an empty file belongs to a database that is gone.
    if read == 0 {
        return Err(OpenError::Empty { path: path.to_owned() });
    }
    if read < HEADER || !header.starts_with(b"SQLite format 3\0") {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    let [.., a, b, c, d] = header;
    match i64::from(u32::from_be_bytes([a, b, c, d])) {
        APPLICATION_ID => return Ok(()),
        0 => {}
        _ => return Err(OpenError::OtherProgram { path: path.to_owned() }),
    }
    // Earlier versions did not mark their databases, and the mark may still be in the log.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let database = failed(path);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(&database)?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations', 'meta', 'appeals')",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(&database)?;
    let _ = connection.close().await;
    if tables == 3 { Ok(()) } else { Err(OpenError::OtherProgram { path: path.to_owned() }) }
}

/// Migrates a database, loads the initial data and marks the file.
async fn fill(path: &Path, pool: &SqlitePool, load: Load) -> Result<(), OpenError> {
    let database = failed(path);
    let mut connection = pool.acquire().await.map_err(&database)?;
    MIGRATOR.run_direct(None, &mut *connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => OpenError::Newer { path: path.to_owned(), version },
        error => OpenError::Migrate { path: path.to_owned(), error },
    })?;
    let mut tx = Tx::Sqlite(connection);
    tx.raw("BEGIN IMMEDIATE").await.map_err(&database)?;
    let filled = async {
        load(&mut tx).await?;
        Ok::<_, Fault>(tx.raw(&format!("PRAGMA application_id = {APPLICATION_ID}")).await?)
    };
    match filled.await {
        Ok(()) => tx.raw("COMMIT").await.map_err(database),
        Err(fault) => {
            let _ = tx.raw("ROLLBACK").await;
            Err(OpenError::Seed(fault.to_string()))
        }
    }
}

/// Returns the conversion of an error of this database.
fn failed(path: &Path) -> impl Fn(sqlx::Error) -> OpenError {
    let path = path.to_owned();
    move |error| match is_foreign(&error) {
        true => OpenError::Foreign { path: path.clone() },
        false => OpenError::Database { path: path.clone(), error },
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
