//! Access tokens: from a file, `APPEAL_TOKEN`, or stored by `appeal login`: in the system keyring if available, otherwise
//! in the credentials file, which only its owner can read and which lists what the keyring holds. Never from the command
//! line, and never in the config file.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::keyring::{self, Answer};
use super::paths;

/// Why there is no usable token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    /// Others may read the file.
    #[error("{path} is open to other people of this machine (mode {mode:03o})")]
    Loose { path: PathBuf, mode: u32 },
    /// There is no token in it.
    #[error("{path} has no token in it")]
    Empty { path: PathBuf },
    /// It has something other than one token.
    #[error("{place} has something other than one token: blanks, or characters that no token has")]
    NotToken { place: String },
    /// The keyring has the token but does not return it.
    #[error("the keyring does not give the token of {place}")]
    Keyring { place: String },
    /// There is no directory for it.
    #[error("there is no configuration directory for credentials")]
    Nowhere,
    /// It does not have the expected format.
    #[error("{path}: {message}")]
    Malformed { path: PathBuf, message: String },
}

/// Where a token was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In the credentials file.
    File,
}

/// The variable that holds a token.
const VARIABLE: &str = "APPEAL_TOKEN";

/// Returns whether `APPEAL_TOKEN` has a token.
pub fn in_environment() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|token| !token.to_string_lossy().trim().is_empty())
}

fn from_environment() -> Result<Option<SecretString>, Error> {
    if !in_environment() {
        return Ok(None);
    }
    let strange = || Error::NotToken { place: VARIABLE.to_owned() };
    let text = std::env::var(VARIABLE).map_err(|_| strange())?;
    bare(&text).map(|token| Some(SecretString::from(token))).ok_or_else(strange)
}

/// Returns the token in a text: without a byte order mark, blanks around it, quotes, and what precedes it in a header.
/// `None` if there is something else.
fn bare(text: &str) -> Option<&str> {
    let mut token = text.trim_start_matches('\u{feff}').trim();
    for quote in ['"', '\''] {
        if let Some(inner) = token.strip_prefix(quote).and_then(|token| token.strip_suffix(quote)) {
            token = inner.trim();
        }
    }
    for prefix in ["authorization:", "bearer "] {
        if token.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
            token = token[prefix.len()..].trim();
        }
    }
    let is_one = !token.is_empty() && !token.eq_ignore_ascii_case("bearer");
    (is_one && token.bytes().all(|b| b.is_ascii_graphic())).then_some(token)
}

/// The token for this platform, if there is one: that of the named file, else `APPEAL_TOKEN`, else what was stored.
///
/// # Errors
/// A file that is not there or cannot be used; a value that is not a token.
pub fn token(url: &Url, token_file: Option<&Path>) -> Result<Option<SecretString>, Error> {
    if let Some(path) = token_file {
        return read_token_file(path).map(Some);
    }
    match from_environment()? {
        Some(token) => Ok(Some(token)),
        None => stored_token(url),
    }
}

/// The token that `appeal login` stored for this platform.
///
/// # Errors
/// A file that is there but cannot be used; a keyring that does not answer.
pub fn stored_token(url: &Url) -> Result<Option<SecretString>, Error> {
    match paths::credentials_file() {
        Some(path) if path.exists() => stored(&path, url),
        _ => Ok(None),
    }
}

/// Stores the token for this platform in place of the one before.
///
/// # Errors
/// The credentials file cannot be read or written.
pub fn store(url: &Url, token: &SecretString) -> Result<Kept, Error> {
    let place = origin(url);
    change(|document| {
        drop_entry(document, "tokens", &place);
        drop_entry(document, "keyring", &place);
        let kept = match keyring::set(&place, token) {
            Answer::Done(()) => Kept::Keyring,
            Answer::Silent => Kept::File,
        };
        match kept {
            Kept::Keyring => entry(document, "keyring", &place, true.into()),
            Kept::File => entry(document, "tokens", &place, token.expose_secret().into()),
        }
        kept
    })
}

/// The secret of this device for a platform, which an earlier sign-in returned. Without it, signing in is only less
/// convenient, so that a file that cannot be read is no failure.
pub fn device(url: &Url) -> Option<SecretString> {
    let path = paths::credentials_file().filter(|path| path.exists())?;
    let document: toml_edit::DocumentMut = read_private(&path).ok()?.parse().ok()?;
    let secret = document.get("devices")?.get(origin(url))?.as_str()?;
    Some(SecretString::from(secret))
}

