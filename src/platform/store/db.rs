//! Database access independent of the engine: SQL text with `$1` parameters, arguments of four types, rows read by
//! column name. [`Tx`] is an enum over the engines; SQLite is one of them.

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column as _, Executor, Row as _, Sqlite};

pub use crate::fault::DbError;
use crate::fault::Fault;

/// An argument of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    Null,
    Int(i64),
    Text(String),
}

impl From<i64> for Arg {
    fn from(v: i64) -> Self {
        Arg::Int(v)
    }
}
impl From<u32> for Arg {
    fn from(v: u32) -> Self {
        Arg::Int(v.into())
    }
}
impl From<bool> for Arg {
    fn from(v: bool) -> Self {
        Arg::Int(v.into())
    }
}
impl From<&str> for Arg {
    fn from(v: &str) -> Self {
        Arg::Text(v.to_owned())
    }
}
impl From<String> for Arg {
    fn from(v: String) -> Self {
        Arg::Text(v)
    }
}
impl From<&String> for Arg {
    fn from(v: &String) -> Self {
        Arg::Text(v.clone())
    }
}
impl From<jiff::Timestamp> for Arg {
    fn from(v: jiff::Timestamp) -> Self {
        Arg::Int(v.as_microsecond())
    }
}
impl<T: Into<Arg>> From<Option<T>> for Arg {
    fn from(v: Option<T>) -> Self {
        v.map_or(Arg::Null, Into::into)
    }
}

/// Arguments of a statement: `args![number, now, None::<i64>]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Arg::from($value)),*] };
}

/// A connection inside a transaction or, for reading, a snapshot.
pub enum Tx {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
}

/// One row of a result.
pub struct Row(SqliteRow);

impl Row {
    /// Returns the text of a column that is never NULL.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        self.0.try_get(column)
    }

    /// Returns the text of a column.
    pub fn text_opt(&self, column: &str) -> Result<Option<String>, DbError> {
        self.0.try_get(column)
    }

    /// Returns the integer of a column that is never NULL.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        self.0.try_get(column)
    }

    /// Returns the integer of a column.
    pub fn int_opt(&self, column: &str) -> Result<Option<i64>, DbError> {
        self.0.try_get(column)
    }

    /// Returns a flag, stored as 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    /// Returns a time, stored in microseconds.
    pub fn time(&self, column: &str) -> Result<jiff::Timestamp, DbError> {
        time_of(self.int(column)?)
    }

    /// Returns a time that may be NULL.
    pub fn time_opt(&self, column: &str) -> Result<Option<jiff::Timestamp>, DbError> {
        self.int_opt(column)?.map(time_of).transpose()
    }

    /// Returns a word of a vocabulary.
    pub fn word<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &self,
        column: &str,
    ) -> Result<T, DbError> {
        self.text(column)?.parse().map_err(|e: T::Err| DbError::Decode(Box::new(e)))
    }

    /// Returns a word that may be NULL.
    pub fn word_opt<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, DbError> {
        self.text_opt(column)?
            .map(|w| w.parse().map_err(|e: T::Err| DbError::Decode(Box::new(e))))
            .transpose()
    }

    /// Parses JSON stored as text.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        serde_json::from_str(&self.text(column)?).map_err(|e| DbError::Decode(Box::new(e)))
    }

    /// Returns the names of the columns.
    pub fn columns(&self) -> Vec<&str> {
        self.0.columns().iter().map(|c| c.name()).collect()
    }
}

fn time_of(micros: i64) -> Result<jiff::Timestamp, DbError> {
    jiff::Timestamp::from_microsecond(micros).map_err(|e| DbError::Decode(Box::new(e)))
}

fn bind(args: Vec<Arg>) -> Result<SqliteArguments, DbError> {
    let mut bound = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Null => bound.add(None::<i64>),
            Arg::Int(v) => bound.add(v),
            Arg::Text(v) => bound.add(v),
        }
        .map_err(DbError::Encode)?;
    }
    Ok(bound)
}

impl Tx {
    /// Runs a statement; returns the number of changed rows.
    pub async fn run(&mut self, sql: &str, args: Vec<Arg>) -> Result<u64, DbError> {
        match self {
            Tx::Sqlite(c) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), bind(args)?);
                Ok(query.execute(&mut **c).await?.rows_affected())
            }
        }
    }

    /// Returns all rows.
    pub async fn all(&mut self, sql: &str, args: Vec<Arg>) -> Result<Vec<Row>, DbError> {
        match self {
            Tx::Sqlite(c) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), bind(args)?);
                Ok(query.fetch_all(&mut **c).await?.into_iter().map(Row).collect())
            }
        }
    }

    /// Returns the first row, if any.
    pub async fn first(&mut self, sql: &str, args: Vec<Arg>) -> Result<Option<Row>, DbError> {
        match self {
            Tx::Sqlite(c) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), bind(args)?);
                Ok(query.fetch_optional(&mut **c).await?.map(Row))
            }
        }
    }

    /// Passes each row to `take` without storing it, for results too large for memory.
    pub async fn each(
        &mut self,
        sql: &str,
        args: Vec<Arg>,
        mut take: impl FnMut(&Row) -> Result<(), DbError> + Send,
    ) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(c) => {
                let mut rows = sqlx::query_with(sqlx::AssertSqlSafe(sql), bind(args)?).fetch(&mut **c);
                while let Some(row) = rows.try_next().await? {
                    take(&Row(row))?;
                }
                Ok(())
            }
        }
    }

    /// Returns the only row, which must exist.
    pub async fn one(&mut self, sql: &str, args: Vec<Arg>) -> Result<Row, DbError> {
        self.first(sql, args).await?.ok_or(DbError::RowNotFound)
    }

    /// Runs one or more statements without arguments: transaction control, pragmas, migrations.
    pub async fn raw(&mut self, sql: &str) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(c) => (&mut **c).execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.map(drop),
        }
    }
}

/// Loads the initial data into a new database, in the transaction that prepares it. Does nothing if it is already
/// there.
pub type Load = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<(), Fault>> + Send>;

/// A use case: works on a transaction, does no other I/O, never begins or commits, and may be run again.
pub type UseCase<T> = Box<dyn for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync>;
