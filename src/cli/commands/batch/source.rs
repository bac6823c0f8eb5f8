//! The input of a batch. It is read twice, once to check and once to file, so a stream is copied to a temporary file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::reader::Rows;
use crate::cli::base::{Context, Exit, Failure};
use appeal_domain::Finding;
use appeal_i18n::t;

/// The input of a batch.
#[derive(Debug)]
pub struct Source {
    /// Its name in messages.
    pub name: String,
    /// The directory that its paths are relative to.
    pub base: PathBuf,
    /// The default path of its journal.
    pub journal: PathBuf,
    path: PathBuf,
    /// Deletes the temporary file on drop.
    _spooled: Option<tempfile::NamedTempFile>,
}

impl Source {
    /// Opens a file, or stdin for `-`.
    ///
    /// # Errors
    /// It cannot be read (exit 3).
    pub async fn open(ctx: &mut Context, path: &Path) -> Result<Source, Failure> {
        let stdin = path.as_os_str() == "-";
        let name = if stdin { t!(ctx.lang, "place-stdin") } else { path.display().to_string() };
        let unreadable = |error: &io::Error| crate::cli::args::texts::unreadable(&name, error);
        let regular = !stdin && std::fs::metadata(path).map_err(|error| unreadable(&error))?.is_file();
        if regular {
            let base = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut journal = path.as_os_str().to_owned();
            journal.push(".journal.jsonl");
            let base = base.to_owned();
            return Ok(Source { name, base, journal: journal.into(), path: path.to_owned(), _spooled: None });
        }
        if path.is_dir() {
            return Err(unreadable(&io::ErrorKind::IsADirectory.into()));
        }
        let from = (!stdin).then(|| path.to_owned());
        // On its own thread, so that Ctrl-C and --timeout work while it waits.
        let spooled = tokio::task::spawn_blocking(move || spool(from.as_deref())).await;
        let (file, digest) = spooled.map_err(io::Error::other)?.map_err(|error| unreadable(&error))?;
        let journal = PathBuf::from(format!("appeal-batch-{}.journal.jsonl", &digest[..12]));
        let path = file.path().to_owned();
        Ok(Source { name, base: PathBuf::from("."), journal, path, _spooled: Some(file) })
    }

    /// Reads the records from the start.
    ///
    /// # Errors
    /// The file cannot be read. The inner error is a finding: it is not text.
    pub fn rows(&self) -> Result<Result<Rows<io::BufReader<File>>, Box<Finding>>, Failure> {
        let open = File::open(&self.path).and_then(|file| Rows::open(file, &self.name));
        open.map_err(|error| self.unreadable(&error))
    }

    /// The failure of a read in the middle of the file.
    pub fn unreadable(&self, error: &io::Error) -> Failure {
        let exit = Exit::of_file(error);
        Failure { exit, ..crate::cli::args::texts::unreadable(&self.name, error) }
    }
}

/// Copies a stream to a temporary file; returns its digest too.
fn spool(path: Option<&Path>) -> io::Result<(tempfile::NamedTempFile, String)> {
    let mut input: Box<dyn Read> = match path {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin().lock()),
    };
    let mut file = tempfile::Builder::new().prefix("appeal-batch-").tempfile()?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                digest.update(&buffer[..read]);
                file.write_all(&buffer[..read])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    file.flush()?;
    Ok((file, hex::encode(digest.finalize())))
}
