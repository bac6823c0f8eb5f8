//! The config file: profiles and the default one. It never holds a secret; tokens are in [`credentials`].
//!
//! ```toml
//! default_profile = "work"
//!
//! [profiles.work]
//! server = "https://appeals.example"
//! token_file = "/home/me/.appeal-token"
//! ```

pub mod credentials;
pub mod keyring;
pub mod paths;

use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use appeal_i18n::{Lang, Message, message};

/// Settings that a profile may have.
pub const PROFILE_KEYS: [&str; 7] = ["server", "data_dir", "as", "output", "lang", "token_file", "color"];

/// One profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// A URL, or `local`.
    pub server: Option<String>,
    /// Data of the local platform.
    pub data_dir: Option<PathBuf>,
    /// Person of the local platform.
    pub as_: Option<String>,
    /// Format of results.
    pub output: Option<String>,
    /// `en` or `ru`.
    pub lang: Option<String>,
    /// File with the access token.
    pub token_file: Option<PathBuf>,
    /// When to colour.
    pub color: Option<String>,
}

/// What is wrong with the config file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: std::io::Error },
    /// It is not TOML, or a setting has a value of the wrong type.
    #[error("{path}:{line}: {message}")]
    Malformed { path: PathBuf, line: usize, message: String },
    /// No such setting.
    #[error("there is no setting '{0}'")]
    UnknownKey(String),
    /// A value that the setting cannot have.
    #[error("{key}: {}", .message.text(Lang::En))]
    BadValue { key: String, message: Message },
}

/// The config file, as read; comments and order are kept when it is saved.
#[derive(Debug, Clone)]
pub struct Config {
    path: PathBuf,
    document: DocumentMut,
}

/// A setting's place in the file.
enum Key<'a> {
    DefaultProfile,
    Profile(&'a str, &'a str),
}

fn parse_key(key: &str) -> Result<Key<'_>, Error> {
    let unknown = || Error::UnknownKey(key.to_owned());
    if key == "default_profile" {
        return Ok(Key::DefaultProfile);
    }
    let rest = key.strip_prefix("profiles.").ok_or_else(unknown)?;
    let (name, setting) = rest.rsplit_once('.').ok_or_else(unknown)?;
    if name.is_empty() || !PROFILE_KEYS.contains(&setting) {
        return Err(unknown());
    }
    Ok(Key::Profile(name, setting))
}