/// Stores the secret of this device for a platform.
///
/// # Errors
/// The credentials file cannot be read or written.
pub fn store_device(url: &Url, secret: &str) -> Result<(), Error> {
    let place = origin(url);
    change(|document| entry(document, "devices", &place, secret.into()))
}

/// Forgets the token for this platform; false where there was none.
///
/// # Errors
/// The credentials file cannot be read or written.
pub fn forget(url: &Url) -> Result<bool, Error> {
    let place = origin(url);
    if !paths::credentials_file().is_some_and(|path| path.exists()) {
        return Ok(false);
    }
    change(|document| {
        let in_file = drop_entry(document, "tokens", &place);
        let in_keyring = drop_entry(document, "keyring", &place);
        if in_keyring && let Answer::Silent = keyring::forget(&place) {
            // If the keyring is not available, there is nothing to delete; the token is revoked anyway.
            return true;
        }
        in_file || in_keyring
    })
}

fn entry(document: &mut toml_edit::DocumentMut, table: &str, place: &str, value: toml_edit::Value) {
    let table = document.entry(table).or_insert_with(toml_edit::table);
    if let Some(table) = table.as_table_like_mut() {
        table.insert(place, toml_edit::Item::Value(value));
    }
}

fn drop_entry(document: &mut toml_edit::DocumentMut, table: &str, place: &str) -> bool {
    let table = document.get_mut(table).and_then(|table| table.as_table_like_mut());
    table.is_some_and(|table| table.remove(place).is_some())
}

/// Changes the credentials file under a lock: reads it, changes it and replaces it with a file that only its owner can
/// read.
fn change<T>(work: impl FnOnce(&mut toml_edit::DocumentMut) -> T) -> Result<T, Error> {
    use std::io::Write as _;
    let path = paths::credentials_file().ok_or(Error::Nowhere)?;
    let unusable = |error| Error::Unreadable { path: path.clone(), error };
    let dir = path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    std::fs::create_dir_all(&dir).map_err(unusable)?;
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.with_extension("lock"))
        .map_err(unusable)?;
    lock.lock().map_err(unusable)?;
    let text = if path.exists() { read_private(&path)? } else { String::new() };
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|_| Error::Malformed { path: path.clone(), message: "it is not TOML".to_owned() })?;
    let result = work(&mut document);
    // Only the owner can read a new temporary file.
    let mut file = tempfile::NamedTempFile::new_in(&dir).map_err(unusable)?;
    file.write_all(document.to_string().as_bytes()).map_err(unusable)?;
    file.as_file().sync_all().map_err(unusable)?;
    file.persist(&path).map_err(|error| unusable(error.error))?;
    Ok(result)
}

/// Reads a file that contains only a token, as people and programs write it. It is the user's own file, so its
/// permissions are the user's choice (secrets mounted into a container are often readable by all): see
/// [`open_to_others`].
///
/// # Errors
/// It cannot be read, is empty, or has something else.
pub fn read_token_file(path: &Path) -> Result<SecretString, Error> {
    let secret = read_secret_file(path)?;
    let token = bare(secret.expose_secret()).map(SecretString::from);
    token.ok_or_else(|| Error::NotToken { place: path.display().to_string() })
}

/// Reads a file that contains only a secret, which may be any text.
///
/// # Errors
/// It cannot be read, or is empty.
pub fn read_secret_file(path: &Path) -> Result<SecretString, Error> {
    let text = opened(path).and_then(|file| text_of(path, file))?;
    match text.trim_start_matches('\u{feff}').trim() {
        "" => Err(Error::Empty { path: path.to_owned() }),
        token => Ok(SecretString::from(token)),
    }
}

fn stored(path: &Path, url: &Url) -> Result<Option<SecretString>, Error> {
    let text = read_private(path)?;
    let malformed = |message: String| Error::Malformed { path: path.to_owned(), message };
    // The parser's own message would quote the line, and the line may hold a token.
    let document: toml_edit::DocumentMut =
        text.parse().map_err(|_| malformed("it is not TOML".to_owned()))?;
    let token = document
        .get("tokens")
        .and_then(|tokens| tokens.get(origin(url)))
        .and_then(|token| token.as_str())
        .filter(|token| !token.trim().is_empty());
    if let Some(token) = token {
        return Ok(Some(SecretString::from(token.trim())));
    }
    let place = origin(url);
    if document.get("keyring").and_then(|keyring| keyring.get(&place)).is_none() {
        return Ok(None);
    }
    match keyring::get(&place) {
        Answer::Done(token) => Ok(token),
        Answer::Silent => Err(Error::Keyring { place }),
    }
}

