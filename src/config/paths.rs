//! Where things are kept: the XDG directories, each with an environment variable of its own to move it.

use std::path::PathBuf;

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder of the config file and the credentials.
pub fn config_dir() -> Option<PathBuf> {
    match named("APPEAL_CONFIG") {
        Some(file) => Some(file.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)),
        None => directories::BaseDirs::new().map(|dirs| dirs.config_dir().join("appeal")),
    }
}

/// The config file: `APPEAL_CONFIG`, else `appeal/config.toml` in the XDG config directory.
pub fn config_file() -> Option<PathBuf> {
    named("APPEAL_CONFIG").or_else(|| config_dir().map(|dir| dir.join("config.toml")))
}

/// The data of the embedded platform: `appeal` in the XDG data directory.
pub fn data_dir() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("appeal"))
}

/// The credentials file, beside the config file.
pub fn credentials_file() -> Option<PathBuf> {
    config_dir().map(|dir| dir.join("credentials.toml"))
}
