//! Creating archives of a running platform (O4). `VACUUM INTO` copies a snapshot of the database without blocking
//! writers; files that the copy refers to are not deleted until the archive is complete. The archive is streamed, so
//! memory does not grow with its size.
//!
//! The archive contains no readable secrets: passwords are argon2id hashes and tokens SHA-256 digests. It still
//! contains everything the platform knows.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::log;
use crate::app::App;
use crate::fault::{DbError, Fault, Result};
use crate::service::context::Ctx;
use crate::store::blobs::{digest_of_file, path_of};
use crate::store::copy::Copy;
use crate::store::db::Tx;
use crate::store::sqlite::create_dir;
use crate::store::{backups, fresh_id};
use appeal_files::backup::*;

/// Number of pieces buffered for the recipient.
const AHEAD: usize = 16;
/// Size of a piece, in bytes.
const PIECE: usize = 64 * 1024;

/// An archive being sent.
pub struct Sending {
    /// Its id.
    pub id: String,
    /// Its bytes; an error ends it.
    pub pieces: mpsc::Receiver<io::Result<Bytes>>,
}

/// Starts creating an archive.
///
/// # Errors
/// There is not enough space for the copy of the database, or the database fails.
pub async fn begin(app: &App, ctx: &Ctx, kind: ArchiveKind) -> Result<Sending> {
    super::allowed(&ctx.caller)?;
    let id = fresh_id();
    let (row, person) = (id.clone(), ctx.clone());
    app.db()
        .write(move |tx| {
            let (row, ctx) = (row.clone(), person.clone());
            Box::pin(async move { backups::begin(tx, &row, &ctx.caller.login, ctx.now).await })
        })
        .await?;
    let copy = match copy(app).await {
        Ok(copy) => copy,
        Err(fault) => {
            forget(app, &id).await?;
            return Err(fault);
        }
    };
    let (sender, pieces) = mpsc::channel(AHEAD);
    let work = Work { id: id.clone(), kind, now: ctx.now, copy, files: app.files().to_owned() };
    let (app, ctx, done) = (app.clone(), ctx.clone(), id.clone());
    tokio::spawn(async move {
        let handle = Handle::current();
        let last = sender.clone();
        let made = tokio::task::spawn_blocking(move || {
            let mut out = Pieces { sender, buffer: Vec::with_capacity(PIECE), sent: 0 };
            let result = work.write(&handle, &mut out);
            result.and_then(|files| {
                out.flush()?;
                Ok((files, out.sent))
            })
        });
        let made = made.await.map_err(io::Error::other).and_then(|made| made);
        let outcome = match &made {
            Ok((files, bytes)) => finish(&app, &ctx, kind, &done, *files, *bytes).await,
            Err(_) => forget(&app, &done).await,
        };
        if let Err(fault) = outcome {
            tracing::error!(error = %fault, "the archive was not noted");
        }
        if let Err(error) = made {
            tracing::error!(%error, "the archive was not made");
            // The recipient must not take a truncated archive for a complete one.
            let _ = last.send(Err(error)).await;
        }
    });
    Ok(Sending { id, pieces })
}

async fn copy(app: &App) -> Result<NamedTempFile> {
    let dir = app.files().join("tmp");
    let file = tokio::task::spawn_blocking(move || {
        create_dir(&dir)?;
        // Readable by its owner only, and empty, as VACUUM requires.
        tempfile::Builder::new().prefix("copy-").suffix(".db").tempfile_in(&dir)
    })
    .await
    .map_err(|e| Fault::Internal(e.to_string()))??;
    let path = file.path().to_str().ok_or_else(|| Fault::Internal("a path that is no text".to_owned()))?;
    Copy::make(&mut app.db().connection().await?, path).await?;
    Ok(file)
}

async fn forget(app: &App, id: &str) -> Result<()> {
    let id = id.to_owned();
    app.db()
        .write(move |tx| {
            let id = id.clone();
            Box::pin(async move { backups::forget(tx, &id).await })
        })
        .await
}

async fn finish(app: &App, ctx: &Ctx, kind: ArchiveKind, id: &str, files: u64, bytes: u64) -> Result<()> {
    let (id, ctx) = (id.to_owned(), ctx.clone());
    app.db()
        .write(move |tx| {
            let (id, ctx) = (id.clone(), ctx.clone());
            Box::pin(async move {
                let action = if kind == ArchiveKind::Backup {
                    backups::sent(tx, &id, files, bytes).await?;
                    "backup"
                } else {
                    backups::forget(tx, &id).await?;
                    "export"
                };
                log::note(tx, &ctx, action, "platform", &id, json!({ "files": files, "bytes": bytes })).await
            })
        })
        .await
}