/// The key of a platform in the credentials file: scheme, host and port.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The permissions of a file that other users of this machine can read or change.
pub fn open_to_others(path: &Path) -> Option<u32> {
    loose(&std::fs::metadata(path).ok()?)
}

#[cfg(unix)]
fn loose(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    // A pipe (`--token-file <(pass …)`) belongs to the user who created it, and is gone after it has been read.
    (metadata.is_file() && mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn loose(_: &std::fs::Metadata) -> Option<u32> {
    None
}

fn opened(path: &Path) -> Result<std::fs::File, Error> {
    std::fs::File::open(path).map_err(|error| Error::Unreadable { path: path.to_owned(), error })
}

fn text_of(path: &Path, file: std::fs::File) -> Result<String, Error> {
    use std::io::Read;
    let unreadable = |error| Error::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    file.take(64 * 1024).read_to_end(&mut bytes).map_err(unreadable)?;
    // Windows PowerShell writes UTF-16.
    let units = |of: fn([u8; 2]) -> u16, bytes: &[u8]| -> Vec<u16> {
        bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect()
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => String::from_utf16(&units(u16::from_le_bytes, rest)).ok(),
        [0xfe, 0xff, rest @ ..] => String::from_utf16(&units(u16::from_be_bytes, rest)).ok(),
        _ => String::from_utf8(bytes).ok(),
    };
    text.ok_or_else(|| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, "this is not text")))
}

/// Reads the file written by this tool. Permissions that differ from those it was created with mean that somebody else
/// changed it.
fn read_private(path: &Path) -> Result<String, Error> {
    let file = opened(path)?;
    let metadata = file.metadata().map_err(|error| Error::Unreadable { path: path.to_owned(), error })?;
    if let Some(mode) = loose(&metadata) {
        return Err(Error::Loose { path: path.to_owned(), mode });
    }
    text_of(path, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let _ = mode;
        file
    }

    #[test]
    fn a_token_file_gives_its_token() {
        let file = written("  secret-1\n", 0o600);
        assert_eq!(read_token_file(file.path()).unwrap().expose_secret(), "secret-1");
        assert!(matches!(read_token_file(written("\n", 0o600).path()), Err(Error::Empty { .. })));
    }

    #[test]
    fn a_token_is_taken_as_it_is_usually_written() {
        for text in [
            "\u{feff}apl_1",
            "\"apl_1\"\n",
            "'apl_1'",
            "Bearer apl_1",
            "\"bearer apl_1\"",
            "Authorization: Bearer apl_1\r\n",
        ] {
            assert_eq!(bare(text), Some("apl_1"), "{text:?}");
        }
        for text in ["", "\"\"", "Bearer", "apl_1 apl_2", "apl_1\napl_2", "токен", "token = \"apl_1\""] {
            assert_eq!(bare(text), None, "{text:?}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let wide: Vec<u8> = "\u{feff}apl_1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(file.path(), wide).unwrap();
        assert_eq!(read_token_file(file.path()).unwrap().expose_secret(), "apl_1");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_noticed() {
        let url = Url::parse("https://a.example").unwrap();
        for mode in [0o640, 0o604, 0o644, 0o660] {
            let file = written("x=1", mode);
            assert_eq!(open_to_others(file.path()), Some(mode));
            assert!(matches!(stored(file.path(), &url), Err(Error::Loose { .. })), "{mode:o}");
            read_token_file(file.path()).unwrap();
        }
        assert_eq!(open_to_others(written("x", 0o600).path()), None);
    }

    #[test]
    fn the_credentials_file_is_kept_by_platform() {
        let file = written(
            "[tokens]\n\"https://a.example\" = \"one\"\n\"http://b.example:8080\" = \"two\"\n",
            0o600,
        );
        let token = |url: &str| stored(file.path(), &Url::parse(url).unwrap()).unwrap();
        assert_eq!(token("https://a.example/").unwrap().expose_secret(), "one");
        assert_eq!(token("http://b.example:8080/x").unwrap().expose_secret(), "two");
        assert!(token("http://a.example").is_none());
    }

    #[test]
    fn a_broken_credentials_file_does_not_show_its_lines() {
        let file = written("tokens = top-secret", 0o600);
        let error = stored(file.path(), &Url::parse("http://a").unwrap()).unwrap_err();
        assert!(!error.to_string().contains("top-secret"));
    }
}
