//! Replaces all rows of a database with those of an export.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use serde_json::Value;

use super::db::{Arg, DbError, Tx};
use super::{meta, region_codes, search, sqlite};
use crate::args;
use crate::fault::{Fault, Result};

type Map = serde_json::Map<String, Value>;

/// Why rows were not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// They do not fit into this database.
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        ImportError::Fault(error.into())
    }
}

impl From<std::io::Error> for ImportError {
    fn from(error: std::io::Error) -> Self {
        ImportError::Fault(error.into())
    }
}

fn unfit(reason: impl ToString) -> ImportError {
    ImportError::Unfit(reason.to_string())
}

/// Returns whether there are any appeals.
pub async fn has_appeals(tx: &mut Tx) -> Result<bool> {
    Ok(tx.first("SELECT 1 AS n FROM appeals LIMIT 1", Vec::new()).await?.is_some())
}

/// Facts about the database itself rather than its data.
const OWN: [&str; 3] = [meta::EPOCH, meta::SEEDED, meta::JOBS_RAN];

/// Replaces all rows by those of an export with this schema. References are checked when all rows are present.
pub async fn replace(
    tx: &mut Tx,
    tables: &[String],
    place: &Path,
    schema: i64,
) -> Result<BTreeMap<String, u64>, ImportError> {
    tx.raw("PRAGMA defer_foreign_keys = ON").await?;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let known: Vec<String> = tx
        .all(sql, Vec::new())
        .await?
        .iter()
        .map(|r| r.text("name"))
        .collect::<std::result::Result<_, _>>()?;
    let mut rows = BTreeMap::new();
    for table in tables {
        if !known.contains(table) {
            return Err(unfit(format!("there is no table {table}")));
        }
        if table != "meta" {
            tx.raw(&format!("DELETE FROM \"{table}\"")).await?;
        }
    }
    for table in tables {
        let file = std::fs::File::open(place.join(table))?;
        let mut count = 0;
        for line in std::io::BufReader::new(file).lines() {
            let row: Map = serde_json::from_str(&line?).map_err(unfit)?;
            if table == "meta" {
                let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let (name, value) = (text("name"), text("value"));
                if !OWN.contains(&name.as_str()) {
                    meta::set(tx, &name, &value).await?;
                }
            } else {
                insert(tx, table, &row).await?;
            }
            count += 1;
        }
        rows.insert(table.clone(), count);
    }
    for sql in sqlite::data_migrations(schema) {
        tx.raw(sql).await?;
    }
    region_codes::fill(tx).await?;
    tx.raw("DELETE FROM search_terms").await?;
    index(tx).await?;
    let lost = tx.all("SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_check", Vec::new()).await?;
    if let Some(row) = lost.first() {
        return Err(unfit(format!("rows of {} name nothing", row.text("name")?)));
    }
    Ok(rows)
}

async fn insert(tx: &mut Tx, table: &str, row: &Map) -> Result<(), ImportError> {
    let mut args: Vec<Arg> = Vec::with_capacity(row.len());
    for (name, value) in row {
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(unfit(format!("{name}: not the name of a column")));
        }
        args.push(match value {
            Value::Null => Arg::Null,
            Value::String(text) => Arg::Text(text.clone()),
            Value::Number(n) => Arg::Int(n.as_i64().ok_or_else(|| unfit(format!("{name}: {n}")))?),
            other => return Err(unfit(format!("{name}: {other}"))),
        });
    }
    let columns: Vec<String> = row.keys().map(|name| format!("\"{name}\"")).collect();
    let marks: Vec<String> = (1..=row.len()).map(|n| format!("${n}")).collect();
    let sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({})", columns.join(", "), marks.join(", "));
    tx.run(&sql, args).await?;
    Ok(())
}

/// Indexes the words of every appeal for the search.
async fn index(tx: &mut Tx) -> Result<()> {
    let mut after = String::new();
    loop {
        let sql = "SELECT id, subject, text FROM appeals WHERE id > $1 ORDER BY id LIMIT 500";
        let page = tx.all(sql, args![&after]).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.text("id")?;
        for row in &page {
            search::index(tx, &row.text("id")?, &row.text("subject")?, &row.text("text")?, true).await?;
        }
    }
}