/// Records that the recipient of a backup verified it.
///
/// # Errors
/// 404: there is no such backup.
pub async fn verified(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<()> {
    super::allowed(&ctx.caller)?;
    if !backups::verified(tx, id, ctx.now).await? {
        return Err(Fault::not_found(id));
    }
    log::note(tx, ctx, "verified", "platform", id, json!({})).await
}

/// A writer that passes its bytes to the recipient of the archive.
struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
    sent: u64,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.sent += piece.len() as u64;
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the recipient has disconnected"))
    }
}

type Zip<'a> = ZipWriter<StreamWriter<&'a mut Pieces>>;

struct Work {
    id: String,
    kind: ArchiveKind,
    now: jiff::Timestamp,
    copy: NamedTempFile,
    files: PathBuf,
}

/// Text is compressed; stored files are not.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600)
}

impl Work {
    /// Writes the archive; returns the number of stored files.
    fn write(&self, handle: &Handle, out: &mut Pieces) -> io::Result<u64> {
        let mut zip = ZipWriter::new_stream(out);
        let mut db = handle.block_on(Copy::open(self.copy.path())).map_err(io::Error::other)?;
        let mut manifest = handle.block_on(self.manifest(&mut db)).map_err(io::Error::other)?;
        match self.kind {
            ArchiveKind::Backup => {
                zip.start_file(DATABASE, options(CompressionMethod::Deflated))?;
                let digest = pour(&mut std::fs::File::open(self.copy.path())?, &mut zip)?;
                manifest.entries.insert(DATABASE.to_owned(), digest);
            }
            ArchiveKind::Export => {
                let tables: Vec<String> = manifest.rows.keys().cloned().collect();
                for table in tables {
                    let digest = export(handle, &mut db, &table, &mut zip)?;
                    manifest.entries.insert(format!("{TABLES}{table}.jsonl"), digest);
                }
            }
        }
        let mut after = String::new();
        let mut files = 0;
        loop {
            let page = handle.block_on(db.digests(&after)).map_err(io::Error::other)?;
            let Some(last) = page.last() else { break };
            after.clone_from(last);
            for sha256 in page {
                match self.file(&sha256, &mut zip)? {
                    Some(digest) => {
                        files += 1;
                        manifest.entries.insert(format!("{FILES}{sha256}"), digest);
                    }
                    None => manifest.broken.push(sha256),
                }
            }
        }
        zip.start_file(MANIFEST, options(CompressionMethod::Deflated))?;
        serde_json::to_writer(&mut zip, &manifest).map_err(io::Error::other)?;
        zip.finish()?;
        Ok(files)
    }

    /// Adds a stored file, if its bytes still match its digest; a damaged file must not prevent saving the rest.
    fn file(&self, sha256: &str, zip: &mut Zip<'_>) -> io::Result<Option<EntryDigest>> {
        let path = path_of(&self.files, sha256);
        match digest_of_file(&path) {
            Ok((actual, _)) if actual == sha256 => {}
            _ => return Ok(None),
        }
        zip.start_file(format!("{FILES}{sha256}"), options(CompressionMethod::Stored))?;
        let digest = pour(&mut std::fs::File::open(&path)?, zip)?;
        if digest.sha256 != sha256 {
            return Err(io::Error::other(format!("{sha256}: changed while it was read")));
        }
        Ok(Some(digest))
    }

    async fn manifest(&self, db: &mut Copy) -> std::result::Result<Manifest, DbError> {
        let mut rows = BTreeMap::new();
        for table in db.tables().await? {
            let count = db.count(&table).await?;
            rows.insert(table, count);
        }
        Ok(Manifest {
            kind: self.kind,
            format: 1,
            id: self.id.clone(),
            made_at: self.now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: db.schema().await?,
            epoch: db.epoch().await?,
            rows,
            entries: BTreeMap::new(),
            broken: Vec::new(),
        })
    }
}

/// Writes a table as JSON Lines.
fn export(handle: &Handle, db: &mut Copy, table: &str, zip: &mut Zip<'_>) -> io::Result<EntryDigest> {
    zip.start_file(format!("{TABLES}{table}.jsonl"), options(CompressionMethod::Deflated))?;
    let columns = handle.block_on(db.columns(table)).map_err(io::Error::other)?;
    let mut digest = Sha256::new();
    let (mut bytes, mut after) = (0, i64::MIN);
    loop {
        let page = handle.block_on(db.lines(table, &columns, after)).map_err(io::Error::other)?;
        if page.is_empty() {
            return Ok(EntryDigest { sha256: hex::encode(digest.finalize()), bytes });
        }
        for (place, mut line) in page {
            after = place;
            line.push('\n');
            digest.update(line.as_bytes());
            bytes += line.len() as u64;
            zip.write_all(line.as_bytes())?;
        }
    }
}

/// Copies everything; returns digest and size.
fn pour(from: &mut std::fs::File, to: &mut impl Write) -> io::Result<EntryDigest> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(EntryDigest { sha256: hex::encode(digest.finalize()), bytes });
        }
        let chunk = buffer.get(..read).unwrap_or_default();
        digest.update(chunk);
        to.write_all(chunk)?;
        bytes += read as u64;
    }
}
