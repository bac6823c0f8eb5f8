//! A copy of the database, made while others write to it, and read separately.

use std::path::Path;

use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::db::{DbError, Tx};
use super::meta;

/// Number of rows read at once.
const PAGE: i64 = 1000;

/// Tables that are not exported: maintained by migrations, derived, or specific to this database.
const LEFT_OUT: [&str; 4] = ["_sqlx_migrations", "search_terms", "backups", "sqlite_sequence"];

/// An open copy.
pub struct Copy(SqliteConnection);

impl Copy {
    /// Writes a copy to an empty file.
    pub async fn make(tx: &mut Tx, path: &str) -> Result<(), DbError> {
        tx.raw(&format!("VACUUM INTO '{}'", path.replace('\'', "''"))).await
    }

    /// Opens a copy for reading.
    pub async fn open(path: &Path) -> Result<Copy, DbError> {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        SqliteConnection::connect_with(&options).await.map(Copy)
    }

    /// Returns the number of the newest migration.
    pub async fn schema(&mut self) -> Result<i64, DbError> {
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&mut self.0)
            .await
    }

    /// Returns the epoch of cursors.
    pub async fn epoch(&mut self) -> Result<String, DbError> {
        sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(meta::EPOCH)
            .fetch_one(&mut self.0)
            .await
    }

    /// Returns the names of the exported tables.
    pub async fn tables(&mut self) -> Result<Vec<String>, DbError> {
        let mut tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                .fetch_all(&mut self.0)
                .await?;
        tables.retain(|table| !LEFT_OUT.contains(&table.as_str()));
        Ok(tables)
    }

    /// Returns the number of rows of a table.
    pub async fn count(&mut self, table: &str) -> Result<u64, DbError> {
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut self.0).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Returns the next digests of stored files after this one.
    pub async fn digests(&mut self, after: &str) -> Result<Vec<String>, DbError> {
        sqlx::query_scalar("SELECT sha256 FROM files WHERE sha256 > $1 ORDER BY sha256 LIMIT $2")
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut self.0)
            .await
    }

    /// Returns the columns of a table.
    pub async fn columns(&mut self, table: &str) -> Result<Vec<String>, DbError> {
        sqlx::query_scalar("SELECT name FROM pragma_table_info($1)").bind(table).fetch_all(&mut self.0).await
    }

    /// Returns rows of a table as JSON with their positions; continue after the last position.
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
