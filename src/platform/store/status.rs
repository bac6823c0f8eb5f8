//! Statistics on all data, and the integrity check of the database itself.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::db::{Arg, Tx};
use super::statuses::UNDECIDED;
use crate::args;
use crate::fault::Result;
use appeal_api::{FileTotals, OutboxTotals};
use appeal_domain::{AccountState, Status};

/// Totals of all data.
#[derive(Debug)]
pub struct Totals {
    /// Appeals by status, including drafts.
    pub appeals: BTreeMap<String, u64>,
    pub overdue: u64,
    /// Accounts by state.
    pub people: BTreeMap<String, u64>,
    pub files: FileTotals,
    pub outbox: OutboxTotals,
    pub database_bytes: u64,
}

/// Counts all data.
pub async fn totals(tx: &mut Tx, now: Timestamp) -> Result<Totals> {
    let statuses = Status::ALL.iter().map(|s| s.as_str()).collect();
    let appeals =
        by_word(tx, "SELECT status AS word, count(*) AS n FROM appeals GROUP BY status", statuses).await?;
    let states = AccountState::words();
    let people =
        by_word(tx, "SELECT state AS word, count(*) AS n FROM people GROUP BY state", states).await?;
    let overdue = format!(
        "SELECT count(*) AS n FROM appeals WHERE status IN {UNDECIDED} \
         AND due_at < CASE WHEN status = 'clarification_required' THEN status_since ELSE $1 END"
    );
    let overdue = count(tx, &overdue, args![now]).await?;
    let files =
        tx.one("SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM files", Vec::new()).await?;
    let pending = "SELECT count(*) AS n FROM messages WHERE state IN ('pending', 'sending')";
    let failed = "SELECT count(*) AS n FROM messages WHERE state = 'failed'";
    let database = "SELECT p.page_count * s.page_size AS n FROM pragma_page_count p, pragma_page_size s";
    Ok(Totals {
        appeals,
        overdue,
        people,
        files: FileTotals { count: number(files.int("n")?), bytes: number(files.int("bytes")?) },
        outbox: OutboxTotals {
            pending: count(tx, pending, Vec::new()).await?,
            failed: count(tx, failed, Vec::new()).await?,
        },
        database_bytes: count(tx, database, Vec::new()).await?,
    })
}

async fn by_word(tx: &mut Tx, sql: &str, words: Vec<&'static str>) -> Result<BTreeMap<String, u64>> {
    let mut counts: BTreeMap<String, u64> = words.into_iter().map(|w| (w.to_owned(), 0)).collect();
    for row in tx.all(sql, Vec::new()).await? {
        counts.insert(row.text("word")?, number(row.int("n")?));
    }
    Ok(counts)
}

async fn count(tx: &mut Tx, sql: &str, args: Vec<Arg>) -> Result<u64> {
    Ok(number(tx.one(sql, args).await?.int("n")?))
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// Returns the number of the newest migration.
pub async fn schema(tx: &mut Tx) -> Result<i64> {
    let row = tx.one("SELECT max(version) AS n FROM _sqlx_migrations WHERE success", Vec::new()).await?;
    Ok(row.int_opt("n")?.unwrap_or(0))
}

/// Returns problems reported by the database.
pub async fn problems(tx: &mut Tx) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for row in tx.all("SELECT integrity_check AS line FROM pragma_integrity_check", Vec::new()).await? {
        let line = row.text("line")?;
        if line != "ok" {
            problems.push(line);
        }
    }
    let sql = "SELECT \"table\" AS name, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2";
    for row in tx.all(sql, Vec::new()).await? {
        let (rows, name, parent) = (row.int("n")?, row.text("name")?, row.text("parent")?);
        problems.push(format!("{rows} rows of {name} name nothing in {parent}"));
    }
    Ok(problems)
}

/// Returns the number of attachment versions whose file is missing.
pub async fn versions_without_file(tx: &mut Tx) -> Result<u64> {
    let sql = "SELECT count(*) AS n FROM attachment_versions v \
               WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.sha256 = v.sha256)";
    count(tx, sql, Vec::new()).await
}