/// Says what is wrong with a value of a setting.
fn check(setting: &str, value: &str) -> Result<(), Message> {
    let one_of = |words: &[&str]| {
        if words.contains(&value) {
            Ok(())
        } else {
            Err(message!("value-setting", value, words = words.join(", ")))
        }
    };
    match setting {
        "server" if value == "local" => Ok(()),
        "server" => match url::Url::parse(value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if url.password().is_some() || !url.username().is_empty() {
                    return Err(message!("value-setting-password"));
                }
                Ok(())
            }
            _ => Err(message!("value-setting-server", value)),
        },
        "output" => one_of(&["table", "json", "jsonl", "csv", "plain"]),
        "lang" => one_of(&["auto", "en", "ru"]),
        "color" => one_of(&["auto", "always", "never"]),
        _ if value.is_empty() => Err(message!("value-setting-empty")),
        _ => Ok(()),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

impl Config {
    /// The path of the config file: `APPEAL_CONFIG`, else in the XDG config directory; `None` without a home directory.
    pub fn default_path() -> Option<PathBuf> {
        paths::config_file()
    }

    /// Reads and checks the file. An absent one is empty.
    ///
    /// # Errors
    /// With file, line and what is wrong.
    pub fn load(path: &Path) -> Result<Config, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::Io { path: path.to_owned(), error }),
        };
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Config, Error> {
        let malformed = |offset: Option<usize>, message: String| Error::Malformed {
            path: path.to_owned(),
            line: line_of(text, offset.unwrap_or(0)),
            message,
        };
        // Spans are known only before the document becomes mutable.
        let parsed = toml_edit::Document::parse(text)
            .map_err(|error| malformed(error.span().map(|s| s.start), error.message().trim().to_owned()))?;
        for (key, item) in parsed.iter() {
            let at = item.span().map(|s| s.start);
            match key {
                "default_profile" if item.is_str() => {}
                "default_profile" => {
                    return Err(malformed(at, "default_profile must be a string".to_owned()));
                }
                "profiles" => {
                    let profiles = item.as_table_like().ok_or_else(|| {
                        malformed(at, "profiles must be tables: [profiles.NAME]".to_owned())
                    })?;
                    for (name, profile) in profiles.iter() {
                        let at = profile.span().map(|s| s.start).or(at);
                        let settings = profile.as_table_like().ok_or_else(|| {
                            malformed(at, format!("profiles.{name} must be a table: [profiles.{name}]"))
                        })?;
                        for (setting, item) in settings.iter() {
                            let at = item.span().map(|s| s.start).or(at);
                            if !PROFILE_KEYS.contains(&setting) {
                                let known = PROFILE_KEYS.join(", ");
                                let message =
                                    format!("unknown setting '{setting}' of a profile; known: {known}");
                                return Err(malformed(at, message));
                            }
                            let Some(value) = item.as_str() else {
                                return Err(malformed(at, format!("{setting} must be a string")));
                            };
                            check(setting, value)
                                .map_err(|m| malformed(at, format!("{setting}: {}", m.text(Lang::En))))?;
                        }
                    }
                }
                _ => {
                    let message = format!("unknown setting '{key}'; known: default_profile, profiles");
                    return Err(malformed(at, message));
                }
            }
        }
        Ok(Config { path: path.to_owned(), document: parsed.into_mut() })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole file, as it would be saved.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Every setting with its value, in the order of the file: `profiles.work.server`, …
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> =
            self.default_profile().map(|name| ("default_profile".to_owned(), name)).into_iter().collect();
        if let Some(profiles) = self.document.get("profiles").and_then(Item::as_table_like) {
            for (name, profile) in profiles.iter() {
                for (setting, item) in profile.as_table_like().into_iter().flat_map(|t| t.iter()) {
                    if let Some(value) = item.as_str() {
                        all.push((format!("profiles.{name}.{setting}"), value.to_owned()));
                    }
                }
            }
        }
        all
    }

    /// The value of a setting, where the file has it.
    ///
    /// # Errors
    /// No such setting.
    pub fn get(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(match parse_key(key)? {
            Key::DefaultProfile => self.default_profile(),
            Key::Profile(name, setting) => self.setting(name, setting),
        })
    }

    fn setting(&self, name: &str, setting: &str) -> Option<String> {
        self.document.get("profiles")?.get(name)?.get(setting)?.as_str().map(str::to_owned)
    }

    /// Changes a setting, creating its profile if needed, without saving the file.
    ///
    /// # Errors
    /// No such setting, or a value it cannot have.
    pub fn set(&mut self, key: &str, to: &str) -> Result<(), Error> {
        let bad = |message| Error::BadValue { key: key.to_owned(), message };
        match parse_key(key)? {
            Key::DefaultProfile => {
                if self.profile(to).is_none() {
                    return Err(bad(message!("value-setting-profile", name = to)));
                }
                // Keeps the comment after the old value.
                set_value(self.document.as_table_mut(), "default_profile", to);
            }
            Key::Profile(name, setting) => {
                check(setting, to).map_err(bad)?;
                let profiles = self.document.entry("profiles").or_insert_with(|| {
                    let mut table = Table::new();
                    table.set_implicit(true);
                    Item::Table(table)
                });
                let profiles =
                    profiles.as_table_like_mut().ok_or_else(|| Error::UnknownKey(key.to_owned()))?;
                if !profiles.contains_key(name) {
                    profiles.insert(name, Item::Table(Table::new()));
                }
                let profile = profiles
                    .get_mut(name)
                    .and_then(Item::as_table_like_mut)
                    .ok_or_else(|| Error::UnknownKey(key.to_owned()))?;
                set_value(profile, setting, to);
            }
        }
        Ok(())
    }

    /// Removes a setting; true where it was there. Nothing is saved.
    ///
    /// # Errors
    /// No such setting.
    pub fn unset(&mut self, key: &str) -> Result<bool, Error> {
        Ok(match parse_key(key)? {
            Key::DefaultProfile => self.document.remove("default_profile").is_some(),
            Key::Profile(name, setting) => self
                .document
                .get_mut("profiles")
                .and_then(|profiles| profiles.get_mut(name))
                .and_then(Item::as_table_like_mut)
                .is_some_and(|profile| profile.remove(setting).is_some()),
        })
    }

    /// Name of the default profile.
    pub fn default_profile(&self) -> Option<String> {
        self.document.get("default_profile")?.as_str().map(str::to_owned)
    }

    /// A profile.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        self.document.get("profiles")?.get(name)?.as_table_like()?;
        let setting = |key| self.setting(name, key);
        Some(Profile {
            server: setting("server"),
            data_dir: setting("data_dir").map(PathBuf::from),
            as_: setting("as"),
            output: setting("output"),
            lang: setting("lang"),
            token_file: setting("token_file").map(PathBuf::from),
            color: setting("color"),
        })
    }

    /// The named profile, else the default one.
    pub fn chosen(&self, name: Option<&str>) -> Option<Profile> {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => self.profile(name),
            None => self.profile(&self.default_profile()?),
        }
    }

    /// Every profile with its name, in the order of the file.
    pub fn profiles(&self) -> Vec<(String, Profile)> {
        let names: Vec<String> = self
            .document
            .get("profiles")
            .and_then(Item::as_table_like)
            .map(|profiles| profiles.iter().map(|(name, _)| name.to_owned()).collect())
            .unwrap_or_default();
        names.into_iter().filter_map(|name| self.profile(&name).map(|p| (name, p))).collect()
    }

    /// Removes a profile, and with it a default that names it; true where it was there. Nothing is saved.
    pub fn remove_profile(&mut self, name: &str) -> bool {
        let removed = self
            .document
            .get_mut("profiles")
            .and_then(Item::as_table_like_mut)
            .is_some_and(|profiles| profiles.remove(name).is_some());
        if removed && self.default_profile().as_deref() == Some(name) {
            self.document.remove("default_profile");
        }
        removed
    }

    /// Saves the file atomically: writes a temporary file next to it and renames it.
    ///
    /// # Errors
    /// The directory cannot be created or written.
    pub fn save(&self) -> Result<(), Error> {
        // A symbolic link (to a file in a dotfiles directory) stays a link: its target is replaced.
        let target = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let fail = |error| Error::Io { path: target.clone(), error };
        let dir = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).map_err(fail)?;
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(fail)?;
        file.write_all(self.document.to_string().as_bytes()).map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        file.persist(&target).map_err(|error| fail(error.error))?;
        Ok(())
    }
}

fn set_value(table: &mut dyn toml_edit::TableLike, key: &str, to: &str) {
    let mut new = toml_edit::Value::from(to);
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, value(new));
}

#[cfg(test)]
mod tests;
