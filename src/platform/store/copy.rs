//! A copy of the database, made while others write, and read on its own.

use std::path::Path;

use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::db::{DbError, Tx};
use super::meta;

/// Rows read at once.
const PAGE: i64 = 1000;

/// Tables that are not exported: kept by the migrations, derived, or of this database alone.
const LEFT_OUT: [&str; 4] = ["_sqlx_migrations", "search_terms", "backups", "sqlite_sequence"];

/// An open copy.
pub struct Copy(SqliteConnection);

impl Copy {
    /// Writes a copy into an empty file.
    pub async fn make(tx: &mut Tx, path: &str) -> Result<(), DbError> {
        tx.raw(&format!("VACUUM INTO '{}'", path.replace('\'', "''"))).await
    }

    /// Opens it for reading.
    pub async fn open(path: &Path) -> Result<Copy, DbError> {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        SqliteConnection::connect_with(&options).await.map(Copy)
    }

    /// Number of the newest migration.
    pub async fn schema(&mut self) -> Result<i64, DbError> {
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&mut self.0)
            .await
    }

    /// The word that cursors of this database carry.
    pub async fn epoch(&mut self) -> Result<String, DbError> {
        sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(meta::EPOCH)
            .fetch_one(&mut self.0)
            .await
    }

    /// The tables that are exported.
    pub async fn tables(&mut self) -> Result<Vec<String>, DbError> {
        let mut tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                .fetch_all(&mut self.0)
                .await?;
        tables.retain(|table| !LEFT_OUT.contains(&table.as_str()));
        Ok(tables)
    }

    /// Number of rows of a table.
    pub async fn count(&mut self, table: &str) -> Result<u64, DbError> {
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut self.0).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The digests of stored files that follow this one.
    pub async fn digests(&mut self, after: &str) -> Result<Vec<String>, DbError> {
        sqlx::query_scalar("SELECT sha256 FROM files WHERE sha256 > $1 ORDER BY sha256 LIMIT $2")
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut self.0)
            .await
    }

    /// The columns of a table.
    pub async fn columns(&mut self, table: &str) -> Result<Vec<String>, DbError> {
        sqlx::query_scalar("SELECT name FROM pragma_table_info($1)").bind(table).fetch_all(&mut self.0).await
    }

    /// Rows of a table as JSON, each with its place; the next ones come after the last place.
    pub async fn lines(
        &mut self,
        table: &str,
        columns: &[String],
        after: i64,
    ) -> Result<Vec<(i64, String)>, DbError> {
        let pairs: Vec<String> = columns.iter().map(|c| format!("'{c}', \"{c}\"")).collect();
        let sql = format!(
            "SELECT rowid AS place, json_object({}) AS line FROM \"{table}\" \
             WHERE rowid > $1 ORDER BY rowid LIMIT $2",
            pairs.join(", ")
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(PAGE).fetch_all(&mut self.0).await?;
        rows.iter().map(|row| Ok((row.try_get("place")?, row.try_get("line")?))).collect()
    }
}
