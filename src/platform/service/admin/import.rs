//! Bringing an export into a platform that has no appeals yet: rows, numbers and journals stay what they were.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use serde_json::{Value, json};

use super::data_set::Map;
use super::log;
use super::status::schema;
use crate::app::App;
use crate::args;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::uploads::path_of;
use crate::store::db::{Arg, Tx};
use crate::store::sqlite::create_dir;
use crate::store::{meta, search};
use appeal_api::Imported;
use appeal_domain::Finding;
use appeal_files::backup::{Archive, ArchiveKind, TABLES, digest_of_entry};

/// Facts that belong to a database and not to its data.
const OWN: [&str; 3] = [meta::EPOCH, meta::SEEDED, "jobs_ran"];

fn unfit(error: impl ToString) -> Fault {
    Fault::invalid(vec![Finding::error("admin-archive", "").arg("error", error)])
}

/// Takes an export in. Everything the platform had of its own, its people included, gives way to what the export has.
///
/// # Errors
/// 409: the platform has appeals. 422: the archive is damaged, no export, or of a newer version.
pub async fn import(app: &App, ctx: &Ctx, archive: &Path) -> Result<Imported> {
    super::allowed(&ctx.caller)?;
    app.read(async |tx| empty(tx).await).await?;
    let (path, files) = (archive.to_owned(), app.files().to_owned());
    let dir = tempfile::tempdir_in(archive.parent().unwrap_or(Path::new(".")))?;
    let place = dir.path().to_owned();
    let unpacked = tokio::task::spawn_blocking(move || unpack(&path, &place, &files));
    let (tables, count, newest) =
        unpacked.await.map_err(|e| Fault::Internal(e.to_string()))?.map_err(unfit)?;
    let (place, ctx) = (dir.path().to_owned(), ctx.clone());
    let rows = app
        .db()
        .write(move |tx| {
            let (tables, place, ctx) = (tables.clone(), place.clone(), ctx.clone());
            Box::pin(async move {
                empty(tx).await?;
                if newest > schema(tx).await? {
                    return Err(unfit(format!("schema {newest} is newer than this program")));
                }
                let rows = replace(tx, &tables, &place).await?;
                let epoch = hex::encode(rand::random::<[u8; 4]>());
                meta::set(tx, meta::EPOCH, &epoch).await?;
                log::note(tx, &ctx, "import", "platform", "", json!({ "rows": rows })).await?;
                Ok(rows)
            })
        })
        .await?;
    Ok(Imported { rows, files: count })
}

async fn empty(tx: &mut Tx) -> Result<()> {
    match tx.first("SELECT 1 AS n FROM appeals LIMIT 1", Vec::new()).await? {
        Some(_) => Err(Fault::conflict("admin-import-not-empty").into()),
        None => Ok(()),
    }
}

/// Takes the archive apart, everything checked: rows beside it, files to their places.
fn unpack(path: &Path, place: &Path, files: &Path) -> std::io::Result<(Vec<String>, u64, i64)> {
    let mut archive = Archive::open(path)?;
    if archive.manifest.kind != ArchiveKind::Export {
        return Err(std::io::Error::other("this is a backup; appeal admin restore takes it"));
    }
    let (mut tables, mut count) = (Vec::new(), 0);
    for name in archive.names() {
        if let Some(digest) = digest_of_entry(&name) {
            keep(&mut archive, &name, &path_of(files, digest))?;
            count += 1;
        } else if let Some(table) = name.strip_prefix(TABLES).and_then(|n| n.strip_suffix(".jsonl")) {
            if !table.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(std::io::Error::other(format!("{name}: not the name of a table")));
            }
            let mut file = std::fs::File::create(place.join(table))?;
            archive.copy(&name, &mut file)?;
            tables.push(table.to_owned());
        }
    }
    Ok((tables, count, archive.manifest.schema))
}

/// Puts a stored file in its place, whole or not at all.
pub fn keep(archive: &mut Archive, name: &str, target: &Path) -> std::io::Result<()> {
    let dir = target.parent().unwrap_or(target);
    create_dir(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    archive.copy(name, &mut file)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|e| e.error)?;
    Ok(())
}

/// Replaces every row. References are looked at when all rows are there.
async fn replace(tx: &mut Tx, tables: &[String], place: &Path) -> Result<BTreeMap<String, u64>> {
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
    tx.raw("DELETE FROM search_terms").await?;
    index(tx).await?;
    let lost = tx.all("SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_check", Vec::new()).await?;
    if let Some(row) = lost.first() {
        return Err(unfit(format!("rows of {} name nothing", row.text("name")?)));
    }
    Ok(rows)
}

async fn insert(tx: &mut Tx, table: &str, row: &Map) -> Result<()> {
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

/// The words of every appeal, for the search.
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
