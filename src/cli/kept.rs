//! What a person has written is not lost when sending fails: before anything is sent, the record with its idempotency
//! key is kept in a file of the state directory, and it is removed when the appeal is filed. `create --from FILE`
//! goes on with it under the same key, so that nothing is filed twice.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::record::Record;

/// A record kept on disk.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
}

/// Where records are kept: `appeal/unsent` in the XDG state directory.
pub fn directory() -> Option<PathBuf> {
    crate::config::paths::state_dir().map(|dir| dir.join("unsent"))
}

impl Kept {
    /// Keeps the record under its key.
    ///
    /// # Errors
    /// The directory or the file cannot be written.
    pub fn keep(record: &Record, key: &str) -> io::Result<Self> {
        let dir = directory().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Self::keep_in(&dir, record, key)
    }

    fn keep_in(dir: &Path, record: &Record, key: &str) -> io::Result<Self> {
        private_dir(dir)?;
        let mut record = record.clone();
        record.key = Some(key.to_owned());
        record.template = None;
        record.resolve(&std::env::current_dir()?);
        let mut text = serde_json::to_vec_pretty(&record.to_json())?;
        text.push(b'\n');
        // The file is readable by its owner alone.
        let mut file = tempfile::Builder::new().prefix(".appeal-").suffix(".part").tempfile_in(dir)?;
        file.write_all(&text)?;
        let name: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .take(100)
            .collect();
        let path = dir.join(format!("{name}.json"));
        file.persist(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is, as an argument of a shell.
    pub fn argument(&self) -> String {
        let path = self.path.to_string_lossy();
        let bare = |c: char| c.is_alphanumeric() || "/._-~+:@%".contains(c);
        if path.chars().all(bare) { path.into_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
    }

    /// Removes it: the appeal is filed, or nothing is lost.
    pub fn discard(self) {
        // One that stays is only a file too many: its key files nothing twice.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes the kept file that the appeal was filed from, if it is one of ours.
pub fn filed(from: &Path) {
    let inside = |dir: PathBuf| {
        let (Ok(dir), Ok(from)) = (dir.canonicalize(), from.canonicalize()) else { return false };
        from.parent() == Some(dir.as_path())
    };
    if directory().is_some_and(inside) {
        let _ = std::fs::remove_file(from);
    }
}

#[cfg(unix)]
fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn private_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_record_is_read_back_with_its_key_and_whole_paths() {
        let dir = tempfile::tempdir().unwrap();
        let record = Record {
            subject: Some("Тема".into()),
            text: Some(" текст\r\n".into()),
            attach: vec!["a.pdf".into()],
            template: Some("t".into()),
            ..Record::default()
        };
        let kept = Kept::keep_in(&dir.path().join("unsent"), &record, "k/1").unwrap();
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(kept.path()).unwrap()).unwrap();
        let back = Record::from_map(serde_json::from_value(json).unwrap()).unwrap();
        assert_eq!(back.text, record.text);
        assert_eq!(back.key.as_deref(), Some("k/1"));
        assert!(back.attach[0].is_absolute() && back.template.is_none());
        let path = kept.path().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
        kept.discard();
        assert!(!path.exists());
    }
}
