//! Importing an export into a platform without appeals: rows, numbers and journals are preserved.

use std::path::Path;

use serde_json::json;

use super::log;
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::store::db::Tx;
use crate::store::import::{self as rows, ImportError};
use crate::store::{blobs, meta, status};
use appeal_api::Imported;
use appeal_domain::Finding;
use appeal_files::backup::{Archive, ArchiveKind, TABLES, digest_of_entry};

fn unfit(error: impl ToString) -> Fault {
    Fault::invalid(vec![Finding::error("admin-archive", "").arg("error", error)])
}

/// Imports an export. It replaces everything the platform had, including people.
///
/// # Errors
/// 409: the platform has appeals. 422: the archive is damaged, not an export, or of a newer version.
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
                if newest > status::schema(tx).await? {
                    return Err(unfit(format!("schema {newest} is newer than this program")));
                }
                let rows = rows::replace(tx, &tables, &place, newest).await.map_err(|error| match error {
                    ImportError::Unfit(reason) => unfit(reason),
                    ImportError::Fault(fault) => fault,
                })?;
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
    if rows::has_appeals(tx).await? {
        return Err(Fault::conflict("admin-import-not-empty").into());
    }
    Ok(())
}

/// Extracts and verifies the archive: rows next to it, files to their destination.
fn unpack(path: &Path, place: &Path, files: &Path) -> std::io::Result<(Vec<String>, u64, i64)> {
    let mut archive = Archive::open(path)?;
    if archive.manifest.kind != ArchiveKind::Export {
        return Err(std::io::Error::other("this is a backup; appeal admin restore takes it"));
    }
    let (mut tables, mut count) = (Vec::new(), 0);
    for name in archive.names() {
        if let Some(digest) = digest_of_entry(&name) {
            blobs::unpack(&mut archive, &name, &blobs::path_of(files, digest))?;
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
